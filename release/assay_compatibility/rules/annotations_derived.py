"""Comparisons of the annotation of derived numbers: a list whose items are known by the number that they derive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_compatibility.places import Node
from assay_compatibility.rules.annotation_rules import compares
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.property_changes import measure

DEFAULT_TOLERANCE = 1e-9


@compares("derived-number-removed")
def derived_number_removed(pair: ObjectPair) -> Iterator[Change]:
    """A number has no derivation any more."""
    if pair.new.value is not None:
        kept = _by_number(pair.new)
        yield from (Change(name, None, place.pointer) for name, place in _by_number(pair.old).items() if name not in kept)


@compares("derived-number-added")
def derived_number_added(pair: ObjectPair) -> Iterator[Change]:
    """A number has a derivation for the first time."""
    if pair.old.value is not None:
        known = _by_number(pair.old)
        yield from (Change(None, name, place.pointer) for name, place in _by_number(pair.new).items() if name not in known)


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


def _by_number(place: Node) -> dict[str, Node]:
    return {str(item["value"]): item for _, item in place.children()}


def _on_both_sides(pair: ObjectPair) -> Iterator[tuple[Node, Node]]:
    olds, news = _by_number(pair.old), _by_number(pair.new)
    for name, place in olds.items():
        if name in news:
            yield place, news[name]


def _formula(value: Any) -> dict[str, Any]:
    stated = {key: part for key, part in dict(value).items() if key not in ("value", "tolerance")}
    ratio = stated.get("ratio")
    return {**stated, "ratio": {"whenZero": 0, **ratio}} if isinstance(ratio, dict) else stated


def _tolerance(place: Node) -> float:
    stated = measure(place["tolerance"])
    return DEFAULT_TOLERANCE if stated is None else stated
