"""Facts picked from a payload that no model fits, by the steps of a pointer."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter


def parsed(body: bytes | str) -> Any:
    """The JSON of a body, or None when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def nothing(_: bytes) -> None:
    """What an answer without content is read as."""


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
