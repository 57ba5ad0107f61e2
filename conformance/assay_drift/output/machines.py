"""JSON, JUnit and GitHub annotations."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape, quoteattr

from assay_drift.findings import Report, Side


def as_json(report: Report) -> str:
    """The stable machine form."""
    return json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"


def as_junit(report: Report) -> str:
    """JUnit XML: drift is a failure, what was never seen is skipped unless it counts."""
    cases: list[str] = []
    for each in report.findings:
        tag = "failure" if report.blocks(each) else "skipped"
        inside = f"<{tag} message={quoteattr(each.side.value)}>{escape(each.sentence)}</{tag}>"
        name = quoteattr(" ".join(part for part in (each.subject, each.place, each.name) if part))
        cases.append(f"<testcase classname={quoteattr(f'{each.side.value} {each.kind.value}')} name={name}>{inside}</testcase>")
    if not report.drifted:
        cases.append('<testcase classname="drift" name="nothing is undocumented"/>')
    failures = sum(report.blocks(each) for each in report.findings)
    skipped = len(report.findings) - failures
    head = f'<testsuite name={quoteattr(f"assay drift {report.contract}")} tests="{len(cases)}" failures="{failures}" skipped="{skipped}">'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>{head}{"".join(cases)}</testsuite></testsuites>\n'


def as_github(report: Report) -> str:
    """Workflow commands that annotate a run on GitHub."""
    lines: list[str] = []
    for each in report.findings:
        level = "error" if report.blocks(each) else "notice"
        if level == "notice" and each.side is Side.NEVER_SEEN:
            continue
        text = each.sentence.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        lines.append(f"::{level} title={each.side.value} {each.kind.value}::{text}")
    notes = len(report.of(Side.NEVER_SEEN))
    if notes and not report.strict:
        lines.append(f"::notice title=never seen::{notes} documented things were never seen")
    return "".join(f"{line}\n" for line in lines)
