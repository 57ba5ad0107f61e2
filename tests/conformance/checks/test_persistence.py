"""The checks of persistence: what was written is read, and what was not sent stays."""

from __future__ import annotations

import itertools
from typing import Any

import orjson
import pytest
from assay_conformance.evidence import Exchange, Request, Response, Write
from assay_contracts import Contract, parse_bundle

from .by_hand import verdict

_IDS = itertools.count(1)
Json = dict[str, Any]
NAMES = ("author", "note", "title")
PUT_AND_PATCH = {"change": "PATCH", "replace": "PUT", "add": "POST"}


def shelf() -> Contract:
    """Books that are added, changed, replaced and read."""
    properties: Json = {name: {"type": "string"} for name in NAMES}
    content = {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "string"}, **properties}}}}
    fine = {"200": {"description": "Fine.", "content": content}}

    def writing(id: str, *required: str, names: tuple[str, ...] = NAMES) -> Json:
        schema = {"type": "object", "required": list(required), "properties": {name: properties[name] for name in names}}
        return {"operationId": id, "requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": fine}

    book = {"name": "book", "in": "path", "required": True, "schema": {"type": "string"}}
    one = {
        "parameters": [book],
        "get": {"operationId": "read", "responses": fine},
        "patch": writing("change"),
        "put": writing("replace", names=("note", "title")),
    }
    paths = {"/books": {"post": writing("add", "author", "title")}, "/books/{book}": one}
    return parse_bundle({"openapi": "3.1.0", "info": {"title": "Shelf", "version": "1.0.0"}, "paths": paths})


def exchange(subject: str, method: str, body: Json | None, sent: Json | None = None, status: int = 200) -> Exchange:
    """A request for a book; `body` is what is answered."""
    request = Request(method, "/books/7", body=None if sent is None else orjson.dumps(sent).decode())
    answer = Response(status, (("content-type", "application/json"),), orjson.dumps(body).decode())
    return Exchange(id=f"e{next(_IDS)}", subject=subject, purpose="by hand", request=request, response=answer)


def write(
    subject: str, before: Json | None, sent: Json, after: Json | None, *, status: int = 200, found: int = 200, answer: Json | None = None
) -> Write:
    """A book as it was, what was sent and answered, and how it was read then; None for one that was not read."""
    return Write(
        id=f"w{next(_IDS)}",
        subject=subject,
        purpose="by hand",
        before=None if before is None else exchange("read", "GET", before),
        written=exchange(subject, PUT_AND_PATCH[subject], {"id": "7"} if answer is None else answer, sent, status),
        after=None if after is None else exchange("read", "GET", after, status=found),
    )


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (write("change", {"title": "a"}, {"title": "b"}, {"title": "b"}), "PASS"),
        (write("change", {"title": "a"}, {"title": " B "}, {"title": "b"}), "PASS"),
        (write("change", {"title": "a"}, {"title": "b"}, {"title": "a"}), "FAIL"),
        (write("change", {"title": "a"}, {"title": "b"}, {}), "FAIL"),
        (write("change", {"title": "a"}, {"title": "b"}, {}, found=404), "FAIL"),
        (write("change", {"title": "a"}, {"title": "a"}, {"title": "a"}), "INCONCLUSIVE"),
        (write("change", {"title": "a"}, {"title": "b"}, {"title": "a"}, status=202), "INCONCLUSIVE"),
        (write("change", {"title": "a"}, {"title": "b"}, {"title": "a"}, status=409), "INCONCLUSIVE"),
        (write("change", {"title": "a"}, {"other": "b"}, {"title": "a"}), "INCONCLUSIVE"),
    ],
)
def test_what_was_changed_is_read(item: Write, expected: str) -> None:
    """Unless it is changed later, or was kept with an error."""
    assert verdict("OP-012", "change", item, contract=shelf()) == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (write("add", None, {"title": "b"}, {"title": "b", "note": "by default"}), "PASS"),
        (write("add", None, {"title": "b"}, {"title": "c"}), "FAIL"),
        (write("add", None, {"title": "b"}, {}, found=404), "FAIL"),
        (write("add", None, {"title": "b"}, None), "INCONCLUSIVE"),
    ],
)
def test_what_was_created_is_read(item: Write, expected: str) -> None:
    """What nothing names cannot be read."""
    assert verdict("OP-014", "add", item, contract=shelf()) == expected


@pytest.mark.parametrize(
    ("writes", "expected"),
    [
        # Whoever asks, the author is the one that the server knows.
        ([({"title": "b", "author": "x"}, {"title": "b", "author": "me"})] * 2, "PASS"),
        (
            [
                ({"title": "b", "author": "x"}, {"title": "b", "author": "x"}),
                ({"title": "c", "author": "y"}, {"title": "c", "author": "x"}),
            ],
            "FAIL",
        ),
        ([({"title": "b", "author": "x"}, {"title": "b"})], "FAIL"),
        ([({"title": "b", "author": "x"}, {"title": "c", "author": "me"})], "FAIL"),
    ],
)
def test_what_the_server_always_sets_may_be_undeclared(writes: list[tuple[Json, Json]], expected: str) -> None:
    """What some write keeps is the client's; what is empty afterwards was forgotten; a thing of which nothing is kept is lost."""
    items = [write("add", None, sent, after) for sent, after in writes]

    assert verdict("OP-014", "add", *items, contract=shelf()) == expected


def test_an_operation_that_keeps_nothing_says_nothing_of_another_one() -> None:
    """What the server sets in each creation is its own, whatever becomes of changes."""
    created = [write("add", None, {"title": "b", "author": "x"}, {"title": "b", "author": "me"})] * 2
    forgotten = write("change", {"title": "b", "note": "n"}, {"title": "c", "note": "m"}, {"title": "b", "note": "n"})

    assert verdict("OP-014", "add", *created, forgotten, contract=shelf()) == "PASS"
    assert verdict("OP-012", "change", *created, forgotten, contract=shelf()) == "FAIL"


def test_what_the_response_to_a_write_confirms_is_no_value_of_the_server() -> None:
    """A server that sets it says so at once."""
    sent = {"title": "b", "author": "x"}
    item = write("add", None, sent, {"title": "b", "author": "me"}, answer={"id": "7", **sent})

    assert verdict("OP-014", "add", item, contract=shelf()) == "FAIL"


WHOLE = {"author": "a", "note": "n", "title": "t"}


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([write("change", WHOLE, {"title": "u"}, {**WHOLE, "title": "u"})], "PASS"),
        ([write("change", WHOLE, {"title": "u"}, {"title": "u"})], "INCONCLUSIVE"),
        ([write("change", WHOLE, {"title": "u"}, {"title": "u"}), write("change", WHOLE, {"note": "m"}, {"note": "m"})], "FAIL"),
        # One property follows another, and no other change touches it.
        (
            [
                write("change", WHOLE, {"title": "u"}, {**WHOLE, "title": "u", "note": None}),
                write("change", WHOLE, {"author": "b"}, {**WHOLE, "author": "b"}),
            ],
            "PASS",
        ),
        ([write("change", WHOLE, WHOLE, WHOLE)], "INCONCLUSIVE"),
        ([write("change", WHOLE, {"title": "u"}, {"title": "u"}, status=409)], "INCONCLUSIVE"),
    ],
)
def test_what_was_not_sent_stays(items: list[Write], expected: str) -> None:
    """A property that every change loses fails; one that follows from another does not."""
    assert verdict("OP-013", "change", *items, contract=shelf()) == expected


@pytest.mark.parametrize(("after", "expected"), [({"author": "a", "title": "u"}, "PASS"), ({"title": "u", "note": "n"}, "FAIL")])
def test_a_replacement_keeps_what_it_cannot_name(after: Json, expected: str) -> None:
    """It may drop what it could have named."""
    assert verdict("OP-013", "replace", write("replace", WHOLE, {"title": "u"}, after), contract=shelf()) == expected
