"""The rows of a run as JUnit XML: a suite for each subject, a case for each clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from assay_contracts.formats import Level, ReportRow, Suite, as_junit

from assay_conformance.evidence import Evidence
from assay_conformance.verdicts import Outcome, Row, Verdict


def junit_xml(outcome: Outcome, evidence: Evidence) -> bytes:
    """One `testsuite` for each operation, channel and the contract itself; one `testcase` for each clause.

    FAIL is a failure, ERROR an error. An INCONCLUSIVE MUST is a failure too, since no certificate is given for it; an INCONCLUSIVE SHOULD
    and NOT_APPLICABLE are skipped.
    """
    provenance = evidence.provenance
    return as_junit(_suites(outcome, evidence), f"{provenance.contract} against {provenance.target.get('name', '')}").encode()


def _suites(outcome: Outcome, evidence: Evidence) -> Iterator[Suite]:
    by_subject: dict[str, list[ReportRow]] = defaultdict(list)
    for row in outcome.rows:
        by_subject[row.subject].append(report_row(row))
    for subject, rows in sorted(by_subject.items()):
        yield Suite(subject, tuple(rows), group=f"{evidence.provenance.contract}.{subject}", timestamp=evidence.provenance.started)


def report_row(row: Row) -> ReportRow:
    """A row of a report in the form that every writer takes."""
    return ReportRow(
        id=row.clause,
        level=_level(row),
        title=f"expected {row.expected}, got {row.actual}" if row.expected else row.about or row.verdict.value,
        message=f"{row.about}\nevidence: {', '.join(row.records) or 'none'}",
        subject=f"{row.clause} {row.sentence}",
        kind=row.verdict.value,
    )


def _level(row: Row) -> Level:
    if row.verdict is Verdict.PASS:
        return Level.PASS
    if row.verdict is Verdict.ERROR:
        return Level.FAULT
    blocks = row.level == "MUST" and row.scored and row.verdict is not Verdict.NOT_APPLICABLE
    return Level.ERROR if blocks else Level.WARNING
