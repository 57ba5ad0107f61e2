"""Comparisons of the annotation of caching: the bounds of a cache lifetime by the length of a window."""

from __future__ import annotations

from collections.abc import Iterator

from assay_compatibility.places import Node
from assay_compatibility.rules.annotation_rules import compares
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.property_changes import (
    measure,
    names_added_parameter,
    names_added_property,
    names_old_parameter,
    names_old_property,
    replaced,
)

Bounds = dict[str, tuple[float, float]]


compares("varying-header-added")(names_old_parameter("varies"))
compares("varying-header-of-added-parameter")(names_added_parameter("varies"))
compares("volatile-member-added")(names_old_property("volatile"))
compares("volatile-member-of-added-property")(names_added_property("volatile"))


@compares("ages-by-window-widened")
def ages_by_window_widened(pair: ObjectPair) -> Iterator[Change]:
    """The lifetime for some window can lie outside its previous bounds."""
    for change in replaced("byWindow")(pair):
        if not _inside(_bounds(pair.old), _bounds(pair.new)):
            yield change


@compares("ages-by-window-narrowed")
def ages_by_window_narrowed(pair: ObjectPair) -> Iterator[Change]:
    """The lifetime for each window lies inside its previous bounds."""
    for change in replaced("byWindow")(pair):
        if _inside(_bounds(pair.old), _bounds(pair.new)):
            yield change


def _bounds(place: Node) -> Bounds:
    return {
        str(entry["upTo"]): (float(entry["minimum"]), float(entry["maximum"]))
        for _, entry in place.child("byWindow").children()
        if measure(entry["minimum"]) is not None and measure(entry["maximum"]) is not None
    }


def _inside(old: Bounds, new: Bounds) -> bool:
    return old.keys() == new.keys() and all(old[window][0] <= low and high <= old[window][1] for window, (low, high) in new.items())
