"""Figures of drivers: those come first that alone kill most a second."""

from __future__ import annotations

import dataclasses
from typing import cast

from assay_conformance.evidence import Response
from assay_mutants.driver_figures import DriverFigures, driver_figures, summed
from assay_mutants.live import Course
from assay_mutants.model import HttpMutant, Mutant
from assay_mutants.offline import Bench
from assay_mutants.outcomes import Fate


def test_contracts_add_up() -> None:
    """Kills are added; the longest time counts."""
    found = summed([DriverFigures("walk", 1.0, 4, 2), DriverFigures("walk", 3.0, 5, 1)])

    assert found == (DriverFigures("walk", 3.0, 9, 3),)


def test_the_order_is_by_what_a_driver_alone_kills_a_second() -> None:
    """A driver that kills much, but nothing that others miss, comes after one that kills something of its own."""
    found = summed(
        [
            DriverFigures("idle", 0.0, 0, 0),
            DriverFigures("wide", 1.0, 400, 0),
            DriverFigures("slow", 30.0, 70, 2),
            DriverFigures("own", 2.0, 9, 8),
        ]
    )

    assert [row.driver for row in found] == ["own", "slow", "wide", "idle"]


class Verdicts:
    """A bench on which these mutants are killed, and which notes what it is asked."""

    def __init__(self, *killed: str) -> None:
        self.killed = killed
        self.tried: list[tuple[str, frozenset[str]]] = []

    def trial(self, mutant: Mutant, *, only: frozenset[str]) -> Verdicts:
        """The trial of one mutant by some clauses."""
        self.tried.append((mutant.id, only))
        return self

    def fate(self, breaks: frozenset[str]) -> Fate:
        """What became of the last one."""
        return Fate.KILLED if self.tried[-1][0] in self.killed else Fate.SURVIVED


async def idle(*_: object) -> None:
    """A driver."""


def course(name: str, bench: Verdicts, *reaches: str) -> Course:
    """A driver that took two seconds and whose evidence lets these clauses pass."""
    return Course(name, idle, 2.0, cast("Bench", bench), frozenset(reaches))


def mutant(id: str, *breaks: str) -> HttpMutant:
    """A mutant that breaks these clauses."""

    def unchanged(*_: object) -> Response:
        raise AssertionError

    return HttpMutant(id, "read", frozenset(breaks), unchanged, None)


def test_a_driver_kills_alone_what_no_other_one_kills() -> None:
    """It is not asked about clauses that its evidence never evaluates; a mutant that no evidence shows counts where a clause passes."""
    walk, feed = Verdicts("a", "b"), Verdicts("b")
    unseen = dataclasses.replace(mutant("c", "OP-002"), live_only=True)
    mutants = (mutant("a", "OP-001"), mutant("b", "OP-001", "STR-001"), unseen)

    found = driver_figures([course("walk", walk, "OP-001", "OP-002"), course("feed", feed, "STR-001")], mutants)

    assert found == (DriverFigures("walk", 2.0, 3, 2), DriverFigures("feed", 2.0, 1, 0))
    assert feed.tried == [("b", frozenset({"STR-001"}))]
