"""Reading a response of which some rows break the contract: those are left out and reported, the rest is read.

    errors of the whole body -> rows they lie in -> body without those rows -> read again

A row is the outermost item of an array, else the outermost value of a map. Whatever lies in neither still breaks the response: a row
can be missed, a page without its cursor cannot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError as SchemaError

from assay_sdk.declarations import Operation
from assay_sdk.exchanges import RowDefect
from assay_sdk.payloads import whole_number
from assay_sdk.transport import Answer

A = TypeVar("A")

# Leaving out rows may show further errors, as where a union is tried again; it settles in two rounds or not at all.
_ROUNDS = 3
# To ask whether a property is a value of a map takes a reading each.
_MOST_PROBES = 200


@dataclass(frozen=True, slots=True)
class Salvaged(Generic[A]):
    """A response without its bad rows, and those rows."""

    value: A
    defects: tuple[RowDefect, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An item of an array, or a value of a map: the steps to the array or map, and its index or key there."""

    array: tuple[str | int, ...]
    index: int | str


def salvage(operation: Operation[A], answer: Answer, error: SchemaError) -> Salvaged[A] | None:
    """The response without the rows that break the contract; None when something else breaks it."""
    try:
        body = json.loads(answer.body, parse_float=whole_number)
    except (ValueError, RecursionError):
        return None

    def read(pruned: Any) -> A:
        return operation.read(answer.status, json.dumps(pruned).encode())

    bad: dict[Row, str] = {}
    for _ in range(_ROUNDS):
        pruned, places = _without(body, bad.keys())
        found = _bad_rows(pruned, error) | _bad_values(pruned, error, read)
        if not found:
            return None
        for row, problem in found.items():
            bad.setdefault(_original(row, places), problem)
        pruned, _ = _without(body, bad.keys())
        try:
            value = read(pruned)
        except SchemaError as again:
            error = again
            continue
        defects = tuple(RowDefect(_pointer((*row.array, row.index)), problem) for row, problem in sorted(bad.items(), key=_in_order))
        return Salvaged(value, defects)
    return None


def _bad_rows(body: Any, error: SchemaError) -> dict[Row, str]:
    """The rows that errors lie in, with the first problem of each; empty when an error lies in none."""
    rows: dict[Row, str] = {}
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        row = _row_of(body, problem["loc"])
        if row is not None:
            rows.setdefault(row[0], f"{_pointer(row[1]) or '/'}: {problem['type']}")
    return rows


def _bad_values(body: Any, error: SchemaError, read: Callable[[Any], object]) -> dict[Row, str]:
    """The values of maps that errors lie in which lie in no array, with the first problem of each."""
    rows: dict[Row, str] = {}
    tried: dict[Row, bool] = {}
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        if len(tried) >= _MOST_PROBES or _row_of(body, problem["loc"]) is not None:
            continue
        for row, below in _properties_on(body, problem["loc"]):
            if row not in tried:
                tried[row] = _is_value_of_map(body, row, read)
            if tried[row]:
                rows.setdefault(row, f"{_pointer(below) or '/'}: {problem['type']}")
                break
    return rows


def _properties_on(body: Any, loc: Sequence[str | int]) -> Iterator[tuple[Row, tuple[str | int, ...]]]:
    """The properties on the way to an error, the outermost first, each with the way from there."""
    steps: list[str | int] = []
    for position, step in enumerate(loc):
        if isinstance(body, dict) and isinstance(step, str) and step in body:
            yield Row(tuple(steps), step), tuple(loc[position + 1 :])
            body = cast("dict[str, Any]", body)[step]
            steps.append(step)


def _is_value_of_map(body: Any, row: Row, read: Callable[[Any], object]) -> bool:
    """Whether a bad property is a value of a map: then it is as bad under a key that nothing declares."""
    properties = _at(body, row.array)
    key = f"{max(properties, key=len)}~"
    moved = {key if name == row.index else name: value for name, value in properties.items()}
    try:
        read(_replaced(body, row.array, moved))
    except SchemaError as error:
        return any(key in problem["loc"] for problem in error.errors(include_url=False, include_context=False, include_input=False))
    return False


def _row_of(body: Any, loc: Sequence[str | int]) -> tuple[Row, tuple[str | int, ...]] | None:
    """The outermost item of an array on the way to an error, and the way from there.

    A step that the body does not have is the name of an alternative, which the reader puts into the way.
    """
    steps: list[str | int] = []
    for position, step in enumerate(loc):
        if isinstance(body, list):
            if isinstance(step, int) and step < len(cast("Sequence[Any]", body)):
                return Row(tuple(steps), step), tuple(loc[position + 1 :])
        elif isinstance(body, dict) and step in body:
            body = cast("dict[str | int, Any]", body)[step]
            steps.append(step)
    return None


def _without(body: Any, rows: Any) -> tuple[Any, dict[tuple[str | int, ...], dict[int, int]]]:
    """The body without some rows, and for each array they were taken from the old index of each new one."""
    arrays: dict[tuple[str | int, ...], set[int | str]] = {}
    for row in rows:
        arrays.setdefault(row.array, set()).add(row.index)
    places: dict[tuple[str | int, ...], dict[int, int]] = {}
    # What lies deeper goes first: its way leads through rows that go as well.
    for steps, indices in sorted(arrays.items(), key=lambda item: -len(item[0])):
        container = _at(body, steps)
        if isinstance(container, dict):
            properties = cast("dict[str, Any]", container)
            body = _replaced(body, steps, {key: value for key, value in properties.items() if key not in indices})
            continue
        kept = [index for index in range(len(_at(body, steps))) if index not in indices]
        places[steps] = dict(enumerate(kept))
        body = _replaced(body, steps, [_at(body, steps)[index] for index in kept])
    return body, places


def _original(row: Row, places: dict[tuple[str | int, ...], dict[int, int]]) -> Row:
    """A row of a body without others by its place in the whole body."""
    return row if isinstance(row.index, str) else Row(row.array, places.get(row.array, {}).get(row.index, row.index))


def _at(body: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        body = body[step]
    return body


def _replaced(body: Any, steps: Sequence[str | int], value: Any) -> Any:
    if not steps:
        return value
    return {**body, steps[0]: _replaced(body[steps[0]], steps[1:], value)}


def _pointer(steps: Sequence[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _in_order(item: tuple[Row, str]) -> tuple[str, int, str]:
    index = item[0].index
    return _pointer(item[0].array), index if isinstance(index, int) else 0, str(index)


def describe_problem(error: SchemaError) -> str:
    """The first thing that is wrong with a payload, by place and kind; never a value of it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    more = f" and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    return f"/{'/'.join(str(step) for step in first['loc'])}: {first['type']}{more}"
