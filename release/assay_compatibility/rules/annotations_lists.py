"""Comparisons of the annotations of lists: pages that were asked for before, and filters whose values add up."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.rules.annotation_rules import compares
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.property_changes import (
    annotation_added,
    annotation_removed,
    names_added_parameter,
    names_old_parameter,
    values,
)

compares("cursor-bound")(names_old_parameter("cursor", "binds"))
compares("cursor-bound-to-added-parameter")(names_added_parameter("cursor", "binds"))


@compares("pages-introduced")
def pages_introduced(pair: ObjectPair) -> Iterator[Change]:
    """The annotation was added to an operation without parameters for pages."""
    if not _had_page_parameters(pair):
        yield from annotation_added(pair)


@compares("pages-promised")
def pages_promised(pair: ObjectPair) -> Iterator[Change]:
    """The annotation was added to an operation that had parameters for pages."""
    if _had_page_parameters(pair):
        yield from annotation_added(pair)


@compares("pages-withdrawn")
def pages_withdrawn(pair: ObjectPair) -> Iterator[Change]:
    """The annotation was removed."""
    yield from annotation_removed(pair)


@compares("order-meaning-changed")
def order_meaning_changed(pair: ObjectPair) -> Iterator[Change]:
    """An order compares another property or in another way; tie-breaks have rules of their own."""
    olds, news = dict(pair.old.child("orders").children()), dict(pair.new.child("orders").children())
    for name in (name for name in olds if name in news):
        before, after = _without_ties(olds[name].value), _without_ties(news[name].value)
        if before != after:
            yield Change(before, after, news[name].pointer)


@compares("partition-lost")
def partition_lost(pair: ObjectPair) -> Iterator[Change]:
    """A field no longer partitions the items, or a number."""
    for old, new, pointer in _partitions(pair):
        yield from (Change(one, None, pointer) for one in old if one not in new)


@compares("partition-promised")
def partition_promised(pair: ObjectPair) -> Iterator[Change]:
    """A field partitions the items, or a number, and did not."""
    for old, new, pointer in _partitions(pair):
        yield from (Change(None, one, pointer) for one in new if one not in old)


def _without_ties(order: object) -> object:
    return {key: part for key, part in order.items() if key != "ties"} if is_mapping(order) else order


def _had_page_parameters(pair: ObjectPair) -> bool:
    """Whether the operation had one of the parameters for pages before it was annotated."""
    names = {pair.new.child(style)["parameter"] for style in ("cursor", "offset", "size")} - {None}
    return bool(names & pair.extra.get("parameters", frozenset[str]()))


def _partitions(pair: ObjectPair) -> Iterator[tuple[list[object], list[object], str]]:
    for old, new in values(pair, ("fields", "*", "partitions")):
        yield _as_list(old.value), _as_list(new.value), new.pointer


def _as_list(value: object) -> list[object]:
    return list(value) if is_list(value) else [] if value is None else [value]
