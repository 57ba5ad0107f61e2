"""A malformed document is bad input; a comparison that fails on a right one is a defect of its own."""

from __future__ import annotations

from typing import Any

import pytest
from assay_compatibility.comparing import compare_inline
from assay_compatibility.documents import as_document
from assay_compatibility.errors import DocumentRefused
from assay_compatibility.walks.asyncapi_walk import AsyncApiWalk
from assay_compatibility.walks.openapi_walk import OpenApiWalk
from assay_compatibility.well_formed import is_well_formed


def _http(schema: Any, version: str = "3.1.0") -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    get = {"responses": {"200": {"description": "fine", "content": content}}}
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": get}}}


def _feed(schema: Any) -> dict[str, Any]:
    channel = {"address": "/c", "messages": {"m": {"payload": schema}}}
    return {"asyncapi": "3.0.0", "info": {"title": "T", "version": "1"}, "channels": {"c": channel}}


RIGHT = {"type": "object", "properties": {"a": {"enum": ["x"]}}}
WRONG = {"type": "object", "properties": {"a": {"enum": 7}}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (_http(RIGHT), True),
        (_http({"type": "string", "nullable": True}, "3.0.3"), True),
        (_feed(RIGHT), True),
        (_http(WRONG), False),
        (_http(WRONG, "3.0.3"), False),
        (_feed(WRONG), False),
        (_http(RIGHT) | {"servers": 7}, False),
        # No official schema of this version is kept, so nobody can say.
        (_http(RIGHT, "3.2.0"), True),
        (_http(WRONG, "3.2.0"), False),
        (_http(RIGHT, "3.2.0") | {"servers": 7}, False),
        (_http(RIGHT, "3.3.0"), False),
    ],
)
def test_what_keeps_to_its_format(document: dict[str, Any], *, expected: bool) -> None:
    """By the schema of the standard and, inside, of JSON Schema."""
    assert is_well_formed(as_document(document)) is expected


@pytest.mark.parametrize("document", [_http, _feed])
def test_a_defect_is_not_called_bad_input(document: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a walk fails with is raised as it is when both documents are right, else it is put to the documents."""

    def fail(_: Any) -> None:
        raise TypeError("a defect")

    monkeypatch.setattr(OpenApiWalk, "run", fail)
    monkeypatch.setattr(AsyncApiWalk, "run", fail)
    with pytest.raises(TypeError, match="a defect"):
        compare_inline(document(RIGHT), document(RIGHT))
    with pytest.raises(DocumentRefused, match="documents that keep to their format"):
        compare_inline(document(RIGHT), document(WRONG))


def _nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"properties": {"a": schema}}
    return schema


@pytest.mark.parametrize("document", [_http, _feed])
def test_a_recursion_without_end_is_put_to_the_documents_only_if_they_nest(document: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In small documents it is a defect."""

    def fail(_: Any) -> None:
        raise RecursionError

    monkeypatch.setattr(OpenApiWalk, "run", fail)
    monkeypatch.setattr(AsyncApiWalk, "run", fail)
    with pytest.raises(RecursionError):
        compare_inline(document(RIGHT), document(RIGHT))
    with pytest.raises(DocumentRefused, match="schemas nested less deeply"):
        compare_inline(document(RIGHT), document(_nested(60)))


def test_schemas_nested_by_the_thousand_are_bad_input() -> None:
    """Without any defect of ours."""
    with pytest.raises(DocumentRefused, match="schemas nested less deeply"):
        compare_inline(_http(_nested(2000)), _http(_nested(2000)))


@pytest.mark.parametrize("document", [_http, _feed])
def test_a_malformed_schema_is_bad_input(document: Any) -> None:
    """Without any defect of ours."""
    with pytest.raises(DocumentRefused):
        compare_inline(document(RIGHT), document(WRONG))
