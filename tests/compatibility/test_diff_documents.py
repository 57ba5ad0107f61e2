"""What a change of a document means outside its schemas, and how the command tells it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from assay_compatibility.client.rules import SOURCE_RULES
from assay_compatibility.comparing import compare_inline
from assay_compatibility.diff_commands import diff, explain
from assay_compatibility.documents import read_document
from assay_compatibility.errors import DocumentRefused
from assay_compatibility.findings import Comparison
from assay_compatibility.output import render
from assay_compatibility.pages import page
from assay_compatibility.rules import RULES
from assay_contracts.cli import run
from assay_contracts.lint import RULES as LINT_RULES
from assay_contracts.lint.explaining import explain_rule
from click.testing import CliRunner

THINGS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1.0.0"},
    "paths": {
        "/things/{id}": {
            "get": {
                "operationId": "getThing",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "description": "fine",
                        "headers": {"X-Left": {"required": True, "schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    "404": {"description": "not here"},
                },
            },
            "put": {
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"204": {"description": "done"}},
            },
        }
    },
}
PATH = "/things/{id}"
Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit) -> dict[str, Any]:
    """The document after an edit of it."""
    document = copy.deepcopy(THINGS)
    edit(document["paths"][PATH])
    return document


def after(edit: Edit) -> Comparison:
    """What that edit changed."""
    return compare_inline(THINGS, edited(edit))


LIMIT = {"name": "size", "in": "query", "schema": {"type": "integer"}}
EDITS: list[tuple[str, str, Edit]] = [
    ("operation-removed", "major", lambda item: item.pop("put")),
    ("operation-added", "minor", lambda item: item.update(delete={"responses": {"204": {"description": "gone"}}})),
    ("parameter-removed", "major", lambda item: item["get"]["parameters"].pop()),
    ("optional-parameter-added", "minor", lambda item: item["get"]["parameters"].append(LIMIT)),
    ("required-parameter-added", "major", lambda item: item["get"]["parameters"].append({**LIMIT, "required": True})),
    ("parameter-became-required", "major", lambda item: item["get"]["parameters"][1].update(required=True)),
    ("parameter-style-changed", "major", lambda item: item["get"]["parameters"][0].update(style="matrix")),
    ("parameter-explode-changed", "major", lambda item: item["get"]["parameters"][1].update(explode=False)),
    ("parameter-described-differently", "patch", lambda item: item["get"]["parameters"][1].update(description="how many")),
    ("operation-id-changed", "patch", lambda item: item["get"].update(operationId="readThing")),
    ("operation-deprecated", "minor", lambda item: item["get"].update(deprecated=True)),
    ("body-became-required", "major", lambda item: item["put"]["requestBody"].update(required=True)),
    ("body-removed", "major", lambda item: item["put"].pop("requestBody")),
    ("required-body-added", "major", lambda item: item["get"].update(requestBody={"required": True, "content": {}})),
    ("media-type-added", "minor", lambda item: item["put"]["requestBody"]["content"].update({"text/csv": {}})),
    ("success-status-removed", "major", lambda item: item["get"]["responses"].pop("200")),
    ("success-status-added", "minor", lambda item: item["get"]["responses"].update({"206": {"description": "some"}})),
    ("other-status-removed", "minor", lambda item: item["get"]["responses"].pop("404")),
    ("required-response-header-removed", "major", lambda item: item["get"]["responses"]["200"].pop("headers")),
    ("security-tightened", "major", lambda item: item["get"].update(security=[{"token": []}])),
    ("servers-changed", "patch", lambda item: item["get"].update(servers=[{"url": "/v2"}]) or item.update(servers=[{"url": "/v2"}])),
]


@pytest.mark.parametrize(("rule", "level", "edit"), EDITS, ids=[rule for rule, _, _ in EDITS])
def test_each_edit_is_told_by_its_rule(rule: str, level: str, edit: Edit) -> None:
    """An edit has the class of its rule, and the rule tells it."""
    found = after(edit)

    assert level == found.level.value
    assert rule in {finding.rule for finding in found.findings}


def test_a_path_parameter_by_another_name_is_no_change_that_breaks() -> None:
    """Names of path parameters are never sent."""
    new = copy.deepcopy(THINGS)
    new["paths"]["/things/{thing}"] = new["paths"].pop(PATH)
    new["paths"]["/things/{thing}"]["get"]["parameters"][0]["name"] = "thing"

    assert compare_inline(THINGS, new).level.value == "none"


def test_a_callback_turns_directions() -> None:
    """In a callback the server asks, so what narrows is what clients receive."""

    def calling(schema: Any) -> dict[str, Any]:
        body = {"content": {"application/json": {"schema": schema}}}
        called = {"{$request.body#/url}": {"post": {"requestBody": body, "responses": {"200": {"description": "heard"}}}}}
        return edited(lambda item: item["put"].update(callbacks={"done": called}))

    wide, narrow = calling({"type": "number"}), calling({"type": "integer"})

    assert (compare_inline(wide, narrow).level.value, compare_inline(narrow, wide).level.value) == ("minor", "major")


def talking(action: str, payload: Any) -> dict[str, Any]:
    """An AsyncAPI document with one message."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Talk", "version": "1.0.0"},
        "channels": {"talk": {"address": "/talk", "messages": {"said": {"payload": payload}}}},
        "operations": {"talk": {"action": action, "channel": {"$ref": "#/channels/talk"}}},
    }


@pytest.mark.parametrize(("action", "level"), [("receive", "major"), ("send", "minor")])
def test_what_a_server_receives_is_what_clients_send(action: str, level: str) -> None:
    """A narrower payload breaks where it is received and not where it is sent."""
    found = compare_inline(talking(action, {"type": "number"}), talking(action, {"type": "integer"}))

    assert (level, ("talk said",)) == (found.level.value, found.findings[0].reaches)


def test_a_message_more_breaks_only_where_it_is_sent() -> None:
    """Clients meet a message that they do not know."""
    levels: dict[str, str] = {}
    for action in ("receive", "send"):
        old, new = talking(action, {}), talking(action, {})
        new["channels"]["talk"]["messages"]["shouted"] = {"payload": {"type": "string"}}
        levels[action] = compare_inline(old, new).level.value

    assert levels == {"receive": "minor", "send": "major"}


def test_batches_answer_every_line_and_never_stop() -> None:
    """A line that cannot be compared is answered with its id and an error."""
    lines = [
        json.dumps({"id": "same", "old": THINGS, "new": THINGS}),
        json.dumps({"id": "odd", "old": {"swagger": "2.0"}, "new": THINGS}),
        json.dumps({"id": "torn", "old": {"openapi": "3.1.0", "paths": {"/a": {"get": 3}}}, "new": THINGS}),
        "no JSON",
        json.dumps({"id": "less", "old": THINGS, "new": edited(lambda item: item.pop("put"))}),
    ]

    done = CliRunner().invoke(diff, ["--batch", "-"], input="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.exit_code == 0
    assert [answer["id"] for answer in answers] == ["same", "odd", "torn", None, "less"]
    assert [answer.get("class") for answer in answers] == ["none", None, None, None, "major"]


@pytest.mark.parametrize(
    ("edit", "code"),
    [(lambda item: item.pop("put"), 1), (lambda item: item["get"].update(summary="read"), 0)],
    ids=["breaking", "not breaking"],
)
def test_the_exit_code_says_whether_anyone_breaks(edit: Edit, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Zero when nothing breaks, one when something does."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(THINGS))
    new.write_text(json.dumps(edited(edit)))
    with pytest.raises(SystemExit) if code else _nothing() as left:
        run(["diff", str(old), str(new), "--format", "json"])

    report = json.loads(capsys.readouterr().out)
    assert {"class", "findings"} == set(report)
    assert {"rule", "class", "direction", "area", "pointer", "reaches", "witness", "policy"} <= set(report["findings"][0])
    assert left is None or code == left.value.code


class _nothing:  # noqa: N801 - it stands beside pytest.raises
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


@pytest.mark.parametrize("source", ["missing.yaml", "git:HEAD", "http://example.com/a.json", "git:HEAD:no/such/file.yaml"])
def test_a_document_that_cannot_be_read_is_refused_in_one_line(source: str) -> None:
    """Bad input is told, with what was expected."""
    with pytest.raises(DocumentRefused, match="expected"):
        read_document(source)


def test_released_contracts_are_read_by_name() -> None:
    """A contract version is an address like any other."""
    assert read_document("reliability@1.0.0").kind == "openapi"
    assert read_document("reliability@1.0.0", kind="asyncapi").kind == "asyncapi"


def test_every_form_tells_the_finding() -> None:
    """Text, Markdown, HTML, JSON, SARIF, JUnit and annotations name the rule."""
    found = after(lambda item: item.pop("put"))
    written = {form: render(found, form) for form in ("text", "markdown", "html", "json", "sarif", "junit", "github")}

    assert {form for form, text in written.items() if "operation-removed" in text} == set(written)
    assert json.loads(written["sarif"])["version"] == "2.1.0"
    assert ElementTree.fromstring(written["junit"])[0].get("failures") == "1"


def test_the_same_documents_give_the_same_bytes() -> None:
    """Nothing depends on the order in which things were met."""
    new = edited(lambda item: item["get"].update(parameters=list(reversed(item["get"]["parameters"])), deprecated=True))

    assert len({render(compare_inline(THINGS, new), "json") for _ in range(5)}) == 1


def test_every_page_is_written_by_one_command(tmp_path: Path) -> None:
    """`assay explain --out DIR` writes the page of every rule of the wire, of the client axis and of lint."""
    assert run(["explain", "--out", str(tmp_path)]) == 0

    assert {path.stem for path in tmp_path.glob("*.md")} == {*RULES, "README", "policies"}
    assert {path.stem for path in (tmp_path / "client").glob("*.md")} == {*SOURCE_RULES, "README"}
    assert {path.stem for path in (tmp_path / "lint").glob("*.md")} == {*LINT_RULES, "README"}


@pytest.mark.parametrize("id", sorted(LINT_RULES))
def test_a_lint_rule_is_explained_by_the_same_command(id: str) -> None:
    """One command explains whatever id a report names."""
    assert explain_rule(id) in CliRunner().invoke(explain, [id]).output


def test_every_rule_says_what_it_finds() -> None:
    """A rule is a sentence of its own."""
    assert [name for name, rule in RULES.items() if not rule.sentence.endswith(".")] == []
    assert len(RULES) == len({rule.sentence for rule in RULES.values()})


@pytest.mark.parametrize(
    ("rule", "effect"),
    [
        ("member-removed", "what worked before still works (`adds`)"),
        ("enum-value-added", "more is allowed than before (`widens`)"),
        ("source-model-removed", "what worked before no longer works (`breaks`)"),
    ],
)
def test_a_page_says_the_effect_in_words(rule: str, effect: str) -> None:
    """The name that machine formats use says little beside a removal."""
    assert f"Effect: {effect}." in CliRunner().invoke(explain, [rule]).output


@pytest.mark.parametrize(
    ("rule", "sides"), [("member-removed", ["in what clients receive"]), ("request-member-removed", ["in what clients send"])]
)
def test_a_page_has_the_directions_in_which_the_rule_is_reported(rule: str, sides: list[str]) -> None:
    """A property that is removed from a response says nothing of requests."""
    lines = CliRunner().invoke(explain, [rule]).output.splitlines()
    assert [line[2:].partition(":")[0] for line in lines if line.startswith("- ")] == sides


def test_explain_shows_the_page_of_a_rule() -> None:
    """The command prints what the page says, and lists all rules without a name."""
    assert page(RULES["enum-value-added"]) in CliRunner().invoke(explain, ["enum-value-added"]).output
    assert len(RULES) == len(CliRunner().invoke(explain, []).output.splitlines())


def test_pages_are_not_written_over_the_files_of_others(tmp_path: Path) -> None:
    """A folder with a README of its own is refused; other notes in a folder of pages stay, and a page of no rule goes."""
    (tmp_path / "README.md").write_text("# Mine\n", encoding="utf-8")
    assert run(["explain", "--out", str(tmp_path)]) == 2
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "# Mine\n"

    pages = tmp_path / "pages"
    assert run(["explain", "--out", str(pages)]) == 0
    (pages / "notes.md").write_text("# Our notes\n", encoding="utf-8")
    (pages / "rule-of-old.md").write_text("# rule-of-old\n", encoding="utf-8")
    assert run(["explain", "--out", str(pages)]) == 0
    assert (pages / "notes.md").exists()
    assert not (pages / "rule-of-old.md").exists()


def test_a_line_on_which_the_engine_fails_does_not_stop_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets an error line with its id, and the lines after it their answers."""
    from assay_compatibility import comparing

    def failing(old: Any, new: Any, policies: Any) -> Comparison:
        if old == 1:
            raise KeyError("a defect")
        return Comparison((), "old", "new")

    monkeypatch.setattr(comparing, "compare_inline", failing)
    batch = tmp_path / "batch.ndjson"
    batch.write_text('{"id": "a", "old": 1, "new": 1}\n{"id": "b", "old": 2, "new": 2}\n', encoding="utf-8")
    first, second = map(json.loads, CliRunner().invoke(diff, ["--batch", str(batch)]).output.splitlines())

    assert (first["id"], "defect" in first["error"]) == ("a", True)
    assert (second["id"], second["class"]) == ("b", "none")
