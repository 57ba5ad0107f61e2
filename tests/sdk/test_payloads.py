"""Payloads: what a body says is read as what it is, and nothing else."""

from __future__ import annotations

import json

import pytest
from assay_sdk import InvalidAnswerError
from assay_sdk.declarations import Operation
from assay_sdk.model import Model
from assay_sdk.payloads import whole_number, written
from pydantic import TypeAdapter, ValidationError

from tests.sdk.plain import PlainClient
from tests.sdk.scripted import Reply, http_server


class Count(Model):
    """Integers at every place, and a number."""

    count: int
    items: list[int] | None = None
    by_name: dict[str, int] | None = None
    share: float | None = None


COUNT: Operation[Count] = Operation("count", "GET", "/count", Count.model_validate_json)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"count": 3.0}', Count(count=3)),
        ('{"count": 30e-1, "share": 0.5}', Count(count=3, share=0.5)),
        ('{"count": 1, "items": [1.0, 2], "by_name": {"a": 2.00}}', Count(count=1, items=[1, 2], by_name={"a": 2})),
        ('{"count": 9007199254740993.0}', Count(count=9007199254740993)),
        ('{"count": 1, "share": 3.0}', Count(count=1, share=3.0)),
    ],
)
def test_a_number_without_a_fraction_is_an_integer(body: str, expected: Count) -> None:
    """However it is written (JSON Schema 2020-12, 4.2.3)."""
    with http_server(lambda _: Reply(200, body.encode())) as server, PlainClient(server.url) as client:
        assert client.call(COUNT) == expected


@pytest.mark.parametrize("body", ['{"count": 3.5}', '{"count": "3.0"}', '{"count": 1e-400}', '{"count": true}', '{"count": 1e999}'])
def test_whatever_else_is_none(body: str) -> None:
    """A string stays a string, and a fraction too small for a float is one all the same."""
    with http_server(lambda _: Reply(200, body.encode())) as server, PlainClient(server.url) as client, pytest.raises(InvalidAnswerError):
        client.call(COUNT)


def test_rows_beside_a_bad_one_are_read_so_too() -> None:
    """Leaving a row out changes nothing of the others."""
    counts: Operation[list[Count]] = Operation("counts", "GET", "/counts", TypeAdapter(list[Count]).validate_json)
    with http_server(lambda _: Reply(200, b'[{"count": 2.0}, {"count": 2.5}]')) as server, PlainClient(server.url) as client:
        assert client.call(counts) == [Count(count=2)]


@pytest.mark.parametrize(("text", "expected"), [("3.0", 3), ("1e2", 100), ("2.5", 2.5), ("-0.0", 0), ("1e-400", 0.0)])
def test_a_written_number_is_whole_by_its_digits(text: str, expected: float) -> None:
    """Not by the float next to it."""
    number = whole_number(text)

    assert (number, type(number)) == (expected, type(expected))


class Note(Model):
    """A property for each way to say nothing."""

    needed: str | None
    left: str | None = None


@pytest.mark.parametrize("body", ['{"needed":null}', '{"needed":"","left":null}', '{"needed":null,"left":""}'])
def test_absent_null_and_empty_stay_apart(body: str) -> None:
    """What is read is written the same way."""
    note = Note.model_validate_json(body)

    assert written(note) == body.encode()
    assert note.model_fields_set == json.loads(body).keys()


def test_a_required_property_may_be_null_and_not_absent() -> None:
    """Absent is another thing."""
    with pytest.raises(ValidationError, match="missing"):
        Note.model_validate_json("{}")
