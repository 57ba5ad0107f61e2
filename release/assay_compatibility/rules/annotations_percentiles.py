"""Comparisons of the annotation of percentiles: a list whose items are known by the pointer to their percentile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_compatibility.places import Node
from assay_compatibility.rules.annotation_rules import compares
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.property_changes import measure


@compares("percentile-removed")
def percentile_removed(pair: ObjectPair) -> Iterator[Change]:
    """A percentile has no definition any more."""
    if pair.new.value is not None:
        kept = _by_pointer(pair.new)
        yield from (Change(name, None, place.pointer) for name, place in _by_pointer(pair.old).items() if name not in kept)


@compares("percentile-added")
def percentile_added(pair: ObjectPair) -> Iterator[Change]:
    """A percentile has a definition for the first time."""
    if pair.old.value is not None:
        known = _by_pointer(pair.old)
        yield from (Change(None, name, place.pointer) for name, place in _by_pointer(pair.new).items() if name not in known)


@compares("percentile-changed")
def percentile_changed(pair: ObjectPair) -> Iterator[Change]:
    """The rank, the way of computing it, its count, its values or its value without any is another."""
    for old, new in _on_both_sides(pair):
        before, after = _definition(old.value), _definition(new.value)
        if before != after:
            yield Change(before, after, new.pointer)


@compares("percentile-error-increased")
def percentile_error_increased(pair: ObjectPair) -> Iterator[Change]:
    """The percentile can be further from its exact value."""
    for old, new in _on_both_sides(pair):
        if _error(new) > _error(old):
            yield Change(_error(old), _error(new), f"{new.pointer}/relativeError")


@compares("percentile-error-decreased")
def percentile_error_decreased(pair: ObjectPair) -> Iterator[Change]:
    """The percentile is closer to its exact value."""
    for old, new in _on_both_sides(pair):
        if _error(new) < _error(old):
            yield Change(_error(old), _error(new), f"{new.pointer}/relativeError")


def _by_pointer(place: Node) -> dict[str, Node]:
    return {str(item["at"]): item for _, item in place.children()}


def _on_both_sides(pair: ObjectPair) -> Iterator[tuple[Node, Node]]:
    olds, news = _by_pointer(pair.old), _by_pointer(pair.new)
    for name, place in olds.items():
        if name in news:
            yield place, news[name]


def _definition(value: Any) -> dict[str, Any]:
    return {key: part for key, part in dict(value).items() if key not in ("at", "relativeError")}


def _error(place: Node) -> float:
    return measure(place["relativeError"]) or 0.0
