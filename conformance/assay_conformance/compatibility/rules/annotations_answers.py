"""What the annotations of answers promise: windows, freshness, caching, derived numbers, snapshots, tenants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_conformance.compatibility.classes import Effect
from assay_conformance.compatibility.places import Place
from assay_conformance.compatibility.rules.model import Change
from assay_conformance.compatibility.rules.pairs import ObjectPair
from assay_conformance.compatibility.rules.promises import (
    RECEIVED,
    SENT,
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
    optional,
    part,
    required,
    whole,
    within,
)

declare(
    "x-window",
    whole("window", "A window of time"),
    required("window-start", "The parameter with the start of a window", "from", direction=SENT),
    required("window-end", "The parameter with the end of a window", "to", direction=SENT),
    required("window-writing", "The way in which the ends of a window are written", "type", direction=SENT),
    Row("window-shortened", SENT, Effect.NARROWS, "A window is refused that was not too long.", less("longest")),
    Row("window-lengthened", SENT, Effect.WIDENS, "Longer windows may be asked for.", greater("longest")),
    Row("window-limited", SENT, Effect.NARROWS, "Windows were of any length and have a longest one.", come("longest")),
    Row("window-unlimited", SENT, Effect.WIDENS, "Windows have no longest one any more.", gone("longest")),
    optional("window-refusal", "The code that refuses a window", "invalid"),
    part("window-echo", "The statement of the window in an answer", "echo"),
    required("window-echo-start", "The place where an answer states the start of its window", "echo", "from"),
    required("window-echo-end", "The place where an answer states the end of its window", "echo", "to"),
    Row("additive-number-lost", RECEIVED, Effect.BREAKS, "A number no longer adds up over adjacent windows.", lost("additive")),
    Row("additive-number-promised", RECEIVED, Effect.ADDS, "A number adds up over adjacent windows.", gained("additive")),
    part("rolling-windows", "The offer of windows that end now", "rolling"),
    required("rolling-parameter", "The parameter that names a rolling window", "rolling", "parameter", direction=SENT),
    Row(
        "rolling-default-changed",
        SENT,
        Effect.REPLACES,
        "A client that names no rolling window gets another.",
        another("rolling", "default"),
        "parameter-default",
    ),
    Row("rolling-span-removed", SENT, Effect.NARROWS, "A rolling window may no longer be named.", lost("rolling", "spans")),
    Row("rolling-span-added", SENT, Effect.WIDENS, "One more rolling window may be named.", gained("rolling", "spans")),
    Row(
        "rolling-span-changed",
        RECEIVED,
        Effect.REPLACES,
        "A rolling window of the same name has another length.",
        within("rolling", "spans", find=another()),
    ),
    part("series", "The offer of a window in steps", "series"),
    required("series-parameter", "The parameter that asks for a series", "series", "parameter", direction=SENT),
    required("series-place", "The place of a series", "series", "at"),
    required("bucket-start", "The member of a bucket with its start", "series", "start"),
    Row("series-step-removed", SENT, Effect.NARROWS, "A step of a series may no longer be asked for.", lost("series", "steps")),
    Row("series-step-added", SENT, Effect.WIDENS, "One more step of a series may be asked for.", gained("series", "steps")),
    Row(
        "series-step-changed",
        RECEIVED,
        Effect.REPLACES,
        "A step of the same name has another length.",
        within("series", "steps", find=another()),
    ),
    Row(
        "series-sum-lost",
        RECEIVED,
        Effect.BREAKS,
        "The buckets of a series no longer add up to a number of the whole.",
        lost("series", "additive"),
    ),
    Row(
        "series-sum-promised",
        RECEIVED,
        Effect.ADDS,
        "The buckets of a series add up to a number of the whole.",
        gained("series", "additive"),
    ),
    Row(
        "series-sum-moved",
        RECEIVED,
        Effect.REPLACES,
        "Another member of a bucket adds up to a number of the whole.",
        within("series", "additive", find=another()),
    ),
)

declare(
    "x-freshness",
    whole("freshness", "The statement how old an answer's numbers are"),
    required("snapshot-time", "The place that says up to when the rollups reach", "snapshotAsOf"),
    required("delta-time", "The place that says up to when the live delta reaches", "deltaAsOf"),
    required("staleness", "The place of the staleness", "stalenessMs"),
    required("source-of-numbers", "The place that says which path answered", "source"),
    part("partial-mark", "The mark of a partial answer", "partial"),
    required("partial-mark-place", "The place that says whether an answer is partial", "partial", "at"),
    required("partial-reason-place", "The place that says why an answer is partial", "partial", "reason"),
    Row("lag-lengthened", RECEIVED, Effect.WIDENS, "Numbers may be older than they ever were.", greater("longestLag")),
    Row("lag-shortened", RECEIVED, Effect.NARROWS, "Numbers are never as old as they might have been.", less("longestLag")),
    Row("lag-unlimited", RECEIVED, Effect.WIDENS, "Nothing says any more how old numbers may be.", gone("longestLag")),
    Row("lag-limited", RECEIVED, Effect.NARROWS, "Numbers are at most as old as is said.", come("longestLag")),
)


def _slots(place: Place) -> dict[str, tuple[float, float]]:
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


def _tagged(place: Place) -> bool:
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


def _derived(place: Place) -> dict[str, Place]:
    return {str(each["value"]): each for _, each in place.children()}


def _both(pair: ObjectPair) -> Iterator[tuple[Place, Place]]:
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


def _tolerance(place: Place) -> float:
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

declare(
    "x-snapshot",
    whole("snapshot", "A state as of a sequence number"),
    optional("snapshot-channel", "The channel that streams the same state", "channel"),
    required("snapshot-sequence", "The place of a state's sequence number", "sequence"),
    required("snapshot-state", "The place of the entities of a state", "state"),
    required("snapshot-identity", "The member that tells one entity of a state from another", "identity"),
    required("snapshot-after", "The parameter with the last sequence number that a client has", "after", direction=SENT),
    required("snapshot-changes", "The place of the changes since a sequence number", "changes"),
    required("snapshot-truncated", "The place that says whether changes are no longer kept", "truncated"),
)

declare(
    "x-tenancy",
    whole("tenancy", "That an answer is one tenant's alone"),
    required("tenant-parameter", "The parameter that names the tenant", "parameter", direction=SENT),
    Row("tenant-echo-lost", RECEIVED, Effect.BREAKS, "A place no longer states the tenant.", lost("echo")),
    Row("tenant-echo-promised", RECEIVED, Effect.ADDS, "One more place states the tenant.", gained("echo")),
    required("tenant-refusal", "The code that refuses a tenant", "forbidden"),
)
