"""How large a value or a schema is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from assay_containment.schemas import Json


def size(value: Json, most: int | None = None) -> int:
    """How many values a value holds, itself among them; counted no further than just past `most`."""
    if not isinstance(value, dict | list):
        return 1
    found = 0
    for _ in _values(value):
        found += 1
        if most is not None and found > most:
            break
    return found


def widest(value: Json) -> int:
    """The length of the longest `anyOf` or `oneOf` in a schema."""
    lengths = [0]
    for inner in _values(value):
        for word in ("anyOf", "oneOf") if isinstance(inner, dict) else ():
            choice = cast("dict[str, Any]", inner).get(word)
            lengths.append(len(cast("Sequence[Any]", choice)) if isinstance(choice, list) else 0)
    return max(lengths)


def _values(value: Json) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        yield inner
        if isinstance(inner, dict):
            waiting.extend(cast("dict[str, Any]", inner).values())
        elif isinstance(inner, list):
            waiting.extend(cast("Sequence[Any]", inner))
