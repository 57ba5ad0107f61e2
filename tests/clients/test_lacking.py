"""What a request lacks of what its contract requires."""

from __future__ import annotations

from typing import Any

import pytest
from assay_clients.lacking import Request, lacking
from assay_clients.subjects import Subjects
from assay_contracts import parse_bundle

ORDER = {
    "type": "object",
    "required": ["id", "sku", "quantity"],
    "properties": {"id": {"type": "string", "readOnly": True}, "sku": {"type": "string"}, "quantity": {"type": "integer"}},
}
TEXT = {"type": "string"}


def parameter(location: str, name: str, schema: dict[str, Any] = TEXT, **more: Any) -> dict[str, Any]:
    """A required parameter."""
    return {"name": name, "in": location, "required": True, "schema": schema, **more}


def lacks(parameters: list[dict[str, Any]], body: dict[str, Any] | None, request: Request) -> tuple[str, ...]:
    """What a request to an operation with these parameters, and with a body of a schema, lacks."""
    operation: dict[str, Any] = {
        "operationId": "order",
        "parameters": parameters,
        "responses": {"200": {"description": ".", "content": {"application/json": {"schema": {"type": "object"}}}}},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    document = {"openapi": "3.1.0", "info": {"title": "orders", "version": "1"}, "paths": {"/orders": {"post": operation}}}
    subject = Subjects(parse_bundle(document)).fitting(frozenset({"unsafe"}))
    assert subject is not None
    return lacking(subject, request)


def request(query: str = "", headers: str = "", cookies: str = "", body: bytes = b"") -> Request:
    """A request with these names."""
    return Request(set(query.split()), set(headers.split()), set(cookies.split()), body)


FILTER = {"type": "object", "required": ["colour"], "properties": {"colour": {"type": "string"}}}
TAGS = {"type": "array", "minItems": 1, "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("wanted", "sent", "expected"),
    [
        (parameter("query", "tag"), request("tag"), ()),
        (parameter("query", "tag"), request("Tag"), ("query:tag",)),
        (parameter("header", "X-Region"), request(headers="x-region"), ()),
        (parameter("header", "X-Region"), request("x-region"), ("header:X-Region",)),
        (parameter("cookie", "theme"), request(cookies="theme"), ()),
        (parameter("cookie", "theme"), request(), ("cookie:theme",)),
        (parameter("header", "Content-Type"), request(), ()),
        (parameter("query", "tag", TAGS), request("tag[]"), ()),
        (parameter("query", "tag", {"type": "array", "items": TEXT}), request(), ()),
        (parameter("query", "filter", FILTER, style="deepObject"), request("filter[colour]"), ()),
        (parameter("query", "filter", FILTER), request("colour"), ()),
        (parameter("query", "filter", FILTER), request("size"), ("query:filter",)),
        ({"name": "tag", "in": "query", "schema": TEXT}, request(), ()),
    ],
)
def test_a_required_parameter_is_looked_for_in_each_way_it_is_written(
    wanted: dict[str, Any], sent: Request, expected: tuple[str, ...]
) -> None:
    """Its name counts, not how a client writes its value."""
    assert lacks([wanted], None, sent) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"sku": "a", "quantity": 1}', ()),
        (b'{"sku": "a", "quantity": 1, "id": "x", "note": ""}', ()),
        (b'{"sku": "a"}', ("body:/quantity",)),
        (b"{}", ("body:/quantity", "body:/sku")),
        (b"[]", ("body",)),
        (b"", ("body",)),
        (b"sku=a&quantity=1", ("body",)),
    ],
)
def test_a_body_needs_its_required_properties(body: bytes, expected: tuple[str, ...]) -> None:
    """Those that only a response has are not needed."""
    assert lacks([], ORDER, request(body=body)) == expected
