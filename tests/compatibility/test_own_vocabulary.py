"""The vocabulary file of somebody else: its changes are diff rules, explained and linted like ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_compatibility.comparing import compare_inline
from assay_compatibility.diff_commands import diff, explain
from assay_compatibility.findings import Comparison
from assay_compatibility.rules import RULES
from assay_compatibility.rules.annotation_rules import use_shipped_vocabulary, use_vocabulary_of_documents
from assay_contracts import VocabularyBroken
from assay_contracts.cli import run
from click.testing import CliRunner

RETENTION = """
annotation: x-retention
on: [operation, channel]
description: How long the server keeps what a request creates.
schema:
  type: object
  required: [days]
  additionalProperties: false
  changes: {stem: retention, noun: "The retention of a resource"}
  properties:
    days:
      type: integer
      changes:
        rules:
          retention-shortened: {when: decreased, effect: breaks, sentence: "The retention time of a resource was decreased."}
          retention-lengthened: {when: increased, effect: adds, sentence: "The retention time of a resource was increased."}
    region:
      $ref: "#/$defs/region"
  $defs:
    region:
      enum: [eu, us]
      changes:
        written-by: client
        rules: {retention-region-changed: {when: changed, effect: replaces, sentence: "The region of a resource changed."}}
clauses: []
example: {days: 30, region: eu}
"""


@pytest.fixture
def vocabulary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of documents with one annotation of its own; afterwards the rules are those of our vocabulary again."""
    folder = tmp_path / "openapi" / "vocabulary"
    folder.mkdir(parents=True)
    (folder / "x-retention.yaml").write_text(RETENTION, encoding="utf-8")
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    yield folder
    use_shipped_vocabulary()


def document(annotation: Any) -> dict[str, Any]:
    """A document whose only operation carries the annotation."""
    carried = {} if annotation is None else {"x-retention": annotation}
    get = {"operationId": "getThing", "responses": {"200": {"description": "fine"}}, **carried}
    return {"openapi": "3.1.0", "info": {"title": "Things", "version": "1.0.0"}, "paths": {"/things": {"get": get}}}


def changed(old: Any, new: Any) -> Comparison:
    """What the change of the annotation means."""
    return compare_inline(document(old), document(new))


@pytest.mark.parametrize(
    ("old", "new", "rule", "level"),
    [
        ({"days": 30}, {"days": 7}, "retention-shortened", "major"),
        ({"days": 7}, {"days": 30}, "retention-lengthened", "minor"),
        ({"days": 7}, None, "retention-withdrawn", "major"),
        (None, {"days": 7}, "retention-promised", "minor"),
        ({"days": 7, "region": "eu"}, {"days": 7, "region": "us"}, "retention-region-changed", "major"),
    ],
)
@pytest.mark.usefixtures("vocabulary")
def test_a_change_is_reported_by_the_rule_that_the_file_declares(old: Any, new: Any, rule: str, level: str) -> None:
    """Each declared change has its id and its class, also where the property is described by reference."""
    found = changed(old, new).findings

    assert [(finding.rule, finding.level.value) for finding in found] == [(rule, level)]


@pytest.mark.usefixtures("vocabulary")
def test_a_value_that_the_file_does_not_describe_is_another_projects_extension() -> None:
    """The schema of the file decides whether the value is its annotation."""
    assert [finding.rule for finding in changed({"weeks": 1}, {"weeks": 2}).findings] == ["extension-changed"]


def test_without_the_file_the_annotation_is_an_extension(vocabulary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are those of the vocabulary in use, whichever was used before."""
    before = set(RULES)

    assert changed({"days": 30}, {"days": 7}).level.value == "major"

    monkeypatch.delenv("ASSAY_DOCUMENTS")

    assert [finding.rule for finding in changed({"days": 30}, {"days": 7}).findings] == ["extension-changed"]
    assert RULES.keys() == before


def test_a_file_in_the_place_of_ours_has_its_own_rules(vocabulary: Path) -> None:
    """A folder that replaces one of our annotations replaces what a change of it means."""
    own: dict[str, Any] = {
        "annotation": "x-cache",
        "on": "operation",
        "schema": {"type": "object", "properties": {"ttl": {"type": "integer", "changes": {"stem": "own-ttl", "noun": "The lifetime"}}}},
        "clauses": [],
    }
    (vocabulary / "x-cache.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")

    use_vocabulary_of_documents()

    assert [rule.id for rule in RULES.values() if rule.area == "x-cache"] == ["own-ttl-changed", "own-ttl-dropped", "own-ttl-added"]


def test_the_command_reports_and_explains_the_rule(vocabulary: Path, tmp_path: Path) -> None:
    """`assay diff` breaks on it, and `assay explain` has its page and lists it."""
    for name, days in (("old", 30), ("new", 7)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document({"days": days})), encoding="utf-8")

    compared = CliRunner().invoke(diff, [str(tmp_path / "old.json"), str(tmp_path / "new.json")])
    page = CliRunner().invoke(explain, ["retention-shortened"]).output

    assert (compared.exit_code, "retention-shortened" in compared.output) == (1, True)
    assert page.startswith("# retention-shortened\n\nThe retention time of a resource was decreased.\n")
    assert "retention-shortened" in CliRunner().invoke(explain, []).output


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("retention-shortened:", "enum-value-added:", "enum-value-added: expected an id of its own, got the id of a rule of schema"),
        ("when: decreased, ", "", "retention-shortened: expected `when`, the change that the rule reports, got none"),
        ("effect: adds,", "effect: adds, policy: sometimes,", "expected one of the policies"),
        (
            "retention-lengthened:",
            "retention-withdrawn:",
            "retention-withdrawn: expected an id of its own, got an id that this file uses twice",
        ),
        ("type: integer", "type: whole", "schema: expected a JSON Schema of draft 2020-12"),
    ],
)
def test_a_declaration_that_cannot_hold_is_an_error_and_leaves_no_rule(vocabulary: Path, before: str, after: str, message: str) -> None:
    """The file and the rule are named, and the next comparison of a right file works."""
    (vocabulary / "x-retention.yaml").write_text(RETENTION.replace(before, after), encoding="utf-8")

    with pytest.raises(VocabularyBroken, match=r"x-retention\.yaml") as caught:
        changed({"days": 30}, {"days": 7})

    assert message in str(caught.value)
    assert [rule.id for rule in RULES.values() if rule.area == "x-retention"] == []


def test_lint_rejects_a_change_that_no_comparison_knows(vocabulary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lint reads the changes of the file as well, so that the mistake shows before the first comparison."""
    (vocabulary / "x-retention.yaml").write_text(RETENTION.replace("when: decreased", "when: smaller"), encoding="utf-8")
    (tmp_path / "api.json").write_text(json.dumps(document({"days": 30})), encoding="utf-8")

    assert run(["contracts", "lint", str(tmp_path / "api.json")]) == 2
    assert "retention-shortened: when: expected one of added, removed" in capsys.readouterr().err


@pytest.mark.usefixtures("vocabulary")
def test_lint_holds_a_document_to_the_schema_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A value that the vocabulary file does not allow is a finding."""
    (tmp_path / "api.json").write_text(json.dumps(document({"days": "thirty"})), encoding="utf-8")

    assert run(["contracts", "lint", str(tmp_path / "api.json")]) == 1
    assert "x-retention" in capsys.readouterr().out
