"""Reading a response of which some rows break the contract: those are left out and reported, the rest is read.

    errors of the whole body -> rows they lie in (outermost item of an array) -> body without those rows -> read again

Whatever lies in no array still breaks the response: a row can be missed, a page without its cursor cannot.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError as SchemaError

from assay_sdk.declarations import Operation
from assay_sdk.exchanges import RowDefect
from assay_sdk.transport import Answer

A = TypeVar("A")

# Leaving out rows may show further errors, as where a union is tried again; it settles in two rounds or not at all.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Salvaged(Generic[A]):
    """A response without its bad rows, and those rows."""

    value: A
    defects: tuple[RowDefect, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An item of an array: the steps to the array, and its index there."""

    array: tuple[str | int, ...]
    index: int


def salvage(operation: Operation[A], answer: Answer, error: SchemaError) -> Salvaged[A] | None:
    """The response without the rows that break the contract; None when something else breaks it."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    bad: dict[Row, str] = {}
    for _ in range(_ROUNDS):
        pruned, places = _without(body, bad.keys())
        found = _bad_rows(pruned, error)
        if not found:
            return None
        for row, problem in found.items():
            bad.setdefault(Row(row.array, places.get(row.array, {}).get(row.index, row.index)), problem)
        pruned, _ = _without(body, bad.keys())
        try:
            value = operation.read(answer.status, json.dumps(pruned).encode())
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
    arrays: dict[tuple[str | int, ...], set[int]] = {}
    for row in rows:
        arrays.setdefault(row.array, set()).add(row.index)
    places: dict[tuple[str | int, ...], dict[int, int]] = {}
    for steps, indices in arrays.items():
        kept = [index for index in range(len(_at(body, steps))) if index not in indices]
        places[steps] = dict(enumerate(kept))
        body = _replaced(body, steps, [_at(body, steps)[index] for index in kept])
    return body, places


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


def _in_order(item: tuple[Row, str]) -> tuple[str, int]:
    return _pointer(item[0].array), item[0].index


def describe_problem(error: SchemaError) -> str:
    """The first thing that is wrong with a payload, by place and kind; never a value of it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    more = f" and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    return f"/{'/'.join(str(step) for step in first['loc'])}: {first['type']}{more}"
