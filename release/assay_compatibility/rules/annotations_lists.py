"""What the annotations of lists promise: pages, orders, filters."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts.json_types import is_list

from assay_compatibility.classes import Effect
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.promises import (
    RECEIVED,
    SENT,
    Row,
    another,
    declare,
    gained,
    greater,
    less,
    lost,
    optional,
    required,
    whole,
    within,
)


def _paged_before(pair: ObjectPair) -> bool:
    """Whether the operation had the parameter by which pages are asked for before it said so."""
    names = {pair.new.child(style)["parameter"] for style in ("cursor", "offset", "size")} - {None}
    told = pair.extra.get("parameters", frozenset[str]())
    return bool(names & told)


def pages_introduced(pair: ObjectPair) -> Iterator[Change]:
    """A list that came whole is read page by page."""
    if pair.old.value is None and pair.new.value is not None and not _paged_before(pair):
        yield Change(None, pair.new.value, pair.new.pointer)


def pages_promised(pair: ObjectPair) -> Iterator[Change]:
    """A list whose parameters spoke of pages promises how they follow each other."""
    if pair.old.value is None and pair.new.value is not None and _paged_before(pair):
        yield Change(None, pair.new.value, pair.new.pointer)


def pages_withdrawn(pair: ObjectPair) -> Iterator[Change]:
    """A list no longer promises how its pages follow each other."""
    if pair.old.value is not None and pair.new.value is None:
        yield Change(pair.old.value, None, pair.old.pointer)


declare(
    "x-pagination",
    Row("pages-introduced", RECEIVED, Effect.BREAKS, pages_introduced.__doc__ or "", pages_introduced),
    Row("pages-promised", RECEIVED, Effect.ADDS, pages_promised.__doc__ or "", pages_promised),
    Row("pages-withdrawn", RECEIVED, Effect.BREAKS, pages_withdrawn.__doc__ or "", pages_withdrawn),
    required("page-style", "The way in which pages are asked for, by cursor or by offset,", "style", direction=SENT),
    required("page-items", "The place of a page's items", "items"),
    required("page-identity", "The member that tells one item of a page from another", "identity"),
    required("cursor-parameter", "The parameter with the cursor", "cursor", "parameter", direction=SENT),
    required("next-cursor", "The place of the next cursor", "cursor", "next"),
    Row("cursor-bound", SENT, Effect.NARROWS, "A cursor may no longer be moved between values of a parameter.", gained("cursor", "binds")),
    Row("cursor-unbound", SENT, Effect.WIDENS, "A cursor may be moved between values of a parameter.", lost("cursor", "binds")),
    optional("cursor-refusal", "The code that refuses a cursor", "cursor", "invalid"),
    required("offset-parameter", "The parameter with the number of items to pass over", "offset", "parameter", direction=SENT),
    optional("page-total", "The place of the number of all items", "offset", "total"),
    required("page-size-parameter", "The parameter with the page size", "size", "parameter", direction=SENT),
    Row(
        "page-size-default-changed",
        SENT,
        Effect.REPLACES,
        "A client that asks for no page size gets pages of another.",
        another("size", "default"),
        "parameter-default",
    ),
    Row(
        "page-size-maximum-lowered",
        SENT,
        Effect.NARROWS,
        "A page size is refused that was the largest or near it.",
        less("size", "maximum"),
    ),
    Row("page-size-maximum-raised", SENT, Effect.WIDENS, "Larger pages may be asked for.", greater("size", "maximum")),
    Row(
        "page-size-minimum-raised",
        SENT,
        Effect.NARROWS,
        "A page size is refused that was the smallest or near it.",
        greater("size", "minimum"),
    ),
    Row("page-size-minimum-lowered", SENT, Effect.WIDENS, "Smaller pages may be asked for.", less("size", "minimum")),
    optional("page-size-echo", "The place where a page states its size", "size", "echo"),
    optional("page-size-refusal", "The code that refuses a page size", "size", "invalid"),
    optional("more-pages", "The place that says whether another page follows", "more"),
)


declare(
    "x-order",
    whole("order", "The order of a list"),
    optional("order-parameter", "The parameter that asks for an order", "parameter", direction=SENT),
    required("ordered-items", "The place of the items that stand in an order", "items"),
    required("default-order", "The order of a list for which none is asked", "default"),
    Row("order-value-removed", SENT, Effect.NARROWS, "An order may no longer be asked for.", lost("orders")),
    Row("order-value-added", SENT, Effect.WIDENS, "One more order may be asked for.", gained("orders")),
    Row("order-meaning-changed", RECEIVED, Effect.REPLACES, "The same order sorts in another way.", within("orders", find=another())),
    optional("order-refusal", "The code that refuses an order", "invalid"),
)


def partition_lost(pair: ObjectPair) -> Iterator[Change]:
    """The values of a filter no longer add up to the answer without it."""
    yield from _partitions(pair, before=True)


def partition_promised(pair: ObjectPair) -> Iterator[Change]:
    """The values of a filter add up to the answer without it."""
    yield from _partitions(pair, before=False)


def _partitions(pair: ObjectPair, *, before: bool) -> Iterator[Change]:
    one, other = (pair.old, pair.new) if before else (pair.new, pair.old)
    mine, theirs = one["partitions"], other["partitions"]
    missing = [each for each in _listed(mine) if each not in _listed(theirs)]
    for each in missing:
        yield Change(each if before else None, None if before else each, f"{pair.new.pointer}/partitions")


def _listed(value: object) -> list[object]:
    return list(value) if is_list(value) else [] if value is None else [value]


declare(
    "x-filter",
    whole("filter", "A filter"),
    required("filter-parameter", "The parameter that holds the fields of a filter", "parameter", direction=SENT),
    optional("filter-refusal", "The code that refuses a filter", "invalid"),
    optional("filtered-items", "The place of the items that a filter narrows", "items"),
    Row("filter-field-removed", SENT, Effect.NARROWS, "A field may no longer be filtered by.", lost("fields")),
    Row("filter-field-added", SENT, Effect.WIDENS, "One more field may be filtered by.", gained("fields")),
    Row(
        "filter-value-removed",
        SENT,
        Effect.NARROWS,
        "A value of a filter may no longer be asked for.",
        within("fields", find=lost("values")),
    ),
    Row("filter-value-added", SENT, Effect.WIDENS, "One more value of a filter may be asked for.", within("fields", find=gained("values"))),
    Row(
        "filter-selects-another",
        RECEIVED,
        Effect.REPLACES,
        "A filter looks at another member of an item.",
        within("fields", find=another("selects")),
    ),
    Row("partition-lost", RECEIVED, Effect.BREAKS, partition_lost.__doc__ or "", within("fields", find=partition_lost)),
    Row("partition-promised", RECEIVED, Effect.ADDS, partition_promised.__doc__ or "", within("fields", find=partition_promised)),
    Row(
        "narrowing-lost",
        RECEIVED,
        Effect.BREAKS,
        "A filter may raise a number that it never raised.",
        within("fields", find=lost("narrows")),
    ),
    Row("narrowing-promised", RECEIVED, Effect.ADDS, "A filter never raises a number.", within("fields", find=gained("narrows"))),
)
