"""What other people write is read: newer AsyncAPI, replies, older drafts, extensions of their own, circles of schemas."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import ContractError, load_contract
from assay_contracts.lint import lint_files, report_files
from assay_contracts.reading import read_document

Document = dict[str, Any]
Write = Callable[[str, Document], Path]


def rules(*paths: Path) -> set[str]:
    """The rules that documents break."""
    return {finding.rule for finding in lint_files(paths)}


def test_asyncapi_3_1_is_held_to_its_own_schema(asyncapi: Document, write: Write) -> None:
    """A binding that came with 3.1 is right there and wrong in 3.0."""
    asyncapi["servers"] = {"robot": {"host": "r", "protocol": "ros2", "bindings": {"ros2": {"rmwImplementation": "x"}}}}

    found = {version: rules(write(f"{version}.yaml", asyncapi | {"asyncapi": version})) for version in ("3.0.0", "3.1.0")}

    assert "document-breaks-the-official-schema" in found["3.0.0"]
    assert "document-breaks-the-official-schema" not in found["3.1.0"]


def test_a_reply_goes_the_other_way(asyncapi: Document, write: Write) -> None:
    """What a server replies with is something that it sends, and no message that nobody sends."""
    feed = asyncapi["channels"]["feed"]
    for name in ("ask", "answer"):
        payload = {"type": "object", "properties": {"type": {"const": name}}}
        feed["messages"][name] = {"payload": payload, "examples": [{"payload": {"type": name}}]}
    asyncapi["operations"]["beAsked"] = {
        "action": "receive",
        "channel": {"$ref": "#/channels/feed"},
        "messages": [{"$ref": "#/channels/feed/messages/ask"}],
        "reply": {"messages": [{"$ref": "#/channels/feed/messages/answer"}]},
    }
    path = write("feed.yaml", asyncapi)

    (channel,) = load_contract(path).channels

    assert "answer" in channel.sent
    assert channel.received == ("ask", "resume")
    assert "message-that-nobody-sends" not in rules(path)


@pytest.mark.parametrize("form", ["application/schema+json;version=draft-07", "application/schema+yaml;version=draft-07"])
def test_a_payload_of_an_older_draft_is_read(form: str, asyncapi: Document, write: Write) -> None:
    """It is read as 2020-12; a keyword that the new draft spells otherwise is a finding."""
    messages = asyncapi["channels"]["feed"]["messages"]
    name = next(iter(messages))
    messages[name] = {"payload": {"schemaFormat": form, "schema": {"type": "array", "items": [{"type": "string"}]}}}

    assert "schema-is-no-json-schema" in rules(write("feed.yaml", asyncapi))


def test_references_in_extensions_of_others_stay_references(openapi: Document, write: Write) -> None:
    """Only our own annotations are read as they are; what others put there may lead round in a circle."""
    item = openapi["components"]["schemas"]["Item"]
    item["x-expansion"] = {"oneOf": [{"$ref": "#/components/schemas/Page"}, {"$ref": "#/components/schemas/Item"}]}
    path = write("api.yaml", openapi)

    assert rules(path) == set()
    assert load_contract(path).openapi["components"]["schemas"]["Item"]["x-expansion"] == item["x-expansion"]


def test_schemas_that_extend_each_other_in_a_circle_are_found_at_once(openapi: Document, write: Write) -> None:
    """No validator ever sees them: one would double its work with every round."""
    for name in "ABCDEF":
        others = [{"$ref": f"#/components/schemas/{other}"} for other in "ABCDEF" if other != name]
        openapi["components"]["schemas"][name] = {"allOf": others, "oneOf": others, "examples": [{}]}
    path = write("api.yaml", openapi)
    start = time.process_time()

    assert "schema-without-end" in rules(path)
    with pytest.raises(ContractError, match="expected references that end"):
        load_contract(path)
    assert time.process_time() - start < 2


def test_a_schema_reached_in_many_ways_is_walked_once(openapi: Document, write: Write) -> None:
    """Each of thirty schemas extends the next one twice: the ways through them are a billion."""
    schemas = openapi["components"]["schemas"]
    for number in range(30):
        following = {"$ref": f"#/components/schemas/S{number + 1}"}
        schemas[f"S{number}"] = {"allOf": [following, following]}
    schemas["S30"] = {"type": "object", "examples": [{}]}
    start = time.process_time()

    assert "code-on-a-shared-problem-schema" not in rules(write("api.yaml", openapi))
    assert time.process_time() - start < 2


def test_an_operation_may_leave_out_its_responses(openapi: Document, write: Write) -> None:
    """OpenAPI 3.1 allows it: the document is read, and lint says that there is no success."""
    del openapi["paths"]["/items"]["get"]["responses"]

    assert "operation-without-success" in rules(write("api.yaml", openapi))


def test_an_error_in_a_part_names_file_line_and_column(openapi: Document, write: Write) -> None:
    """Whoever reads it need not search."""
    openapi["paths"]["/items"]["get"]["parameters"][0]["in"] = "moon"
    path = write("api.yaml", openapi)
    line = next(number for number, text in enumerate(path.read_text("utf-8").splitlines(), 1) if "moon" in text)

    with pytest.raises(ContractError, match=rf"api\.yaml:{line}:\d+: GET /items: parameters/0/in: expected query, path"):
        load_contract(path)


def test_an_error_in_a_channel_names_its_file_of_two(openapi: Document, asyncapi: Document, write: Write) -> None:
    """Of two documents the one is named that is wrong."""
    next(iter(asyncapi["operations"].values()))["action"] = "shout"
    api, feed = write("api.yaml", openapi), write("feed.yaml", asyncapi)

    with pytest.raises(ContractError, match=r"feed\.yaml:\d+:\d+: operations/"):
        load_contract(api, asyncapi=feed)


def test_places_in_json_are_those_that_a_yaml_parser_tells(openapi: Document, write: Write) -> None:
    """Keys, list items and whole documents: line and column agree wherever a YAML parser can read the text."""
    written = write("api.json", openapi)
    same = written.with_suffix(".yaml")
    same.write_bytes(written.read_bytes())
    json, yaml = read_document(written), read_document(same)
    pointers = ["", "/openapi", "/paths/~1items/get/parameters/0/in", "/paths/~1items/get/parameters/2", "/paths/~1nowhere/get"]

    assert [json.place(pointer) for pointer in pointers] == [yaml.place(pointer) for pointer in pointers]


def test_json_that_is_no_yaml_is_linted(tmp_path: Path) -> None:
    """Escaped surrogate pairs, long keys and a control character are right in JSON."""
    path = tmp_path / "api.json"
    path.write_text(
        '{"openapi": "3.1.0", "info": {"title": "\\ud83d\\ude00 T", "version": "1.0.0", "description": "\x7f"},\n'
        '"x-%s": {}, "paths": {"\\/a": {\n"get": {}}}}' % ("k" * 2000),
        encoding="utf-8",
    )
    (found,) = (finding for finding in lint_files([path]) if finding.rule == "operation-without-id")

    assert (found.line, found.column) == (3, 1)


def test_half_a_character_is_refused_before_any_rule_sees_it(tmp_path: Path) -> None:
    """JSON can spell it, no text can hold it."""
    path = tmp_path / "api.json"
    path.write_text('{"openapi": "3.1.0", "info": {"title": "\\ud800", "version": 1}, "paths": {}}', encoding="utf-8")

    with pytest.raises(ContractError, match=r"api\.json: expected text, got a lone surrogate"):
        lint_files([path])


def test_several_files_of_one_kind_are_linted_one_by_one(openapi: Document, write: Write) -> None:
    """None stands in for another: what is wrong with the first is said."""
    good = write("good.yaml", openapi)
    openapi["paths"]["/items"]["get"]["tags"] = ["things"]
    bad = write("bad.yaml", openapi)

    for files in ([bad, good], [good, bad], [bad, bad]):
        assert [(finding.path.name, finding.rule) for finding in report_files(files).findings] == [("bad.yaml", "tag-undeclared")]
