"""JSON, SARIF, JUnit and GitHub annotations."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from assay_conformance.compatibility.classes import Class
from assay_conformance.compatibility.findings import Comparison, Finding

_SARIF = {Class.MAJOR: "error", Class.UNDECIDED: "warning", Class.MINOR: "note", Class.PATCH: "note", Class.NONE: "none"}
_GITHUB = {Class.MAJOR: "error", Class.UNDECIDED: "warning"}


def as_json(comparison: Comparison) -> str:
    """The stable machine form, one line."""
    return json.dumps(comparison.as_json(), ensure_ascii=False, default=str) + "\n"


def _said(each: Finding) -> str:
    return f"{each.sentence} {each.pointer or '/'} ({each.direction}; {each.level.value})"


def as_sarif(comparison: Comparison) -> str:
    """SARIF 2.1.0: one run, one result a finding."""
    sentences = {each.rule: each.sentence for each in comparison.findings}
    used = sorted(sentences)
    results: list[dict[str, Any]] = [
        {
            "ruleId": each.rule,
            "ruleIndex": used.index(each.rule),
            "level": _SARIF[each.level],
            "message": {"text": _said(each)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": comparison.new},
                        **(
                            {"region": {"startLine": each.location.line, "startColumn": each.location.column}}
                            if each.location is not None
                            else {}
                        ),
                    },
                    "logicalLocations": [{"fullyQualifiedName": each.pointer}],
                }
            ],
            "partialFingerprints": {"assay/v1": each.fingerprint},
        }
        for each in comparison.findings
    ]
    driver = {"name": "assay", "rules": [{"id": name, "shortDescription": {"text": sentences[name]}} for name in used]}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def as_junit(comparison: Comparison) -> str:
    """JUnit XML: a breaking finding is a failure."""
    cases: list[str] = []
    for each in comparison.findings:
        name = quoteattr(f"{each.pointer or '/'} ({each.direction})")
        inside = f"<failure message={quoteattr(each.sentence)}>{escape(_said(each))}</failure>" if each.level is Class.MAJOR else ""
        cases.append(f"<testcase classname={quoteattr(each.rule)} name={name}>{inside}</testcase>")
    failures = sum(each.level is Class.MAJOR for each in comparison.findings)
    head = f'<testsuite name="assay diff" tests="{len(cases)}" failures="{failures}">'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>{head}{"".join(cases)}</testsuite></testsuites>\n'


def as_github(comparison: Comparison) -> str:
    """Workflow commands that annotate a change on GitHub."""
    lines: list[str] = []
    for each in comparison.findings:
        line = f",line={each.location.line}" if each.location is not None else ""
        text = _said(each).replace("%", "%25").replace("\n", "%0A")
        lines.append(f"::{_GITHUB.get(each.level, 'notice')} file={comparison.new}{line},title={each.rule}::{text}")
    return "".join(f"{each}\n" for each in lines)
