"""What a run exercised: how often each clause was evaluated for each subject, and what a later run exercised less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assay_conformance.verdicts import Outcome

LEAST_SHARE = 0.5
"""Two runs of one server differ a little in what they meet; a clause that was evaluated less than half as often was exercised less."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A clause that was evaluated less for a subject: so often `before`, so often `now`."""

    clause: str
    subject: str
    before: int
    now: int

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.clause} {self.subject}: evaluated {self.before} times before, {self.now} now"


def exercised(outcome: Outcome) -> dict[tuple[str, str], int]:
    """How often each clause was evaluated, by clause and subject; those that never were are left out."""
    return {(row.clause, row.subject): row.evaluated for row in outcome.rows if row.evaluated}


def less_exercised(before: Mapping[tuple[str, str], int], now: Mapping[tuple[str, str], int]) -> Iterator[Lost]:
    """What the later run evaluated not at all, or less than half as often, in the order of the clauses."""
    for (clause, subject), count in sorted(before.items()):
        found = now.get((clause, subject), 0)
        if found < count * LEAST_SHARE:
            yield Lost(clause, subject, count, found)
