"""A request that is sent again carries what the new responses give in place of what the old ones gave."""

from __future__ import annotations

from dataclasses import replace

import orjson
from assay_conformance.evidence import Exchange, Request, Response
from assay_conformance.replayed_values import ReplayedValues
from assay_contracts import parse_bundle

POST = Request("POST", "/orders", headers=(("idempotency-key", "key-of-the-first-run"),), body='{"state": "open"}')


def created(number: int, cursor: str) -> Exchange:
    """The response that creates an order."""
    body = {"id": number, "next": cursor, "state": "open", "note": "shipping"}
    answer = Response(201, (("location", f"https://a.example/orders/o-{number}"),), orjson.dumps(body).decode())
    return Exchange(id="x1", subject="createOrder", purpose="a test", request=POST, response=answer)


def after(values: ReplayedValues, request: Request) -> Request:
    """The request as it is sent after an order was created again."""
    values.renewed(POST)
    values.learn(created(17, "cursor-of-before"), created(23, "cursor-of-now"))
    return values.renewed(request)


def test_a_cursor_an_id_and_a_location_are_taken_from_the_new_response() -> None:
    """Wherever they stood: in the query, in the path, in the body."""
    request = Request("PUT", "/orders/17/lines/o-17", (("cursor", "cursor-of-before"),), body='{"after": ["cursor-of-before"]}')
    sent = after(ReplayedValues(), request)

    assert sent.path == "/orders/23/lines/o-23"
    assert sent.query == (("cursor", "cursor-of-now"),)
    assert orjson.loads(sent.body or "") == {"after": ["cursor-of-now"]}


def test_what_the_client_chose_stays() -> None:
    """A number in the query is no id, a short text stands in a response by chance, and what was sent before is the client's own."""
    values = ReplayedValues()
    values.renewed(Request("GET", "/orders", (("note", "shipping"),)))
    request = Request("GET", "/orders", (("limit", "17"), ("state", "open"), ("note", "shipping")), body='{ "odd":1 }')

    assert after(values, request) == request


def test_an_idempotency_key_is_a_new_one_for_each_old_one() -> None:
    """With the old key the server would give the stored response."""
    responses = {"201": {"description": "Created."}}
    post = {"operationId": "createOrder", "responses": responses, "x-idempotency": {"header": "Idempotency-Key"}}
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1.0.0"}, "paths": {"/orders": {"post": post}}}
    (operation,) = parse_bundle(document).operations
    values = ReplayedValues()
    first, second = values.renewed(POST, operation), values.renewed(POST, operation)
    other = values.renewed(replace(POST, headers=(("idempotency-key", "another-key"),)), operation)

    keys = [request.header("idempotency-key") for request in (first, second, other)]
    assert keys[0] == keys[1] != keys[2]
    assert not {"key-of-the-first-run", "another-key"} & set(keys)


def test_a_short_id_is_renewed_in_a_parameter_of_the_path_alone() -> None:
    """A fixed segment of a path that reads like it stays."""
    read = {"operationId": "readToy", "responses": {"200": {"description": "The toy."}}}
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1.0.0"},
        "paths": {"/t-8/{id}/t-8": {"parameters": parameters, "get": read}},
    }
    (operation,) = parse_bundle(document).operations
    values = ReplayedValues()
    before, now = (replace(created(1, "c"), response=Response(201, (), f'{{"id": "{id}"}}')) for id in ("t-8", "t-31"))
    values.learn(before, now)

    assert values.renewed(Request("GET", "/t-8/t-8/t-8"), operation).path == "/t-8/t-31/t-8"
    assert values.renewed(Request("GET", "/t-8/t-8/t-8")).path == "/t-8/t-8/t-8"
