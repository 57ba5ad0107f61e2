"""What each driver of a certification costs, and which mutants its evidence alone kills: the facts that a shorter profile is chosen by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assay_mutants.live import Course
from assay_mutants.model import Mutant
from assay_mutants.outcomes import Fate


@dataclass(frozen=True, slots=True)
class DriverFigures:
    """One driver over some contracts.

    `seconds` is the longest that it took for one of them. `kills` counts the mutants that its evidence alone kills, and `alone` those that
    no other driver's evidence kills.
    """

    driver: str
    seconds: float
    kills: int
    alone: int

    def as_json(self) -> dict[str, float]:
        """The machine form, without the name of the driver."""
        return {"seconds": self.seconds, "kills": self.kills, "alone": self.alone}


def driver_figures(courses: Sequence[Course], mutants: Iterable[Mutant]) -> tuple[DriverFigures, ...]:
    """The figures of each driver that was surveyed, for one contract.

    A mutant that recorded responses cannot show counts for every driver whose evidence lets one of its clauses pass.
    """
    kills: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for mutant in mutants:
        killers = [course.name for course in courses if _kills(course, mutant)]
        kills.update(killers)
        alone.update(killers if len(killers) == 1 else ())
    return tuple(DriverFigures(course.name, round(course.seconds, 2), kills[course.name], alone[course.name]) for course in courses)


def summed(figures: Iterable[DriverFigures]) -> tuple[DriverFigures, ...]:
    """The figures of several contracts as one: kills add up, and the longest time counts.

    The drivers are ordered by what they are worth: by the mutants a second that they alone kill, then by those that they kill at all.
    """
    by_driver: dict[str, list[DriverFigures]] = {}
    for item in figures:
        by_driver.setdefault(item.driver, []).append(item)
    rows = (
        DriverFigures(name, max(row.seconds for row in rows), sum(row.kills for row in rows), sum(row.alone for row in rows))
        for name, rows in by_driver.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.alone / max(row.seconds, 0.01), -row.kills / max(row.seconds, 0.01), row.driver)))


def printed(figures: Iterable[DriverFigures]) -> str:
    """The figures as a table."""
    lines = [f"{'driver':<24} {'seconds':>8} {'kills':>6} {'alone':>6}"]
    lines += [f"{row.driver:<24} {row.seconds:>8.2f} {row.kills:>6} {row.alone:>6}" for row in figures]
    return "\n".join(lines)


def _kills(course: Course, mutant: Mutant) -> bool:
    """Whether a driver's evidence alone kills a mutant. A clause that its evidence never evaluates cannot fail for it."""
    only = course.reaches & mutant.breaks
    if mutant.live_only or not only:
        return bool(only)
    return course.bench.trial(mutant, only=only).fate(mutant.breaks) is Fate.KILLED
