"""Comparisons of the annotation of derived numbers: a list whose items are known by the number that they derive."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from assay_compatibility.places import Node
from assay_compatibility.rules.annotation_rules import compares
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.property_changes import measure
from assay_compatibility.schemas.normal_form import canonical

DEFAULT_TOLERANCE = 1e-9


@compares("derived-number-removed")
def derived_number_removed(pair: ObjectPair) -> Iterator[Change]:
    """A number has one derivation less, or none any more."""
    if pair.new.value is not None:
        yield from (Change(_name(old), None, old.pointer) for old, new in _pairs(pair) if old is not None and new is None)


@compares("derived-number-added")
def derived_number_added(pair: ObjectPair) -> Iterator[Change]:
    """A number has one derivation more, or one for the first time."""
    if pair.old.value is not None:
        yield from (Change(None, _name(new), new.pointer) for old, new in _pairs(pair) if old is None and new is not None)


@compares("derivation-changed")
def derivation_changed(pair: ObjectPair) -> Iterator[Change]:
    """A part of the formula is another, or is no longer stated."""
    for old, new in _on_both_sides(pair):
        before, after = _formula(old.value), _formula(new.value)
        if any(key not in after or before[key] != after[key] for key in before):
            yield Change(before, after, new.pointer)


@compares("derivation-completed")
def derivation_completed(pair: ObjectPair) -> Iterator[Change]:
    """The formula has one more part, and all that it had."""
    for old, new in _on_both_sides(pair):
        before, after = _formula(old.value), _formula(new.value)
        if before != after and all(key in after and before[key] == after[key] for key in before):
            yield Change(before, after, new.pointer)


@compares("tolerance-widened")
def tolerance_widened(pair: ObjectPair) -> Iterator[Change]:
    """The number may be further from its exact value."""
    for old, new in _on_both_sides(pair):
        if _tolerance(new) > _tolerance(old):
            yield Change(_tolerance(old), _tolerance(new), f"{new.pointer}/tolerance")


@compares("tolerance-narrowed")
def tolerance_narrowed(pair: ObjectPair) -> Iterator[Change]:
    """The number is closer to its exact value."""
    for old, new in _on_both_sides(pair):
        if _tolerance(new) < _tolerance(old):
            yield Change(_tolerance(old), _tolerance(new), f"{new.pointer}/tolerance")


def _on_both_sides(pair: ObjectPair) -> Iterator[tuple[Node, Node]]:
    yield from ((old, new) for old, new in _pairs(pair) if old is not None and new is not None)


def _pairs(pair: ObjectPair) -> Iterator[tuple[Node | None, Node | None]]:
    """The derivations before and after: of one number first those with the same formula, then the others in their order."""
    olds, news = _by_number(pair.old), _by_number(pair.new)
    for number in {**olds, **news}:
        before, after = olds.get(number, []), news.get(number, [])
        for old in list(before):
            same = next((new for new in after if _formula(new.value) == _formula(old.value)), None)
            if same is not None:
                before.remove(old)
                after.remove(same)
                yield old, same
        yield from zip_longest(before, after)


def _by_number(place: Node) -> dict[str, list[Node]]:
    """The derivations by the number that they derive: its pointer, and the items of which it is."""
    found: dict[str, list[Node]] = {}
    for _, item in place.children():
        found.setdefault(_name(item), []).append(item)
    return found


def _name(item: Node) -> str:
    return str(item["value"]) if item["where"] is None else f"{item['value']} where {canonical(item['where'])}"


def _formula(value: Any) -> dict[str, Any]:
    stated = {key: part for key, part in dict(value).items() if key not in ("value", "where", "tolerance")}
    ratio = stated.get("ratio")
    return {**stated, "ratio": {"whenZero": 0, **ratio}} if isinstance(ratio, dict) else stated


def _tolerance(place: Node) -> float:
    stated = measure(place["tolerance"])
    return DEFAULT_TOLERANCE if stated is None else stated
