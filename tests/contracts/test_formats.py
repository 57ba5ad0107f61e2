"""The formats that tools of others read: what each of them makes of one row."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from assay_contracts.formats import Level, Place, ReportRow, RuleEntry, Suite, as_github, as_junit, as_sarif

ROW = ReportRow(
    "size-too-large", Level.ERROR, "It is too large.", "It is 100% too large:\nsee there", Place("a,b.yaml", 3, 5), subject="/size"
)


def at(level: Level) -> ReportRow:
    """A row of this level, without a place."""
    return ReportRow("a-rule", level, "A title.", "A message.", subject="/a", kind="A_KIND")


def test_github_names_file_line_and_column_and_escapes_them() -> None:
    """A comma or a colon in a property, a per cent sign or a line break anywhere, would end the command."""
    assert as_github([ROW]) == "::error file=a%2Cb.yaml,line=3,col=5,title=size-too-large::It is 100%25 too large:%0Asee there\n"


@pytest.mark.parametrize(
    ("level", "command"),
    [(Level.FAULT, "error"), (Level.ERROR, "error"), (Level.WARNING, "warning"), (Level.NOTE, "notice"), (Level.NONE, "notice")],
)
def test_github_has_three_levels(level: Level, command: str) -> None:
    """What passes is not annotated, all else is."""
    assert as_github([at(level), at(Level.PASS)]) == f"::{command} title=a-rule::A message.\n"


@pytest.mark.parametrize(
    ("level", "tag", "kind"),
    [
        (Level.FAULT, "error", "A_KIND"),
        (Level.ERROR, "failure", "A_KIND"),
        (Level.WARNING, "skipped", None),
        (Level.NOTE, None, None),
        (Level.PASS, None, None),
    ],
)
def test_junit_marks_what_does_not_pass(level: Level, tag: str | None, kind: str | None) -> None:
    """A case holds one mark with the title as its message, and the suite counts it."""
    suite = ET.fromstring(as_junit([Suite("all", (at(level),))]))[0]
    marks = [(mark.tag, mark.get("message"), mark.get("type"), mark.text) for mark in suite[0]]

    assert marks == ([] if tag is None else [(tag, "A title.", kind, "A message.")])
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "1",
        "failures": str(int(tag == "failure")),
        "errors": str(int(tag == "error")),
        "skipped": str(int(tag == "skipped")),
    }


def test_junit_says_where_and_holds_any_character() -> None:
    """A control character or half a pair becomes what stands for the unreadable, and a suite may name the class of its cases."""
    row = ReportRow("a-rule", Level.ERROR, "\x00<", "\ud800", Place("a.yaml", 7), subject="\x1b")
    case = ET.fromstring(as_junit([Suite("all", (row,), group="group", timestamp="2026-01-01")], "whole"))[0][0]

    assert (case.get("classname"), case.get("name"), case.get("file"), case.get("line")) == ("group", "\ufffd", "a.yaml", "7")
    assert (case[0].get("message"), case[0].text) == ("\ufffd<", "\ufffd")


def test_sarif_has_a_result_for_each_row_and_a_rule_for_each_id(tmp_path: Path) -> None:
    """Files below the working directory are relative, others whole; a suppressed row keeps its reason."""
    below = ReportRow("b", Level.NOTE, "B.", "b", Place(str(tmp_path / "x y.yaml"), 2, 1), fingerprint="f", related=Place("old.yaml", 1, 1))
    outside = ReportRow("a", Level.WARNING, "A.", "a", Place("/elsewhere.yaml"), suppressed="agreed")
    run = json.loads(as_sarif([RuleEntry("b", "B.", "help"), RuleEntry("a", "A.", "help", Level.ERROR)], [below, outside], here=tmp_path))[
        "runs"
    ][0]
    first, second = run["results"]

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["a", "b"]
    assert run["tool"]["driver"]["rules"][0]["defaultConfiguration"] == {"level": "error"}
    assert (first["ruleIndex"], first["level"], first["partialFingerprints"]) == (1, "note", {"assay/v1": "f"})
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "x%20y.yaml"},
        "region": {"startLine": 2, "startColumn": 1},
    }
    assert first["relatedLocations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "old.yaml"}
    assert second["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "file:///elsewhere.yaml"}}
    assert second["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "agreed"}]
