"""JSON, SARIF, JUnit and GitHub annotations of a comparison."""

from __future__ import annotations

import json
from collections.abc import Iterator

from assay_contracts import formats
from assay_contracts.formats import Level, Place, ReportRow, RuleEntry, Suite

from assay_compatibility.classes import Severity
from assay_compatibility.findings import Comparison, Finding, Location

_LEVELS = {
    Severity.MAJOR: Level.ERROR,
    Severity.UNDECIDED: Level.WARNING,
    Severity.MINOR: Level.NOTE,
    Severity.PATCH: Level.NOTE,
    Severity.NONE: Level.NONE,
}
_WEIGHTS = (Level.NONE, Level.NOTE, Level.WARNING, Level.ERROR)
_REACHES = 3
_LONGEST_WITNESS = 200


def as_json(comparison: Comparison) -> str:
    """The stable machine form, one line."""
    return json.dumps(comparison.as_json(), ensure_ascii=False, default=str) + "\n"


def as_sarif(comparison: Comparison) -> str:
    """SARIF 2.1.0: a result for each finding, at its place in the new document, with the old one beside it."""
    rules = {finding.rule: RuleEntry(finding.rule, finding.sentence, _help(finding.rule)) for finding in comparison.findings}
    return formats.as_sarif(rules.values(), rows(comparison))


def as_junit(comparison: Comparison) -> str:
    """JUnit XML: a breaking finding is a failure, an undecided one is skipped with its reason."""
    return formats.as_junit([Suite("assay diff", tuple(_cases(comparison)))])


def as_github(comparison: Comparison) -> str:
    """GitHub annotations: an error for each breaking finding, a warning for each undecided one, a notice for the rest."""
    return formats.as_github(rows(comparison))


def rows(comparison: Comparison) -> Iterator[ReportRow]:
    """A row for each finding, worst first."""
    for finding in comparison.findings:
        yield ReportRow(
            id=finding.rule,
            # What a consumer does not use is worth a note at most.
            level=_LEVELS[finding.level] if finding.uses != 0 else min(_LEVELS[finding.level], Level.NOTE, key=_WEIGHTS.index),
            title=finding.sentence,
            message=_message(finding),
            place=place_of(finding.location) or (Place(comparison.new) if comparison.new else None),
            help=_help(finding.rule),
            subject=finding.pointer or "/",
            fingerprint=finding.fingerprint,
            related=place_of(finding.old),
            properties={
                "class": finding.level.value,
                "direction": finding.direction,
                "reaches": list(finding.reaches),
                "policy": finding.policy,
                **({} if finding.uses is None else {"uses": finding.uses}),
            },
        )


def place_of(location: Location | None) -> Place | None:
    """Where a finding is written."""
    return None if location is None else Place(location.file, location.line, location.column)


def _cases(comparison: Comparison) -> Iterator[ReportRow]:
    for finding, row in zip(comparison.findings, rows(comparison), strict=True):
        yield ReportRow(
            id=row.id,
            level=row.level,
            title=f"undecided: {row.title}" if row.level is Level.WARNING else row.title,
            message=row.message,
            place=place_of(finding.location),
            subject=f"{row.subject} ({finding.direction})",
        )


def _help(rule: str) -> str:
    return f"See `assay explain {rule}`."


def _message(finding: Finding) -> str:
    """The finding on one line: what, where, whom it reaches, and what shows it."""
    parts = [f"{finding.sentence} {finding.pointer or '/'} ({finding.direction}; {finding.level.value})"]
    if finding.reaches:
        more = len(finding.reaches) - _REACHES
        parts.append(f"Reaches {', '.join(finding.reaches[:_REACHES])}{f' and {more} more' if more > 0 else ''}.")
    if finding.has_witness:
        witness = json.dumps(finding.witness, ensure_ascii=False, default=str)
        parts.append(f"Shown by {witness if len(witness) <= _LONGEST_WITNESS else witness[:_LONGEST_WITNESS] + '…'}.")
    if finding.policy:
        parts.append(f"Decided by policy {finding.policy}.")
    return " ".join(parts)
