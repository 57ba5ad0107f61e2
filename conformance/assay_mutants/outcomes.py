"""What came of one mutant: how often it fired, and which checks of which clauses failed because of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assay_mutants.model import HttpMutant, Mutant


class Fate(StrEnum):
    """What became of a mutant.

    `KILLED`: a clause that it breaks failed. `STRAYED`: only clauses failed that it does not claim to break. `SURVIVED`: it fired and
    nothing failed. `UNFIRED`: nothing that was seen gave it anything to be wrong about.
    """

    KILLED = "killed"
    STRAYED = "strayed"
    SURVIVED = "survived"
    UNFIRED = "never fired"


@dataclass(frozen=True, slots=True, order=True)
class Kill:
    """One check of one clause that failed for one subject, and would have passed without the mutant."""

    clause: str
    check: str
    subject: str
    level: str = "MUST"


@dataclass(frozen=True, slots=True)
class Trial:
    """One mutant on trial, `offline` or `live`. `errors` are checks that crashed on it, which is the kit's own fault."""

    mutant: str
    way: str
    fires: int
    kills: tuple[Kill, ...] = ()
    errors: tuple[str, ...] = ()

    def fate(self, breaks: frozenset[str]) -> Fate:
        """What became of it, given the clauses that it breaks."""
        if self.fires == 0:
            return Fate.UNFIRED
        if any(kill.clause in breaks for kill in self.kills):
            return Fate.KILLED
        return Fate.STRAYED if any(kill.level == "MUST" for kill in self.kills) else Fate.SURVIVED


def medium(mutant: Mutant) -> str:
    """`http` or `feed`."""
    return "http" if isinstance(mutant, HttpMutant) else "feed"
