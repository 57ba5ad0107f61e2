"""Facts picked from a payload that no model fits, by the steps of a pointer."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol, TypeVar, cast

from pydantic import TypeAdapter

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
