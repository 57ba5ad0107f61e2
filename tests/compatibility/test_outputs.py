"""How a comparison is written: every form says where each finding stands, and none of them breaks on what documents hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from assay_compatibility.comparing import compare
from assay_compatibility.documents import read_document
from assay_compatibility.findings import Comparison
from assay_compatibility.output import render

OLD = """openapi: 3.1.0
info: {title: Things, version: 1.0.0}
paths:
  /things:
    get:
      parameters:
        - {name: size, in: query, schema: {type: integer}}
        - name: after
          in: query
          schema: {type: string}
      responses:
        "200":
          description: fine
    put:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                kind:
                  type: string
                  enum: [a, b]
      responses: {"204": {description: done}}
"""
NEW = OLD.replace("        - {name: size, in: query, schema: {type: integer}}\n", "").replace("[a, b]", "[a]") + (
    "  /others:\n    get:\n      responses: {}\n"
)


def as_files(folder: Path, old: str, new: str, suffix: str = "yaml") -> tuple[str, str]:
    """The two documents as files."""
    folder.mkdir(exist_ok=True)
    paths = folder / f"old.{suffix}", folder / f"new.{suffix}"
    for path, text in zip(paths, (old, new), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths[0].as_posix(), paths[1].as_posix()


def compared(old: str, new: str) -> Comparison:
    """What changed between two files."""
    return compare(read_document(old), read_document(new))


def lines(found: Comparison) -> dict[str, tuple[str | None, str | None, str]]:
    """Of each rule the lines on the old and on the new side, and where to look first."""

    def line(place: Any) -> Any:
        return None if place is None else f"{place.file.rpartition('/')[2]}:{place.line}:{place.column}"

    return {finding.rule: (line(finding.old), line(finding.new), line(finding.location)) for finding in found.findings}


EXPECTED = {
    "parameter-removed": ("old.yaml:7:11", None, "new.yaml:6:7"),
    "enum-value-removed": ("old.yaml:23:19", "new.yaml:22:19", "new.yaml:22:19"),
    "path-added": (None, "new.yaml:24:3", "new.yaml:24:3"),
}


def test_each_side_has_its_own_line(tmp_path: Path) -> None:
    """What is gone has an old line, what is new a new one; a list that moved up is not taken for what stood there."""
    assert lines(compared(*as_files(tmp_path, OLD, NEW))) == EXPECTED


def test_json_has_lines_too(tmp_path: Path) -> None:
    """Places are those of the keys, whatever the indentation."""
    import yaml

    old, new = (json.dumps(yaml.safe_load(text), indent=2) for text in (OLD, NEW))
    found = compared(*as_files(tmp_path, old, new, suffix="json"))
    enum = next(finding for finding in found.findings if finding.rule == "enum-value-removed")

    assert enum.new is not None
    assert new.splitlines()[enum.new.line - 1][enum.new.column - 1 :].startswith('"enum"')


def test_a_contract_by_name_is_told_by_the_files_it_is_made_of() -> None:
    """A bundle has no lines; the files that it was made of do."""
    old, new = read_document("reliability@1.0.0"), read_document("reliability@1.1.0")
    found = compare(old, new).findings
    files = {finding.location.file.partition("openapi/")[2] for finding in found if finding.location is not None}

    assert "reliability/1.1.0.yaml" in files
    assert [finding.rule for finding in found if finding.location is None] == []


def test_every_form_names_file_and_line(tmp_path: Path) -> None:
    """Text, Markdown, HTML, JSON, SARIF, JUnit and annotations."""
    old, new = as_files(tmp_path, OLD, NEW)
    found = compared(old, new)
    written = {form: render(found, form) for form in ("text", "markdown", "html", "json", "sarif", "junit", "github")}

    for form in ("text", "markdown", "html"):
        assert f"{new}:22:19" in written[form].replace("\\_", "_")
    assert f"::error file={new},line=22,col=19,title=enum-value-removed::" in written["github"]
    result = next(result for result in json.loads(written["sarif"])["runs"][0]["results"] if result["ruleId"] == "enum-value-removed")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 22, "startColumn": 19}
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 23, "startColumn": 19}
    case = next(
        element for element in ElementTree.fromstring(written["junit"]).iter("testcase") if element.get("classname") == "enum-value-removed"
    )
    assert (case.get("file"), case.get("line")) == (new, "22")
    row = next(finding for finding in json.loads(written["json"])["findings"] if finding["rule"] == "enum-value-removed")
    assert {key: row["new"][key] for key in ("line", "column")} == {"line": 22, "column": 19}
    assert row["location"] == row["new"]


def test_no_form_breaks_on_what_a_document_holds(tmp_path: Path) -> None:
    """Bars, markup, line ends, commas and control characters stay data."""
    odd = 'a|b`c<script>%0A::"x", \\u0007'
    old, new = as_files(tmp_path, OLD, OLD.replace("[a, b]", json.dumps([odd, "b"])).replace("/things:", "/things,a%:"))
    found = compared(old, new)
    written = {form: render(found, form) for form in ("markdown", "html", "sarif", "junit", "github")}
    rows = [line for line in written["markdown"].splitlines() if line.startswith("|")]

    assert "<script>" not in written["html"]
    assert {len(row.replace("\\|", "").split("|")) for row in rows} == {9}
    assert len(written["github"].splitlines()) == len(found.findings)
    assert ElementTree.fromstring(written["junit"]).tag == "testsuites"
    assert json.loads(written["sarif"])["version"] == "2.1.0"


def test_long_lists_show_only_what_differs(tmp_path: Path) -> None:
    """Nobody finds one value in two lists of a hundred."""
    many = [f"value-{number}" for number in range(100)]
    old, new = as_files(tmp_path, OLD.replace("[a, b]", json.dumps(many)), OLD.replace("[a, b]", json.dumps(many[:-1])))

    assert 'removed: ["value-99"]' in render(compared(old, new), "text")


def test_nothing_changed_is_written_in_every_form(tmp_path: Path) -> None:
    """An empty comparison is still a whole document."""
    found = compared(*as_files(tmp_path, OLD, OLD))

    assert json.loads(render(found, "json")) == {"class": "none", "findings": []}
    assert "Nothing changed." in render(found, "html")
    assert render(found, "text") == "class: none, 0 findings\n"
    assert render(found, "github") == ""
