"""One bad row never loses a page: the others are read, and the row is reported by its place."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from assay_sdk import InvalidAnswerError, RowDefect
from assay_sdk.declarations import Operation
from assay_sdk.model import Model
from pydantic import Field, TypeAdapter

from tests.sdk.plain import LIST, PlainClient, Things
from tests.sdk.scripted import Reply, http_server


def page(*items: object, **more: object) -> bytes:
    return json.dumps({"items": items, "next": None, **more}).encode()


GOOD = {"name": "good", "size": 1}


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ({"name": 7}, "/name: string_type"),
        ({}, "/name: missing"),
        ({"name": "a", "size": "much"}, "/size: int_type"),
        (None, "/: model_type"),
        ("text", "/: model_type"),
        ([], "/: model_type"),
    ],
)
def test_a_bad_row_is_left_out_and_reported(bad: object, problem: str) -> None:
    """Wherever it stands."""
    for position in range(3):
        items: list[object] = [GOOD, GOOD]
        items.insert(position, bad)
        with http_server(lambda _, items=items: Reply(200, page(*items))) as server, PlainClient(server.url) as client:  # type: ignore[misc]
            response = client.with_response(client.things)

        assert [item.name for item in response.value.items] == ["good", "good"]
        assert response.defects == (RowDefect(f"/items/{position}", problem),)


def test_several_bad_rows_keep_their_places() -> None:
    """As in the body that was received."""
    with (
        http_server(lambda _: Reply(200, page({}, GOOD, {"name": 1}, GOOD, "x"))) as server,
        PlainClient(server.url) as client,
    ):
        response = client.with_response(client.things)

    assert [defect.pointer for defect in response.defects] == ["/items/0", "/items/2", "/items/4"]


def test_the_report_reaches_the_log_without_a_value(caplog: pytest.LogCaptureFixture) -> None:
    """Who does not look at defects still hears of them."""
    with (
        caplog.at_level(logging.WARNING, "assay_sdk"),
        http_server(lambda _: Reply(200, page(GOOD, {"name": 70707}))) as server,
        PlainClient(server.url) as client,
    ):
        client.things()

    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("listThings: /items/1 breaks the contract (/name: string_type) and was left out")
    assert "70707" not in line


@pytest.mark.parametrize("body", [page(GOOD, next=7), b'{"next": null}', b"[", b"<html>", b'{"items": {"a": 1}}'])
def test_what_is_no_row_still_breaks_the_response(body: bytes) -> None:
    """A page without its cursor cannot be gone on from; the error keeps what was received."""
    with http_server(lambda _: Reply(200, body)) as server, PlainClient(server.url) as client, pytest.raises(InvalidAnswerError) as caught:
        client.call(LIST)

    assert caught.value.response is not None
    assert caught.value.response.content == body


def test_a_client_may_want_all_rows_or_none() -> None:
    """For one call or for all."""
    with http_server(lambda _: Reply(200, page(GOOD, {}))) as server, PlainClient(server.url) as client:
        assert len(client.call(LIST).items) == 1
        with pytest.raises(InvalidAnswerError):
            client.call(LIST, options={"salvage": False})


class Cat(Model):
    kind: Literal["cat"]
    lives: int


class Dog(Model):
    kind: Literal["dog"]
    amount: Decimal


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Owner(Model):
    name: str
    pets: list[Pet]


def test_rows_of_a_bare_array_and_of_alternatives() -> None:
    """A tag in the way to the error is no step of the body; the other rows are as they were received."""
    reader: TypeAdapter[list[Pet]] = TypeAdapter(list[Pet])
    pets: Operation[list[Pet]] = Operation("pets", "GET", "/pets", reader.validate_json)
    body = b'[{"kind":"cat","lives":"nine"},{"kind":"dog","amount":1.25},{"kind":"dog","amount":12345678901234567890}]'
    with http_server(lambda _: Reply(200, body)) as server, PlainClient(server.url) as client:
        response = client.with_response(client.call, pets)

    assert [pet.amount for pet in response.value if isinstance(pet, Dog)] == [
        Decimal("1.25"),
        Decimal(12345678901234567890),
    ]
    assert [defect.pointer for defect in response.defects] == ["/0"]


def test_a_row_inside_a_row_takes_the_outer_one_along() -> None:
    """A row is read whole or not at all."""
    owners: Operation[list[Owner]] = Operation("owners", "GET", "/owners", TypeAdapter(list[Owner]).validate_json)
    body = json.dumps([{"name": "a", "pets": [{"kind": "cat", "lives": 9}]}, {"name": "b", "pets": [{"kind": "cat"}]}]).encode()
    with http_server(lambda _: Reply(200, body)) as server, PlainClient(server.url) as client:
        response = client.with_response(client.call, owners)

    assert ([owner.name for owner in response.value], [defect.pointer for defect in response.defects]) == (["a"], ["/1"])


def test_a_union_of_pages_is_salvaged_too() -> None:
    """The names of its alternatives are no steps of the body."""

    class Other(Model):
        others: list[int]

    either: TypeAdapter[Things | Other] = TypeAdapter(Things | Other)
    pages: Operation[Things | Other] = Operation("pages", "GET", "/pages", either.validate_json)
    with http_server(lambda _: Reply(200, page(GOOD, {}))) as server, PlainClient(server.url) as client:
        value = client.call(pages)

    assert isinstance(value, Things)
    assert [item.name for item in value.items] == ["good"]


class Stock(Model):
    """Maps of every kind, beside properties that are none."""

    counts: dict[str, int]
    owners: dict[str, Owner] | None = None
    note: str | None = None


STOCK: Operation[Stock] = Operation("stock", "GET", "/stock", Stock.model_validate_json)
ALICE: dict[str, Any] = {"name": "alice", "pets": []}


@pytest.mark.parametrize(
    ("body", "counts", "pointers"),
    [
        ({"counts": {"a": 1, "b": "much", "c": 3}}, {"a": 1, "c": 3}, ["/counts/b"]),
        ({"counts": {"a/b": None, "": 2}}, {"": 2}, ["/counts/a~1b"]),
        ({"counts": {"a": 1}, "owners": {"x": ALICE, "y": {"name": 7, "pets": []}, "z": 3}}, {"a": 1}, ["/owners/y", "/owners/z"]),
        ({"counts": {"a": "x"}, "owners": {"x": {"name": "a", "pets": [{"kind": "cat"}]}}}, {}, ["/counts/a", "/owners/x/pets/0"]),
        (
            {"counts": {"a": "x"}, "owners": {"x": {"name": 1, "pets": [{"kind": "cat"}]}}},
            {},
            ["/counts/a", "/owners/x", "/owners/x/pets/0"],
        ),
    ],
    ids=["scalar", "escaped", "objects", "an array in a map", "a bad array in a bad value"],
)
def test_a_bad_value_of_a_map_is_left_out_and_reported(body: object, counts: object, pointers: list[str]) -> None:
    """The other values are read, as the other rows of an array are."""
    with http_server(lambda _: Reply(200, json.dumps(body).encode())) as server, PlainClient(server.url) as client:
        response = client.with_response(client.call, STOCK)

    assert response.value.counts == counts
    assert [defect.pointer for defect in response.defects] == pointers


@pytest.mark.parametrize("body", [{"counts": {}, "note": 7}, {"counts": [1]}, {"counts": {}, "owners": []}, {}])
def test_a_declared_property_is_no_value_of_a_map(body: object) -> None:
    """An optional one that is bad does not become one that is absent."""
    with (
        http_server(lambda _: Reply(200, json.dumps(body).encode())) as server,
        PlainClient(server.url) as client,
        pytest.raises(InvalidAnswerError),
    ):
        client.call(STOCK)


def test_a_map_may_be_the_whole_body() -> None:
    """Its values are rows like any other."""
    counts: Operation[dict[str, int]] = Operation("counts", "GET", "/counts", TypeAdapter(dict[str, int]).validate_json)
    with http_server(lambda _: Reply(200, b'{"a": "x", "b": 2}')) as server, PlainClient(server.url) as client:
        assert client.call(counts) == {"b": 2}
