"""JSON, JUnit and GitHub annotations of a drift report."""

from __future__ import annotations

import json
from collections.abc import Iterator

from assay_contracts import formats
from assay_contracts.formats import Level, ReportRow, Suite

from assay_drift.findings import Finding, Report, Side

_NO_DRIFT = ReportRow("drift", Level.PASS, "", "", subject="nothing is undocumented")


def as_json(report: Report) -> str:
    """The stable machine form."""
    return json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"


def as_junit(report: Report) -> str:
    """JUnit XML: drift is a failure; what the run never saw is skipped, unless it counts as drift."""
    rows = [_row(finding, Level.ERROR if report.blocks(finding) else Level.WARNING) for finding in report.findings]
    return formats.as_junit([Suite(f"assay drift {report.contract}", tuple(rows if report.drifted else [*rows, _NO_DRIFT]))])


def as_github(report: Report) -> str:
    """GitHub annotations: an error for each drift, one notice that counts what the run never saw."""
    return formats.as_github(_annotations(report))


def _annotations(report: Report) -> Iterator[ReportRow]:
    yield from (_row(finding, Level.ERROR) for finding in report.findings if report.blocks(finding))
    unseen = len(report.of(Side.NEVER_SEEN))
    if unseen and not report.strict:
        yield ReportRow("never seen", Level.NOTE, "", f"{unseen} documented things were never seen")


def _row(finding: Finding, level: Level) -> ReportRow:
    subject = " ".join(part for part in (finding.subject, finding.place, finding.name) if part)
    return ReportRow(f"{finding.side.value} {finding.kind.value}", level, finding.side.value, finding.sentence, subject=subject)
