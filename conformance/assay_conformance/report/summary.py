"""The result of a run in Markdown, for the summary of a pipeline or a comment on a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import parse_bundle

from assay_conformance.evidence import Evidence
from assay_conformance.report.causes import Cause, causes
from assay_conformance.report.page import headline
from assay_conformance.verdicts import Outcome

MOST = 20
"""Causes that are written out; a line says how many more there are."""


def markdown_summary(outcome: Outcome, evidence: Evidence, statement: Mapping[str, Any] | None = None) -> str:
    """A heading with the verdict, the counts, and each cause with what was expected, what came and the command that shows it again."""
    provenance = evidence.provenance
    contract = parse_bundle(provenance.openapi, provenance.asyncapi) if provenance.openapi else None
    predicate: Mapping[str, Any] = (statement or {}).get("predicate", {})
    verdict = headline(outcome, aborted=predicate.get("reason") is not None, draft=bool(predicate.get("draft")))
    known = {record.id: record for record in evidence.records}
    found = causes(outcome, known, str(provenance.target.get("http", "")), contract)
    lines = [
        f"## {verdict}: {_plain(str(provenance.target.get('name', '')))} against {provenance.contract}",
        "",
        " · ".join(f"{count} {name.replace('_', ' ').lower()}" for name, count in outcome.counts.items() if count),
        "",
    ]
    for waiver in outcome.waived:
        lines += [f"Waived: {_plain(waiver)}", ""]
    for cause in found[:MOST]:
        lines += [*_lines(cause), ""]
    if len(found) > MOST:
        lines += [f"… and {len(found) - MOST} more causes; report.html has them all.", ""]
    return "\n".join(lines)


def _lines(cause: Cause) -> list[str]:
    row = cause.first
    reach = f" ({len(cause.rows)} rows)" if len(cause.rows) > 1 else ""
    lines = [f"- **{row.verdict.value} {row.clause}** `{row.subject}`{reach}: {_plain(row.sentence)}"]
    if row.about:
        lines.append(f"  - {_plain(row.about)}")
    if row.expected:
        lines.append(f"  - expected {_code(row.expected)}, got {_code(row.actual)}")
    if cause.replay:
        lines.append(f"  - `{cause.replay}`")
    return lines


def _plain(text: str) -> str:
    """A text on one line that Markdown shows as it is."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|!" else letter for letter in " ".join(text.split()))


def _code(text: str) -> str:
    """A text as code, whatever backticks it holds."""
    line = " ".join(text.split())
    fence = "`"
    while fence in line:
        fence += "`"
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"
