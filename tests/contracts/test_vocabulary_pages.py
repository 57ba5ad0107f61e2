"""The pages of the vocabulary say what its files say, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import Annotation, Vocabulary, find_documents, read_vocabulary
from assay_contracts.cli import run
from assay_contracts.vocabulary import parse_annotation
from assay_contracts.vocabulary_pages import INDEX, write_pages

PAGES = Path(__file__).parents[2] / "docs" / "vocabulary"
VOCABULARY = read_vocabulary(find_documents())
ANNOTATIONS = sorted(VOCABULARY.annotations.values(), key=lambda annotation: annotation.name)


def name(annotation: Annotation) -> str:
    return annotation.name


def test_the_pages_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    """What is committed is what the vocabulary gives now."""
    assert run(["contracts", "vocabulary", "--out", str(PAGES), "--check"]) == 0
    assert capsys.readouterr().out == f"{len(ANNOTATIONS) + 1} pages are current\n"


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=name)
def test_an_example_is_what_its_schema_allows(annotation: Annotation) -> None:
    """Everything that is written by a person has an example that can be copied."""
    assert (annotation.example is None) == (not annotation.name.startswith("x-"))
    if annotation.example is not None:
        jsonschema_rs.Draft202012Validator(dict(annotation.schema)).validate(annotation.example)


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=name)
def test_a_page_names_every_clause_member_and_reader(annotation: Annotation) -> None:
    """Nobody has to open the file behind the page."""
    page = write_pages(VOCABULARY)[f"{annotation.name}.md"]

    assert set(annotation.uses) == {"sdk", "server", "suite"}
    assert all(use in page for use in annotation.uses.values())
    assert all(f"| {clause.id} | {clause.level} | {clause.sentence} |" in page for clause in annotation.clauses)
    assert all(f"| `{member}` |" in page for member in annotation.schema.get("properties", {}))
    assert re.search(r"^\| `[^|]* \|[^|]*\|[^|]*\|\s*(\([^|]*)?\|$", page, re.MULTILINE) is None


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=name)
def test_a_page_is_honest_about_what_is_certified(annotation: Annotation) -> None:
    """A clause without a check is named on its page, or the page says that nothing of it is certified yet."""
    judging = pytest.importorskip("assay_conformance.judging")
    checked = {check.clause for check in judging.all_checks()}
    suite = annotation.uses["suite"]
    nothing_yet = suite.startswith("Nothing yet")

    for clause in annotation.clauses:
        assert (clause.id in checked) != (nothing_yet or clause.id in suite)


def test_a_page_that_is_not_current_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing, changed and orphaned pages fail the check; writing mends the first two."""
    vocabulary = ["contracts", "vocabulary", "--out", str(tmp_path / "pages")]

    assert run([*vocabulary, "--check"]) == 1
    assert run(vocabulary) == 0
    assert run([*vocabulary, "--check"]) == 0
    (tmp_path / "pages" / INDEX).write_text("changed")
    (tmp_path / "pages" / "x-old.md").write_text("old")
    capsys.readouterr()
    assert run([*vocabulary, "--check"]) == 1
    out = capsys.readouterr().out
    assert "README.md: not current" in out
    assert "x-old.md: not current" in out


def test_the_vocabulary_has_one_version() -> None:
    """Of three parts, shown on the index of its pages."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", VOCABULARY.version or "")
    assert f"Version {VOCABULARY.version}." in write_pages(VOCABULARY)[INDEX]


def test_a_vocabulary_without_a_version_says_so() -> None:
    """Documents of other people need not have one."""
    assert "Version unknown." in write_pages(Vocabulary({}))[INDEX]


def page_of(schema: dict[str, Any]) -> str:
    """The page of an annotation with this schema."""
    data = {"annotation": "x-own", "on": "operation", "description": "Of others.", "schema": schema, "clauses": []}
    return write_pages(Vocabulary({"x-own": parse_annotation(data, Path("x-own.yaml"))}))["x-own.md"]


def test_a_schema_within_itself_ends() -> None:
    """A property is on the page once, also where a definition or the whole value contains itself."""
    properties = {"rows": {"type": "array", "items": {"$ref": "#"}}, "head": {"$ref": "#/$defs/node"}}
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}

    page = page_of({"type": "object", "properties": properties, "$defs": {"node": node}})

    assert re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE) == ["rows", "head", "head.next"]


def test_properties_of_any_name_are_all_on_the_page() -> None:
    """Each is a row of its own, whatever stands before it."""
    names = {name: {"type": "object", "patternProperties": {f"^{name}": {"type": "string"}}} for name in "abcd"}

    page = page_of({"type": "object", "properties": names})

    assert re.findall(r"^\| `(.\.\*)` \|", page, re.MULTILINE) == [f"{name}.*" for name in names]
