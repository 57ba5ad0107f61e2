"""Vocabulary: an annotation promises its clauses, a condition narrows them, a contract may add its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import find_documents, load_contract, pointers, read_vocabulary
from assay_contracts.vocabulary import holds

Document = dict[str, Any]
Write = Callable[[str, Document], Path]


@pytest.mark.parametrize(
    ("when", "value", "promised"),
    [
        ("series", {"series": {}}, True),
        ("/series", {"series": []}, True),
        ("/series/additive", {"series": {}}, False),
        ("/close/4401", {"close": {"4401": {}}}, True),
        ("/etag", {"etag": False}, False),
        ("/etag", {"etag": None}, False),
        ("/etag", {"etag": 0}, True),
        ("/etag", {}, False),
        ("/fields/*{2}", {"fields": {"a": {}}}, False),
        ("/fields/*{2}", {"fields": {"a": {}, "b": {}}}, True),
        ("/*{2}", [1, 2], True),
    ],
)
def test_a_condition_holds_when_its_member_is_there(when: str, value: object, promised: bool) -> None:
    """Absent, null and false promise nothing; everything else does, empty or not."""
    assert promised == holds(when, value)


@pytest.fixture
def small(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, openapi: Document) -> Callable[..., list[tuple[str, str]]]:
    """The promises of the small contract that a vocabulary of its own folder gives it."""
    own = {"operation", "x-moon", "x-sun", "x-clauses"}

    def clause(id: str, **more: str) -> Document:
        return {"id": id, "level": "MUST", "sentence": f"{id} holds.", **more}

    write("openapi/vocabulary/operation.yaml", {"annotation": "operation", "on": "operation", "clauses": [clause("OP-1")]})
    moon = {"annotation": "x-moon", "on": ["operation", "document"], "clauses": [clause("MOON-1"), clause("MOON-2", when="/full")]}
    write("openapi/vocabulary/x-moon.yaml", moon)
    write("openapi/vocabulary/x-sun.yaml", {"annotation": "x-sun", "on": "document", "clauses": [clause("SUN-1")]})
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))

    def promises(document: Document, operation: Document) -> list[tuple[str, str]]:
        openapi.update(document)
        openapi["paths"]["/items"]["get"].update(operation)
        contract = load_contract(write("api.yaml", openapi))
        return [(promise.clause.id, promise.subject) for promise in contract.promises if promise.clause.annotation in own]

    return promises


def test_every_operation_promises_what_needs_no_annotation(small: Callable[..., list[tuple[str, str]]]) -> None:
    """An operation without annotations still promises the clauses of operations."""
    assert small({}, {}) == [("OP-1", "listItems")]


@pytest.mark.parametrize(
    ("security", "promised"),
    [
        (None, []),
        ([], []),
        ([{}, {"bearer": []}], []),
        ([{"bearer": []}], ["AUT-001", "AUT-003"]),
        ([{"bearer": ["read"]}], ["AUT-001", "AUT-002", "AUT-003"]),
        ([{"bearer": ["read"]}, {"key": []}], ["AUT-001", "AUT-002", "AUT-003"]),
    ],
)
def test_an_operation_with_security_promises_to_ask_for_a_credential(
    write: Write, openapi: Document, security: object, promised: list[str]
) -> None:
    """An empty alternative lets everybody in; a scope can be missing only where there is one."""
    openapi.pop("security", None)
    openapi["paths"]["/items"]["get"].pop("security", None)
    if security is not None:
        openapi["paths"]["/items"]["get"]["security"] = security

    contract = load_contract(write("api.yaml", openapi))

    assert promised == [clause.id for clause in contract.clauses() if clause.annotation == "security"]


@pytest.mark.parametrize(
    ("media", "promised"),
    [
        ([], []),
        (["application/json"], ["OP-008", "OP-009"]),
        (["application/json; charset=utf-8", "application/vnd.list+json"], ["OP-008", "OP-009"]),
        (["application/json", "text/csv"], ["OP-009", "OP-010"]),
        (["text/csv"], []),
    ],
)
def test_an_operation_promises_json_only_where_it_answers_with_it(
    write: Write, openapi: Document, media: list[str], promised: list[str]
) -> None:
    """A body that is no JSON has no members to occur twice, or to be seen."""
    success = {"description": "fine", "content": {name: {"schema": {}} for name in media}}
    openapi["paths"]["/items"]["get"]["responses"] = {"200": success}

    contract = load_contract(write("api.yaml", openapi))

    assert promised == [clause.id for clause in contract.clauses() if clause.id in ("OP-008", "OP-009", "OP-010")]


def test_a_channel_asks_for_a_credential_where_each_of_its_servers_does(write: Write, openapi: Document) -> None:
    """A server without security lets everybody in, unless the channel does not use it or its operation asks itself."""
    servers: Document = {
        "open": {"host": "localhost", "protocol": "ws"},
        "closed": {"host": "localhost", "protocol": "ws", "security": [{"type": "http", "scheme": "bearer"}]},
    }
    only_closed = {"servers": [{"$ref": "#/servers/closed"}]}
    asking = {"security": [{"type": "userPassword"}]}

    def secured(servers: Document, channel: Document, action: Document) -> bool:
        messages = {"said": {"payload": {"type": "string"}}}
        talk = {"action": "send", "channel": {"$ref": "#/channels/talk"}, **action}
        document = {
            "asyncapi": "3.0.0",
            "info": {"title": "Talk", "version": "1.0.0"},
            "servers": servers,
            "channels": {"talk": {"address": "/talk", "messages": messages, **channel}},
            "operations": {"talk": talk},
        }
        return load_contract(write("talk.yaml", document)).channels[0].secured

    assert [
        secured(servers, {}, {}),
        secured(servers, only_closed, {}),
        secured({"closed": servers["closed"]}, {}, {}),
        secured(servers, {}, asking),
        secured({}, {}, {}),
    ] == [False, True, True, True, False]


def test_an_annotation_promises_its_clauses_where_it_stands(small: Callable[..., list[tuple[str, str]]]) -> None:
    """On an operation about the operation, on the document about the contract, elsewhere about nothing."""
    found = small({"x-sun": {}, "x-moon": {"full": 1}}, {"x-moon": {}, "x-sun": {}})

    assert found == [
        ("OP-1", "listItems"),
        ("MOON-1", "listItems"),
        ("MOON-1", "contract"),
        ("MOON-2", "contract"),
        ("SUN-1", "contract"),
    ]


def test_a_contract_may_promise_more_than_the_vocabulary(small: Callable[..., list[tuple[str, str]]]) -> None:
    """Its own clauses are about the subjects they list, or about the contract."""
    own = [
        {"id": "OWN-1", "level": "SHOULD", "sentence": "It is kind."},
        {"id": "OWN-2", "level": "MUST", "sentence": "It is quick.", "subjects": ["listItems"]},
    ]

    assert small({"x-clauses": own}, {})[1:] == [("OWN-1", "contract"), ("OWN-2", "listItems")]


def test_a_folder_of_others_has_our_vocabulary_and_its_own(
    openapi: Document, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing has to be copied to annotate a contract; a file of the folder adds an annotation, or stands in for ours."""
    ours = read_vocabulary(find_documents())
    moon = {"annotation": "x-moon", "on": "operation", "clauses": [{"id": "MOO-001", "level": "MUST", "sentence": "It is round."}]}
    order = {"annotation": "x-order", "on": "operation", "clauses": []}
    openapi["paths"]["/items"]["get"]["x-moon"] = {}
    write("openapi/small/1.0.0.yaml", openapi)
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))

    plain = {promise.clause.id for promise in load_contract("small@1.0.0").promises}
    write("openapi/vocabulary/x-moon.yaml", moon)
    write("openapi/vocabulary/x-order.yaml", order)
    extended = {promise.clause.id for promise in load_contract("small@1.0.0").promises}

    assert {"OP-001", "PAG-001", "ORD-001"} <= plain
    assert extended - plain == {"MOO-001"}
    assert "ORD-001" not in extended
    assert read_vocabulary(find_documents()).version == ours.version


def below(root: Document, schema: Document, key: str) -> Document:
    """The schema of one property of a schema, or of its items."""
    if "$ref" in schema:
        schema = pointers.follow(root, schema["$ref"].removeprefix("#"))
    for branch in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found: Document | None = branch.get("items") if key == "*" else branch.get("properties", {}).get(key)
        named = [*branch.get("patternProperties", {}).values(), branch.get("additionalProperties")]
        found = found or next((inner for inner in named if isinstance(inner, dict)), None)
        if found:
            return found
    return {}


def test_every_annotation_of_the_repository_has_a_sound_schema() -> None:
    """Its schema compiles, and each condition of its clauses names a member that the schema knows."""
    annotations = read_vocabulary(find_documents()).annotations

    assert annotations
    for annotation in annotations.values():
        schema = dict(annotation.schema)
        jsonschema_rs.Draft202012Validator(schema)
        for clause in annotation.clauses:
            for pointer in clause.when:
                at = schema
                for key in pointers.split(pointer.removesuffix("{2}")):
                    at = below(schema, at, key)
                assert at


def test_clause_ids_are_numbered_sentences() -> None:
    """Three capitals, three digits, and a sentence that ends."""
    for annotation in read_vocabulary(find_documents()).annotations.values():
        for clause in annotation.clauses:
            prefix, _, number = clause.id.partition("-")
            assert (len(prefix) in (2, 3), prefix.isupper(), len(number), number.isdigit()) == (True, True, 3, True)
            assert clause.sentence.endswith(".")
