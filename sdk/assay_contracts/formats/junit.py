"""JUnit XML: what pipelines show without an add-on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from assay_contracts.formats.rows import Level, ReportRow

_TAGS = {Level.FAULT: "error", Level.ERROR: "failure", Level.WARNING: "skipped"}
_UNREADABLE = "\ufffd"


@dataclass(frozen=True, slots=True)
class Suite:
    """The rows of one `testsuite`. `group` is the class name of its cases, the id of each row when it is empty."""

    name: str
    rows: tuple[ReportRow, ...]
    group: str = ""
    timestamp: str = ""


def as_junit(suites: Iterable[Suite], name: str = "") -> str:
    """The whole XML document: a `testsuite` a suite, a `testcase` a row.

    FAULT is an `error`, ERROR a `failure`, WARNING is `skipped` with its reason; every other level passes. Characters that XML cannot
    hold become U+FFFD.
    """
    root = ET.Element("testsuites", {"name": _clean(name)} if name else {})
    for suite in suites:
        _add_suite(root, suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_suite(root: ET.Element, suite: Suite) -> None:
    attributes = {"name": _clean(suite.name)}
    if suite.timestamp:
        attributes["timestamp"] = suite.timestamp
    element = ET.SubElement(root, "testsuite", attributes)
    counts = dict.fromkeys(_TAGS.values(), 0)
    for row in suite.rows:
        tag = _TAGS.get(row.level)
        if tag is not None:
            counts[tag] += 1
        _add_case(element, suite.group or row.id, row, tag)
    element.set("tests", str(len(suite.rows)))
    element.set("failures", str(counts["failure"]))
    element.set("errors", str(counts["error"]))
    element.set("skipped", str(counts["skipped"]))


def _add_case(suite: ET.Element, group: str, row: ReportRow, tag: str | None) -> None:
    case = ET.SubElement(suite, "testcase", classname=_clean(group), name=_clean(row.subject))
    if row.place is not None:
        case.set("file", _clean(row.place.file))
        if row.place.line:
            case.set("line", str(row.place.line))
    if tag is None:
        return
    mark = ET.SubElement(case, tag, message=_clean(row.title))
    if row.kind and tag != "skipped":
        mark.set("type", _clean(row.kind))
    mark.text = _clean(row.message)


def _clean(text: str) -> str:
    return "".join(letter if _writable(letter) else _UNREADABLE for letter in text)


def _writable(letter: str) -> bool:
    """Whether XML 1.0 can hold a character."""
    return letter in "\t\n\r" or "\x20" <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000"
