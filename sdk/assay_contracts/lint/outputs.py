"""The findings of lint in the formats of other tools: SARIF, JUnit and GitHub annotations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assay_contracts import formats
from assay_contracts.formats import Level, Place, ReportRow, RuleEntry, Suite
from assay_contracts.lint.rules import RULES, Finding, Rule
from assay_contracts.lint.run import Report
from assay_contracts.lint.waivers import Waived


def as_sarif(report: Report, here: Path) -> str:
    """One SARIF run; files below `here` are named relative to it, waived findings are suppressed."""
    entries = [RuleEntry(rule.id, rule.sentence, _help(rule), Level(rule.level)) for rule in RULES.values()]
    return formats.as_sarif(entries, _rows(report, here), here=here)


def as_junit(report: Report, here: Path) -> str:
    """JUnit XML: an error is a failure, a warning is skipped with its text; waived findings are left out."""
    return formats.as_junit([Suite("assay contracts lint", tuple(_row(finding, here) for finding in report.findings))])


def as_github(report: Report, here: Path) -> str:
    """GitHub annotations; waived findings are left out."""
    return formats.as_github(_row(finding, here) for finding in report.findings)


def _rows(report: Report, here: Path) -> Iterator[ReportRow]:
    yield from (_row(finding, here) for finding in report.findings)
    yield from (_row(waived.finding, here, _reason(waived)) for waived in report.waived)


def _row(finding: Finding, here: Path, suppressed: str | None = None) -> ReportRow:
    rule = RULES[finding.rule]
    return ReportRow(
        id=finding.rule,
        level=Level(finding.level),
        title=rule.sentence,
        message=finding.message,
        place=Place(_named(finding.path, here), finding.line, finding.column),
        help=_help(rule),
        subject=finding.pointer,
        suppressed=suppressed,
    )


def _named(path: Path, here: Path) -> str:
    """A file relative to a folder that it lies in, else whole."""
    full = path.resolve()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else str(full)


def _help(rule: Rule) -> str:
    protects = f" Protects {rule.protects}." if rule.protects else ""
    return f"{rule.sentence}{protects} See `assay explain {rule.id}`."


def _reason(waived: Waived) -> str:
    waiver = waived.waiver
    return f"{waiver.reason} ({waiver.owner}, until {waiver.expires.isoformat()})"
