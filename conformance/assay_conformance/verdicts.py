"""The five verdicts, the rows that carry them, and what they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The verdict on one clause for one subject.

    `INCONCLUSIVE`: the run did not exercise the clause. `NOT_APPLICABLE`: the clause does not concern the subject. `ERROR`: the check
    itself failed, which is a defect of Assay and never one of the target.
    """

    PASS = "PASS"  # noqa: S105
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Row:
    """The verdict on one clause for one subject.

    `expected` and `actual` explain a failure, `about` says what an INCONCLUSIVE row lacks. `records` are ids of evidence records. `seen`
    is how many records were checked, and `evaluated` how many of them the clause speaks of: those that passed, and the one that failed.
    A row that is not `scored` does not affect the certificate.
    """

    clause: str
    level: str
    sentence: str
    subject: str
    verdict: Verdict
    check: str = ""
    expected: str = ""
    actual: str = ""
    about: str = ""
    records: tuple[str, ...] = ()
    seen: int = 0
    scored: bool = True
    evaluated: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """All rows of one run.

    It is certified when every scored MUST passes or does not apply, and at least one passes. `waived` lists known failures with their
    reasons.
    """

    rows: tuple[Row, ...]
    waived: tuple[str, ...] = ()

    @property
    def blocking(self) -> tuple[Row, ...]:
        """The rows for which no certificate is given, failures first."""
        order = {Verdict.FAIL: 0, Verdict.ERROR: 1, Verdict.INCONCLUSIVE: 2}
        rows = [row for row in self.rows if row.scored and row.level == "MUST" and row.verdict in order]
        return tuple(sorted(rows, key=lambda row: (order[row.verdict], row.clause, row.subject)))

    @property
    def broken(self) -> tuple[Row, ...]:
        """The required rows that fail, or whose check failed; what was not exercised is not among them."""
        return tuple(row for row in self.blocking if row.verdict is not Verdict.INCONCLUSIVE)

    @property
    def required(self) -> int:
        """How many rows a certificate depends on."""
        return sum(row.scored and row.level == "MUST" for row in self.rows)

    @property
    def left_out(self) -> int:
        """How many required rows a waiver leaves out."""
        return sum(row.scored and row.level == "MUST" and row.verdict is Verdict.NOT_APPLICABLE for row in self.rows)

    @property
    def certified(self) -> bool:
        """Whether a certificate is given."""
        musts = [row for row in self.rows if row.scored and row.level == "MUST"]
        return not self.blocking and any(row.verdict is Verdict.PASS for row in musts)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each verdict; every verdict is named."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict.value: found[verdict] for verdict in Verdict}

    def failed_clauses(self) -> frozenset[str]:
        """The ids of clauses that fail for some subject."""
        return frozenset(row.clause for row in self.rows if row.verdict is Verdict.FAIL)


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a clause from the verdicts on its records: any error, else any failure, else any pass.

    >>> worst([Verdict.PASS, Verdict.INCONCLUSIVE]).value
    'PASS'
    """
    for verdict in (Verdict.ERROR, Verdict.FAIL, Verdict.PASS, Verdict.INCONCLUSIVE):
        if verdict in verdicts:
            return verdict
    return Verdict.NOT_APPLICABLE
