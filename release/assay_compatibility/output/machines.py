"""JSON, SARIF, JUnit and GitHub annotations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from assay_compatibility.classes import Class
from assay_compatibility.findings import Comparison, Finding, Location

_SARIF = {Class.MAJOR: "error", Class.UNDECIDED: "warning", Class.MINOR: "note", Class.PATCH: "note", Class.NONE: "none"}
_GITHUB = {Class.MAJOR: "error", Class.UNDECIDED: "warning"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_json(comparison: Comparison) -> str:
    """The stable machine form, one line."""
    return json.dumps(comparison.as_json(), ensure_ascii=False, default=str) + "\n"


def _said(each: Finding) -> str:
    """The finding in one line: what, where, before and after, whom it reaches."""
    parts = [f"{each.sentence} {each.pointer or '/'} ({each.direction}; {each.level.value})"]
    if each.reaches:
        more = len(each.reaches) - 3
        parts.append(f"Reaches {', '.join(each.reaches[:3])}{f' and {more} more' if more > 0 else ''}.")
    if each.has_witness:
        parts.append(f"Shown by {json.dumps(each.witness, ensure_ascii=False, default=str)[:200]}.")
    if each.policy:
        parts.append(f"Decided by policy {each.policy}.")
    return " ".join(parts)


def as_sarif(comparison: Comparison) -> str:
    """SARIF 2.1.0: one run, one result a finding, at its place in the new document, with the old one beside it."""
    sentences = {each.rule: each.sentence for each in comparison.findings}
    used = sorted(sentences)
    results = [_result(each, used.index(each.rule), comparison) for each in comparison.findings]
    rules = [{"id": name, "shortDescription": {"text": sentences[name]}, "help": {"text": f"See `assay explain {name}`."}} for name in used]
    run = {"tool": {"driver": {"name": "assay", "rules": rules}}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False, default=str) + "\n"


def _result(each: Finding, index: int, comparison: Comparison) -> dict[str, Any]:
    main = _physical(each.location, comparison.new) | {"logicalLocations": [{"fullyQualifiedName": each.pointer or "/"}]}
    made: dict[str, Any] = {
        "ruleId": each.rule,
        "ruleIndex": index,
        "level": _SARIF[each.level],
        "message": {"text": _said(each)},
        "locations": [main],
        "partialFingerprints": {"assay/v1": each.fingerprint},
        "properties": {"class": each.level.value, "direction": each.direction, "reaches": list(each.reaches), "policy": each.policy},
    }
    if each.old is not None:
        made["relatedLocations"] = [_physical(each.old, comparison.old) | {"id": 1, "message": {"text": "The old document."}}]
    return made


def _physical(location: Location | None, source: str) -> dict[str, Any]:
    if location is None:
        return {"physicalLocation": {"artifactLocation": {"uri": _uri(source)}}}
    region = {"startLine": location.line, "startColumn": location.column}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(location.file)}, "region": region}}


def _uri(file: str) -> str:
    if "://" in file:
        return file
    return Path(file).as_uri() if file.startswith("/") else quote(file)


def as_junit(comparison: Comparison) -> str:
    """JUnit XML: a breaking finding is a failure, an undecided one is skipped in plain sight."""
    cases: list[str] = []
    for each in comparison.findings:
        where = f" file={quoteattr(each.location.file)} line={quoteattr(str(each.location.line))}" if each.location is not None else ""
        inside = ""
        if each.level is Class.MAJOR:
            inside = f"<failure message={_attribute(each.sentence)}>{_clean(escape(_said(each)))}</failure>"
        elif each.level is Class.UNDECIDED:
            inside = f"<skipped message={_attribute(f'undecided: {each.sentence}')}/>"
        name = _attribute(f"{each.pointer or '/'} ({each.direction})")
        cases.append(f"<testcase classname={_attribute(each.rule)} name={name}{where}>{inside}</testcase>")
    failures = sum(each.level is Class.MAJOR for each in comparison.findings)
    skipped = sum(each.level is Class.UNDECIDED for each in comparison.findings)
    head = f'<testsuite name="assay diff" tests="{len(cases)}" failures="{failures}" skipped="{skipped}">'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>{head}{"".join(cases)}</testsuite></testsuites>\n'


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """Characters that XML has no way to write are shown as what stands for the unreadable."""
    return "".join(
        each if each in "\t\n\r" or "\x20" <= each <= "\ud7ff" or "\ue000" <= each not in "\ufffe\uffff" else "\ufffd" for each in text
    )


def as_github(comparison: Comparison) -> str:
    """Workflow commands that annotate a change on GitHub."""
    lines: list[str] = []
    for each in comparison.findings:
        at = each.location
        place = f"file={_property(at.file)},line={at.line},col={at.column}" if at is not None else f"file={_property(comparison.new)}"
        lines.append(f"::{_GITHUB.get(each.level, 'notice')} {place},title={_property(each.rule)}::{_data(_said(each))}")
    return "".join(f"{each}\n" for each in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
