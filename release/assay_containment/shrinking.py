"""A witness made small: members and elements that do not matter are taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from assay_containment.schemas import Json

MOST_LOOKS = 300


def shrunk(value: Json, proves: Callable[[Json], bool]) -> Json:
    """The smallest instance found by leaving things out that still proves the same."""
    looks = 0
    while True:
        for smaller in _smaller(value):
            looks += 1
            if looks > MOST_LOOKS:
                return value
            if proves(smaller):
                value = smaller
                break
        else:
            return value


def _smaller(value: Json) -> Iterator[Json]:
    """The value with one thing less, at the top first."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        for name in members:
            yield {key: member for key, member in members.items() if key != name}
        for name, inner in members.items():
            for smaller in _smaller(inner):
                yield {**members, name: smaller}
    elif isinstance(value, list):
        elements = list(cast("Sequence[Any]", value))
        for index in range(len(elements)):
            yield elements[:index] + elements[index + 1 :]
        for index, inner in enumerate(elements):
            for smaller in _smaller(inner):
                yield [*elements[:index], smaller, *elements[index + 1 :]]
