"""What the annotation of caching promises: who may keep an answer, for how long, and how it is asked for again."""

from __future__ import annotations

from collections.abc import Iterator

from assay_compatibility.classes import Effect
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.promises import (
    RECEIVED,
    Row,
    another,
    come,
    declare,
    gained,
    gone,
    greater,
    less,
    lost,
    measure,
    part,
    required,
    whole,
)


def _slots(place: Node) -> dict[str, tuple[float, float]]:
    return {
        str(each["upTo"]): (float(each["minimum"]), float(each["maximum"]))
        for _, each in place.child("byWindow").children()
        if measure(each["minimum"]) is not None and measure(each["maximum"]) is not None
    }


def _fits(old: dict[str, tuple[float, float]], new: dict[str, tuple[float, float]]) -> bool:
    return old.keys() == new.keys() and all(old[each][0] <= low and high <= old[each][1] for each, (low, high) in new.items())


def ages_by_window_widened(pair: ObjectPair) -> Iterator[Change]:
    """For a window of some length an answer may be kept for a time that was out of bounds."""
    for change in another("byWindow", both=True)(pair):
        if not _fits(_slots(pair.old), _slots(pair.new)):
            yield change


def ages_by_window_narrowed(pair: ObjectPair) -> Iterator[Change]:
    """For a window of some length the time for which an answer may be kept has closer bounds."""
    for change in another("byWindow", both=True)(pair):
        if _fits(_slots(pair.old), _slots(pair.new)):
            yield change


declare(
    "x-cache",
    whole("cache-rule", "The rule whether an answer may be kept"),
    required("store-rule", "The answer to whether anybody may keep an answer", "store"),
    Row("cache-age-raised", RECEIVED, Effect.WIDENS, "An answer may be kept for longer than it ever was.", greater("maxAge", "maximum")),
    Row("cache-age-lowered", RECEIVED, Effect.NARROWS, "An answer is kept for a shorter time at most.", less("maxAge", "maximum")),
    Row(
        "shortest-cache-age-lowered", RECEIVED, Effect.WIDENS, "An answer may have to be asked for again sooner.", less("maxAge", "minimum")
    ),
    Row(
        "shortest-cache-age-raised",
        RECEIVED,
        Effect.NARROWS,
        "An answer may be kept for a longer time at least.",
        greater("maxAge", "minimum"),
    ),
    part("cache-age", "The time for which an answer may be kept", "maxAge"),
    Row("ages-by-window-widened", RECEIVED, Effect.WIDENS, ages_by_window_widened.__doc__ or "", ages_by_window_widened),
    Row("ages-by-window-narrowed", RECEIVED, Effect.NARROWS, ages_by_window_narrowed.__doc__ or "", ages_by_window_narrowed),
    Row(
        "ages-by-window-dropped",
        RECEIVED,
        Effect.WIDENS,
        "Nothing says any more how long an answer is kept by the length of its window.",
        gone("byWindow"),
    ),
    Row(
        "ages-by-window-promised",
        RECEIVED,
        Effect.NARROWS,
        "It is said how long an answer is kept by the length of its window.",
        come("byWindow"),
    ),
    Row("volatile-member-added", RECEIVED, Effect.WIDENS, "A member may differ between answers with one entity tag.", gained("volatile")),
    Row(
        "volatile-member-removed",
        RECEIVED,
        Effect.NARROWS,
        "A member no longer differs between answers with one entity tag.",
        lost("volatile"),
    ),
    Row("varying-header-added", RECEIVED, Effect.WIDENS, "An answer depends on one more header of the request.", gained("varies")),
    Row("varying-header-removed", RECEIVED, Effect.NARROWS, "An answer no longer depends on a header of the request.", lost("varies")),
)


def _tagged(place: Node) -> bool:
    return place["etag"] is True


def entity_tag_dropped(pair: ObjectPair) -> Iterator[Change]:
    """An answer no longer has an entity tag by which it can be asked for again."""
    if _tagged(pair.old) and pair.new.value is not None and not _tagged(pair.new):
        yield Change(True, pair.new["etag"], f"{pair.new.pointer}/etag")


def entity_tag_promised(pair: ObjectPair) -> Iterator[Change]:
    """An answer has an entity tag by which it can be asked for again."""
    if _tagged(pair.new) and pair.old.value is not None and not _tagged(pair.old):
        yield Change(pair.old["etag"], True, f"{pair.new.pointer}/etag")


declare(
    "x-cache",
    Row("entity-tag-dropped", RECEIVED, Effect.BREAKS, entity_tag_dropped.__doc__ or "", entity_tag_dropped),
    Row("entity-tag-promised", RECEIVED, Effect.ADDS, entity_tag_promised.__doc__ or "", entity_tag_promised),
)
