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


def test_every_annotation_of_the_repository_has_a_sound_schema() -> None:
    """Its schema compiles, and each condition of its clauses names a member that the schema knows."""
    annotations = read_vocabulary(find_documents()).annotations

    assert annotations
    for annotation in annotations.values():
        schema = dict(annotation.schema)
        jsonschema_rs.Draft202012Validator(schema)
        for clause in annotation.clauses:
            at = schema
            for key in pointers.split(clause.when or ""):
                patterns = list(at.get("patternProperties", {}).values())
                inner = at["items"] if key == "*" else at.get("properties", {}).get(key)
                at = inner or (patterns[0] if patterns else at["additionalProperties"])
            assert isinstance(at, dict)


def test_clause_ids_are_numbered_sentences() -> None:
    """Three capitals, three digits, and a sentence that ends."""
    for annotation in read_vocabulary(find_documents()).annotations.values():
        for clause in annotation.clauses:
            prefix, _, number = clause.id.partition("-")
            assert (len(prefix) in (2, 3), prefix.isupper(), len(number), number.isdigit()) == (True, True, 3, True)
            assert clause.sentence.endswith(".")
