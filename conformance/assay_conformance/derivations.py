"""What `x-derived` says: rules, the numbers that they rest on, and where these stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assay_contracts import Contract, Operation, pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at, spread

FORMS = ("sum", "last", "mean")


@dataclass(frozen=True, slots=True)
class Source:
    """Where some of the numbers stand that a rule rests on: `place` is its pointer within the rule.

    `operation` is the one that answers with them, None for the answer itself; `parameters` are sent to it.
    """

    place: str
    at: str
    operation: str | None
    parameters: Mapping[str, Any]
    where: Mapping[str, Any]
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """One number that a rule derives: the indexes for the `*` of its pointer, its item and its value."""

    indexes: tuple[int, ...]
    item: Any
    value: Any


def sources_of(rule: Mapping[str, Any]) -> tuple[Source, ...]:
    """Everything that a rule rests on, in the order of its forms."""
    found = list(_sources(rule, ""))
    ratio: Mapping[str, Any] = rule.get("ratio", {})
    for side in (name for name in ("of", "to") if name in ratio):
        term = ratio[side]
        found += _sources(term, f"/ratio/{side}") if is_mapping(term) else [_source(f"/ratio/{side}", term)]
    found += [_source(f"/{name}", rule[name]) for name in ("atMost", "zeroWhen") if name in rule]
    return tuple(found)


def is_local(rule: Mapping[str, Any]) -> bool:
    """Whether a rule rests on numbers of its own answer alone."""
    return all(source.operation is None for source in sources_of(rule))


def derived_numbers(body: Any, rule: Mapping[str, Any]) -> Iterator[Derived]:
    """Every number of a body that a rule derives."""
    for indexes, item, value in _items(body, rule["value"]):
        if value is not MISSING and _has(item, rule.get("where", {})):
            yield Derived(indexes, item, value)


def numbers(source: Source, body: Any, rule: Mapping[str, Any], derived: Derived) -> list[Any]:
    """The values that a source leads to in a body.

    A `*` that it shares with the derived number stands for the same item; but where `where` or `by` choose items, the last one for each.
    """
    chosen = bool(source.where or source.by)
    pointer = source.at if source.operation is not None else _aligned(source.at, rule["value"], derived.indexes, last=not chosen)
    wanted = {**source.where, **{name: derived.item.get(name) for name in source.by if is_mapping(derived.item)}}
    return [value for _, item, value in _items(body, pointer, source.at) if value is not MISSING and _has(item, wanted)]


def parameters(source: Source, body: Any, rule: Mapping[str, Any], derived: Derived) -> dict[str, Any]:
    """What is sent to the operation of a source: values, and what its pointers lead to."""

    def read(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("/"):
            return at(body, _aligned(value, rule["value"], derived.indexes))
        return value

    return {name: read(value) for name, value in source.parameters.items()}


def _sources(rule: Mapping[str, Any], place: str) -> Iterator[Source]:
    for form in FORMS:
        stated = rule.get(form)
        if is_list(stated):
            yield from (_source(f"{place}/{form}/{index}", item) for index, item in enumerate(stated))
        elif stated is not None:
            yield _source(f"{place}/{form}", stated)


def _source(place: str, stated: Any) -> Source:
    if not is_mapping(stated):
        return Source(place, str(stated), None, {}, {}, ())
    return Source(
        place, stated["at"], stated.get("operation"), stated.get("with", {}), stated.get("where", {}), tuple(stated.get("by", ()))
    )


@lru_cache(maxsize=4096)
def _aligned(pointer: str, value: str, indexes: tuple[int, ...], *, last: bool = True) -> str:
    """A pointer with the indexes of the derived number for each `*` of the part that both pointers share, the last one if wanted."""
    keys, beside, remaining = list(pointers.split(pointer)), pointers.split(value), list(indexes)
    stars = keys.count("*") - (not last)
    for place, key in enumerate(pointers.split(pointer)):
        if place >= len(beside) or key != beside[place]:
            break
        if key == "*":
            if not remaining or not stars:
                break
            keys[place], stars = str(remaining.pop(0)), stars - 1
    return pointers.join(*keys)


def _items(body: Any, pointer: str, written: str | None = None) -> Iterator[tuple[tuple[int, ...], Any, Any]]:
    """Each value of a pointer with the item that has it: what the last `*` of the pointer, as it was written, stands for."""
    head, tail = _cut(pointer, written or pointer)
    for indexes, item in spread(body, head):
        yield indexes, item, at(item, tail)


@lru_cache(maxsize=4096)
def _cut(pointer: str, written: str) -> tuple[str, str]:
    """A pointer to an item, and one from there to the value."""
    last = [place for place, key in enumerate(pointers.split(written)) if key == "*"]
    keys, head = pointers.split(pointer), last[-1] + 1 if last else 0
    return pointers.join(*keys[:head]), pointers.join(*keys[head:])


def _has(item: Any, wanted: Mapping[str, Any]) -> bool:
    return all(is_mapping(item) and item.get(name, MISSING) == value for name, value in wanted.items())


def moments_of(contract: Contract, operation: Operation) -> frozenset[str]:
    """The parameters of an operation that take a moment as a response stated it, such as the delta that its numbers are of.

    The rules of `x-derived` say so: they send the parameter what a pointer of `x-freshness` leads to. Another moment may be rejected.
    """
    found: set[str] = set()
    for other in contract.operations:
        freshness = other.annotations.get("x-freshness", {})
        stated = {freshness.get("deltaAsOf"), freshness.get("snapshotAsOf")} - {None}
        for rule in other.annotations.get("x-derived", ()):
            for source in sources_of(rule):
                if source.operation == operation.id:
                    found |= {name for name, value in source.parameters.items() if isinstance(value, str) and value in stated}
    return frozenset(found)
