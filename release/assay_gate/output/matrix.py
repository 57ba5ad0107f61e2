"""The compatibility matrix: every older version of a contract against every newer one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assay_gate.verdicts import Subject


@dataclass(frozen=True, slots=True)
class Matrix:
    """The versions of one contract: a row is where a client stands, a column where the server goes."""

    name: str
    olds: tuple[str, ...]
    news: tuple[str, ...]
    cells: dict[tuple[str, str], str]

    @property
    def rows(self) -> list[list[str]]:
        """The heading and the rows."""
        lines = [["from \\ to", *self.news]]
        return lines + [[old, *(self.cells.get((old, new), "") for new in self.news)] for old in self.olds]


def matrices(subjects: Sequence[Subject]) -> Iterable[Matrix]:
    """One matrix for each contract that has a pair of versions."""
    for name in dict.fromkeys(subject.name for subject in subjects):
        own = [subject for subject in subjects if subject.name == name and subject.cells]
        olds = dict.fromkeys(cell.old for subject in own for cell in subject.cells)
        cells = {
            (cell.old, subject.version): cell.level.value + ("" if cell.fits else f", {cell.judgement.fit.value}")
            for subject in own
            for cell in subject.cells
        }
        if cells:
            yield Matrix(name, tuple(olds), tuple(subject.version for subject in own), cells)
