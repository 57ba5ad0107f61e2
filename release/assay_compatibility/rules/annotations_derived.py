"""What the annotation of derived numbers promises: how they follow from others, and how closely."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_compatibility.classes import Effect
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.promises import (
    RECEIVED,
    Row,
    declare,
    measure,
    whole,
)


def _derived(place: Node) -> dict[str, Node]:
    return {str(each["value"]): each for _, each in place.children()}


def _both(pair: ObjectPair) -> Iterator[tuple[Node, Node]]:
    olds, news = _derived(pair.old), _derived(pair.new)
    for name, place in olds.items():
        if name in news:
            yield place, news[name]


def derived_number_removed(pair: ObjectPair) -> Iterator[Change]:
    """A number no longer follows from others as it did."""
    if pair.new.value is not None:
        kept = _derived(pair.new)
        yield from (Change(name, None, place.pointer) for name, place in _derived(pair.old).items() if name not in kept)


def derived_number_added(pair: ObjectPair) -> Iterator[Change]:
    """A number follows from others."""
    if pair.old.value is not None:
        known = _derived(pair.old)
        yield from (Change(None, name, place.pointer) for name, place in _derived(pair.new).items() if name not in known)


def derivation_changed(pair: ObjectPair) -> Iterator[Change]:
    """A number follows from others in another way."""
    for old, new in _both(pair):
        first, second = _formula(old.value), _formula(new.value)
        if any(key not in second or first[key] != second[key] for key in first):
            yield Change(first, second, new.pointer)


def derivation_completed(pair: ObjectPair) -> Iterator[Change]:
    """More is promised of a number that follows from others."""
    for old, new in _both(pair):
        first, second = _formula(old.value), _formula(new.value)
        if first != second and all(key in second and first[key] == second[key] for key in first):
            yield Change(first, second, new.pointer)


def _formula(value: Any) -> dict[str, Any]:
    kept = {key: each for key, each in dict(value).items() if key not in ("value", "tolerance")}
    ratio = kept.get("ratio")
    return {**kept, "ratio": {"whenZero": 0, **ratio}} if isinstance(ratio, dict) else kept


def _tolerance(place: Node) -> float:
    told = measure(place["tolerance"])
    return 1e-9 if told is None else told


def tolerance_widened(pair: ObjectPair) -> Iterator[Change]:
    """A number may be further from what it follows from."""
    for old, new in _both(pair):
        if _tolerance(new) > _tolerance(old):
            yield Change(_tolerance(old), _tolerance(new), f"{new.pointer}/tolerance")


def tolerance_narrowed(pair: ObjectPair) -> Iterator[Change]:
    """A number is closer to what it follows from."""
    for old, new in _both(pair):
        if _tolerance(new) < _tolerance(old):
            yield Change(_tolerance(old), _tolerance(new), f"{new.pointer}/tolerance")


declare(
    "x-derived",
    whole("derivation", "How numbers follow from others"),
    Row("derived-number-removed", RECEIVED, Effect.BREAKS, derived_number_removed.__doc__ or "", derived_number_removed),
    Row("derived-number-added", RECEIVED, Effect.ADDS, derived_number_added.__doc__ or "", derived_number_added),
    Row("derivation-changed", RECEIVED, Effect.REPLACES, derivation_changed.__doc__ or "", derivation_changed),
    Row("derivation-completed", RECEIVED, Effect.ADDS, derivation_completed.__doc__ or "", derivation_completed),
    Row("tolerance-widened", RECEIVED, Effect.WIDENS, tolerance_widened.__doc__ or "", tolerance_widened),
    Row("tolerance-narrowed", RECEIVED, Effect.NARROWS, tolerance_narrowed.__doc__ or "", tolerance_narrowed),
)
