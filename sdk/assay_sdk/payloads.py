"""Facts picked from a payload that no model fits, by the steps of a pointer."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, Protocol, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def parsed(body: bytes | str) -> Any:
    """The JSON of a body, or None when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def nothing(_: bytes) -> None:
    """What an answer without content is read as."""


def anything(body: bytes) -> Any:
    """The JSON of a body that has no schema; empty stands for nothing."""
    return _anything().validate_json(body) if body else None


def text(body: bytes) -> str:
    """A body as the string that it is; bytes that are no UTF-8 are replaced."""
    return body.decode("utf-8", "replace")


class JsonAdapter(Protocol[T_co]):
    """What reads one type from JSON; where several are expected, a reader of one of them will do."""

    def validate_json(self, data: bytes, /) -> T_co:
        """The value that a body says. Raises pydantic's `ValidationError`."""
        ...


def adapted(make: Callable[[], JsonAdapter[T]]) -> Callable[[bytes], T]:
    """A reader of bodies whose adapter is made when it is first needed."""
    adapter: JsonAdapter[T] | None = None

    def read(body: bytes) -> T:
        nonlocal adapter
        if adapter is None:
            adapter = make()
        return adapter.validate_json(body)

    return read


def whole_number(text: str) -> int | float:
    """A JSON number that is written with a fraction or an exponent: `3.0` is the integer 3, as JSON Schema has it."""
    number = float(text)
    if not number.is_integer():
        return number
    exact = Decimal(text)
    # What underflows is no whole number, though its float is.
    return int(exact) if exact == exact.to_integral_value() else number


def read_body(read: Callable[[bytes], T], body: bytes) -> T:
    """What a body is read as. Models are strict, so one that they reject is read again with `3.0` as 3.

    Raises pydantic's `ValidationError` where that helps nothing.
    """
    try:
        return read(body)
    except ValidationError:
        if b"." not in body and b"e" not in body and b"E" not in body:
            raise
        try:
            whole = json.dumps(json.loads(body, parse_float=whole_number)).encode()
        except (ValueError, RecursionError):
            whole = body
        if whole == body:
            raise
    return read(whole)


def written(body: object) -> bytes:
    """A body as JSON: members by their names on the wire, and none that was not given."""
    return _anything().dump_json(body, by_alias=True, exclude_unset=True)


@cache
def _anything() -> TypeAdapter[Any]:
    return TypeAdapter(Any)


def value_at(body: Any, steps: tuple[str, ...]) -> Any:
    """What stands at the end of the steps, or None."""
    if not steps:
        return None
    for step in steps:
        if not isinstance(body, dict):
            return None
        body = cast("dict[str, Any]", body).get(step)
    return body


def text_at(body: Any, steps: tuple[str, ...]) -> str | None:
    """The text at the end of the steps, or None when there is none."""
    found = value_at(body, steps)
    return found if isinstance(found, str) and found else None
