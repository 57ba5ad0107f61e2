"""Good requests in which every two parameters meet with every two of their values, in as few requests as a greedy choice finds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from typing import Any

from assay_contracts import Operation, Parameter

from assay_conformance.corpus.cases import CorpusRequest, Pair, Slot
from assay_conformance.corpus.schemas import examples_of, options_of, properties_of
from assay_conformance.corpus.slots import slot_of
from assay_conformance.schema_kinds import kinds_of, resolved

Choice = Pair | None
"""What a request has for one factor: a name with a value, or nothing at all."""


def paired(operation: Operation, examples: Mapping[str, str], unknowable: Collection[str] = ()) -> tuple[CorpusRequest, ...]:
    """Good requests of an operation without a body that cover every pair of choices.

    `examples` are those of the contract, by slot; `unknowable` are parameters whose good values only a response states.
    """
    factors = tuple(_factors(operation, examples, unknowable))
    headers = {item.name.lower() for item in operation.parameters if item.location == "header"}
    return tuple(_request(operation, chosen, headers) for chosen in _rows([choices for _, choices in factors]))


def _factors(operation: Operation, examples: Mapping[str, str], unknowable: Collection[str]) -> Iterator[tuple[str, tuple[Choice, ...]]]:
    """What varies: each optional parameter, each field of a deepObject, each required parameter with named values."""
    paging = operation.annotations.get("x-pagination", {})
    cursor = paging.get("cursor", {}).get("parameter")
    for item in operation.parameters:
        if item.location == "path" or item.name == cursor or item.name in unknowable:
            continue
        name = item.name.lower() if item.location == "header" else item.name
        fields = properties_of(item.schema)
        if fields:
            for field, schema in fields.items():
                yield field, (None, *((f"{name}[{field}]", value) for value in _values(schema)))
        elif item.required:
            if options_of(item.schema):
                yield name, tuple((name, value) for value in _values(item.schema))
        else:
            example = examples.get(slot_of(operation.annotations, item.name))
            values = _values(item.schema) or ((example,) if example is not None else ())
            yield name, (None, *((name, value) for value in values))


def _values(schema: Any) -> tuple[str, ...]:
    """The named values of a schema, else its bounds, else its examples."""
    top = resolved(schema)
    values: list[Any] = list(options_of(schema))
    if not values and kinds_of(schema) & {"integer", "number"}:
        values = [top[key] for key in ("minimum", "maximum", "default") if key in top]
    if not values and "boolean" in kinds_of(schema):
        values = [True, False]
    values = values or list(examples_of(schema))[:2]
    return tuple(dict.fromkeys(str(value).lower() if isinstance(value, bool) else str(value) for value in values))


def _rows(factors: list[tuple[Choice, ...]]) -> Iterator[tuple[Choice, ...]]:
    """Rows of one choice per factor, until every pair of choices of two factors has stood in one."""
    if not factors:
        yield ()
        return
    if len(factors) == 1:
        yield from ((choice,) for choice in factors[0])
        return
    places = range(len(factors))
    open_pairs = {
        (one, first, other, second): None
        for one, other in combinations(places, 2)
        for first in range(len(factors[one]))
        for second in range(len(factors[other]))
    }
    while open_pairs:
        one, first, other, second = next(iter(open_pairs))
        row = {one: first, other: second}
        for place in places:
            if place in row:
                continue
            row[place] = max(
                range(len(factors[place])),
                key=lambda choice: (sum(_pair(place, choice, known, row[known]) in open_pairs for known in row), -choice),
            )
        for left, right in combinations(places, 2):
            open_pairs.pop(_pair(left, row[left], right, row[right]), None)
        yield tuple(factors[place][row[place]] for place in places)


def _pair(one: int, first: int, other: int, second: int) -> tuple[int, int, int, int]:
    return (one, first, other, second) if one < other else (other, second, one, first)


def _request(operation: Operation, chosen: tuple[Choice, ...], headers: set[str]) -> CorpusRequest:
    pairs = [choice for choice in chosen if choice is not None]
    given = {name for name, _ in pairs}
    needed: list[Pair] = [
        (item.name, Slot(slot_of(operation.annotations, item.name)))
        for item in operation.parameters
        if item.required and item.location == "query" and item.name not in given and not _is_deep(item)
    ]
    places = tuple((item.name, Slot(f"parameter:{item.name}")) for item in operation.parameters if item.location == "path")
    query = (*needed, *(pair for pair in pairs if pair[0] not in headers))
    sent = tuple((name, value) for name, value in pairs if name in headers and isinstance(value, str))
    return CorpusRequest(operation.method, operation.path, places, query, tuple(sorted(sent)))


def _is_deep(item: Parameter) -> bool:
    return bool(properties_of(item.schema))
