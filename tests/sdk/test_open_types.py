"""Open types are read as ever, whatever way is taken to it."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy, deepcopy
from datetime import UTC, datetime, timedelta, timezone
from pickle import dumps, loads
from typing import Annotated, Literal

import pytest
from assay_sdk.model import Model
from assay_sdk.open_types import BY_TAG, UnknownTag
from assay_sdk.times import AwareDatetime, ReadTime
from pydantic import Field, ValidationError


class Cat(Model):
    """A variant of two tags, which a wire name states."""

    kind_: Annotated[Literal["cat", "kitten"], Field(alias="kind")]
    size: int | None = None


class Nest(Model):
    """A variant that holds variants."""

    kind_: Annotated[Literal["nest"], Field(alias="kind")]
    inside: list[Annotated[Cat | Nest | UnknownAnimal, BY_TAG]]


class UnknownAnimal(Model):
    """A variant of another tag."""

    kind_: Annotated[str, UnknownTag("cat", "kitten", "nest"), Field(alias="kind")]


class Untagged(Model):
    """A variant that may come without its tag."""

    kind_: Annotated[Literal["untagged"] | None, Field(alias="kind")] = None
    size: int


class Row(Model):
    """A property of each kind."""

    pet: Annotated[Cat | Nest | UnknownAnimal, BY_TAG] | None = None
    either: Annotated[Untagged | Cat | UnknownAnimal, BY_TAG] | None = None
    state: Literal["open", "closed"] | str | None = None
    levels: dict[str, list[Literal[1, 2] | int]] | None = None
    limited: Literal["a", "b"] | Annotated[str, Field(max_length=1)] | None = None
    time: AwareDatetime | None = None


@pytest.mark.parametrize(
    ("pet", "expected"),
    [
        ('{"kind": "cat", "size": 3}', Cat(kind_="cat", size=3)),
        ('{"kind": "kitten"}', Cat(kind_="kitten")),
        ('{"kind": "fish", "size": "large"}', UnknownAnimal.model_validate({"kind": "fish", "size": "large"})),
        (
            '{"kind": "nest", "inside": [{"kind": "nest", "inside": []}, {"kind": "kitten"}, {"kind": "egg"}]}',
            Nest(kind_="nest", inside=[Nest(kind_="nest", inside=[]), Cat(kind_="kitten"), UnknownAnimal(kind_="egg")]),
        ),
        ("null", None),
    ],
)
def test_the_tag_decides_which_model_is_read(pet: str, expected: Model | None) -> None:
    """One of several tags, an unknown one, and variants inside variants."""
    found = Row.model_validate_json(f'{{"pet": {pet}}}').pet

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("pet", ['{"kind": "cat", "size": "large"}', '{"kind": "nest"}', '{"size": 3}', '{"kind": 3}', "7"])
def test_a_known_tag_never_is_an_unknown_variant(pet: str) -> None:
    """A payload that breaks the schema of its tag is no other variant."""
    with pytest.raises(ValidationError) as caught:
        Row.model_validate_json(f'{{"pet": {pet}}}')

    assert {problem["loc"][0] for problem in caught.value.errors()} == {"pet"}


def test_only_the_variant_of_the_tag_is_reported() -> None:
    """Nobody wants to read what a cat lacks to be a nest."""
    with pytest.raises(ValidationError) as caught:
        Row.model_validate_json('{"pet": {"kind": "cat", "size": "large"}}')

    assert [problem["type"] for problem in caught.value.errors()] == ["int_type", "known_tag"]


@pytest.mark.parametrize("pet", [Cat(kind_="cat"), UnknownAnimal(kind_="fish"), Nest(kind_="nest", inside=[])])
def test_python_code_gives_models_and_names_of_fields(pet: Cat | Nest | UnknownAnimal) -> None:
    """As instances, or as dictionaries with either name of the tag."""
    assert Row(pet=pet).pet is pet
    assert Row.model_validate({"pet": pet.model_dump()}).pet == pet
    assert Row.model_validate({"pet": pet.model_dump(by_alias=True)}).pet == pet


def test_variants_that_may_come_without_a_tag_are_tried() -> None:
    """The tag does not tell them apart."""
    assert Row.model_validate_json('{"either": {"size": 2}}').either == Untagged(size=2)
    assert Row.model_validate_json('{"either": {"kind": "cat", "size": 2}}').either == Cat(kind_="cat", size=2)


def test_no_alternative_is_tried_in_vain() -> None:
    """Strings are read as strings, and tagged variants by their tag."""
    Row.model_rebuild()  # its validator is built with the first value, which no other test may have read yet

    assert repr(Row.__pydantic_validator__).count("LaxOrStrictValidator") == 2
    assert "TaggedUnionValidator" in repr(Row.__pydantic_validator__)


@pytest.mark.parametrize(
    "body",
    ['{"state":"open"}', '{"state":"paused"}', '{"state":null}', '{"levels":{"a":[1,9]}}', '{"limited":"c"}', '{"pet":{"kind":"cat"}}'],
)
def test_known_and_unknown_values_are_written_as_they_were_read(body: str) -> None:
    """Of strings and integers, in maps and lists."""
    found = Row.model_validate_json(body)

    assert found.model_dump_json(by_alias=True, exclude_unset=True) == body
    assert Row.model_validate(found.model_dump(exclude_unset=True)) == found


@pytest.mark.parametrize("body", ['{"state": 1}', '{"levels": {"a": ["1"]}}', '{"levels": {"a": [true]}}', '{"limited": "cc"}'])
def test_a_value_of_another_type_breaks_the_contract(body: str) -> None:
    """An open enumeration is open to its own type, within its limits."""
    with pytest.raises(ValidationError):
        Row.model_validate_json(body)


def test_the_schema_of_a_model_names_the_known_values() -> None:
    """Who documents an API of their own by these models does not lose them."""
    properties = Row.model_json_schema()["properties"]

    assert properties["state"]["anyOf"][0] == {"enum": ["open", "closed"], "type": "string"}
    assert [option["$ref"] for option in properties["pet"]["anyOf"][:3]] == ["#/$defs/Cat", "#/$defs/Nest", "#/$defs/UnknownAnimal"]
    assert properties["time"]["anyOf"][0] == {"type": "string", "format": "date-time"}


@pytest.mark.parametrize(
    "time",
    [
        *("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123456Z", "2026-01-31T12:00:00.120000+05:30", "0001-01-01T00:00:00-00:30"),
        *("2026-01-31T12:00:00.000000Z", "2026-01-31T12:00:00.1Z", "2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00+00:00"),
        *("2026-01-31T12:00:00-00:00", "2026-01-31t12:00:00z", "2026-01-31 12:00:00Z", "2026-01-31T12:00Z", "2026-01-31T12:00:00.5+0200"),
    ],
)
def test_a_time_is_written_as_it_was_read(time: str) -> None:
    """However it is spelled; and it is the same time in Python."""
    found = Row.model_validate_json(f'{{"time": "{time}"}}')

    assert found.model_dump_json(exclude_unset=True) == f'{{"time":"{time}"}}'
    assert found.time is not None
    assert found.time.utcoffset() is not None


def test_only_a_time_that_python_would_write_otherwise_keeps_its_string() -> None:
    """The others are plain."""
    plain, kept = (Row.model_validate_json(f'{{"time": "2026-01-31T12:00:00.{digits}Z"}}').time for digits in ("123456", "123"))

    assert type(plain) is datetime
    assert type(kept) is ReadTime
    assert (plain, kept) == (datetime(2026, 1, 31, 12, microsecond=123456, tzinfo=UTC), plain - timedelta(microseconds=456))


@pytest.mark.parametrize("copied", [copy, deepcopy, lambda row: row.model_copy(deep=True), lambda row: loads(dumps(row))])
def test_a_copy_of_a_time_is_written_as_it_was_read(copied: Callable[[Row], Row]) -> None:
    """A client may keep its models elsewhere, or send them to another process."""
    body = '{"time":"2026-01-31T12:00:00.123456789Z"}'

    assert copied(Row.model_validate_json(body)).model_dump_json(exclude_unset=True) == body


@pytest.mark.parametrize(
    ("computed", "expected"),
    [
        (lambda time: time + timedelta(hours=1), "2026-01-31T13:00:00.500000Z"),
        (lambda time: time.replace(microsecond=0), "2026-01-31T12:00:00Z"),
        (lambda time: time.astimezone(timezone(timedelta(hours=2))), "2026-01-31T14:00:00.500000+02:00"),
    ],
)
def test_a_time_computed_from_one_that_was_read_is_written_as_it_is_now(computed: Callable[[datetime], datetime], expected: str) -> None:
    """The string that was read is no longer that of the time."""
    read = Row.model_validate_json('{"time": "2026-01-31T12:00:00.5Z"}').time
    assert read is not None

    assert Row(time=computed(read)).model_dump_json(exclude_unset=True) == f'{{"time":"{expected}"}}'


@pytest.mark.parametrize(
    "time",
    [
        *('"2026-01-31T12:00:00"', '"2026-02-30T12:00:00Z"', '"2026-01-31T25:00:00Z"', '"soon"', "1769860800", "true"),
        *('"1769860800"', '"20260131"', '"20260131.5"', '"-1"'),
    ],
)
def test_what_is_no_time_with_an_offset_is_one_problem(time: str) -> None:
    """At the place of the property, with what was expected."""
    with pytest.raises(ValidationError) as caught:
        Row.model_validate_json(f'{{"time": {time}}}')

    assert [(problem["loc"], problem["type"]) for problem in caught.value.errors()] == [(("time",), "time_with_offset")]
