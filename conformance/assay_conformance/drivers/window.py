"""Splits windows, hunts single facts with ever shorter ones, reads series, and asks for windows that are none."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_values import EPOCH, at, duration, instant, numbers_at
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.pagination import refuse
from assay_conformance.evidence import Exchange, Hunt, LateFacts, Series, Split, Twice
from assay_conformance.request_plans import SECOND, allowed_query, annotated, narrowed, settled_window, span
from assay_conformance.window_terms import for_length

HOUR = 3600 * SECOND
DAY = 24 * HOUR
MOST_HOURS = 36
"""At so many whole hours a window is cut at once, and at its midnights: an end can be wrong where buckets meet and nowhere else."""
MOST_BUCKETS = 240
"""So many buckets of the settled window are requested one by one; of a longer series the first, the last and one in the middle."""
TOGETHER = 8
LATE_PATIENCE = 8.0


async def drive(context: DriverContext) -> None:
    """Everything that leaves the facts as they are."""
    for operation, spec in annotated(context.contract, "x-window"):
        await asyncio.gather(
            _ask_twice(context, operation, spec),
            _split(context, operation, spec),
            _split_present(context, operation, spec),
            _hunt(context, operation, spec),
            _read_series(context, operation, spec),
            _ask_wrong(context, operation, spec),
        )


async def drive_changing(context: DriverContext) -> None:
    """Have facts come late for the settled window, which the target must have named to know where they belong."""
    if not context.hook.present or not context.target.fixtures.get("window"):
        return
    for operation, spec in annotated(context.contract, "x-window"):
        if "additive" not in spec:
            continue
        query = allowed_query(context, operation)
        before = await context.wire.ask(operation, query, purpose="a window before late facts", expected="accepted")
        added = await context.hook.act("facts", context.target.tenant("primary"), 9)
        if not added:
            continue
        numbers = numbers_at(before.answer, spec["additive"])
        counted = sum(numbers.values())
        patience = LATE_PATIENCE if len(numbers) == len(spec["additive"]) else 0.0
        deadline = context.journal.now() + patience
        while True:
            after = await context.wire.ask(operation, query, purpose="a window after late facts", expected="accepted")
            if sum(numbers_at(after.answer, spec["additive"]).values()) >= counted + added or context.journal.now() > deadline:
                break
            await asyncio.sleep(0.5)
        context.journal.add(
            LateFacts(
                id=context.journal.name("late-"),
                subject=operation.id,
                purpose="late facts for a settled window",
                added=added,
                before=before,
                after=after,
            )
        )
        await _split(context, operation, spec)
        await _read_series(context, operation, spec, within=(settled_window(context),))


async def ask_span(
    context: DriverContext, operation: Operation, start: int, end: int, purpose: str, more: Mapping[str, Any] | None = None
) -> Exchange:
    """Ask for one window."""
    query = {**allowed_query(context, operation), **span(operation, start, end), **(more or {})}
    return await context.wire.ask(operation, query, purpose=purpose, expected="accepted")


async def _ask_twice(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    start, end = settled_window(context)
    variants: list[tuple[int, int, dict[str, Any]]] = [(start, end, {}), (start + 5107 * SECOND, end - 3301 * SECOND, {})]
    if "parameter" in spec.get("series", {}):
        variants += [(start, end, {spec["series"]["parameter"]: step}) for step in spec["series"]["steps"]]
    for begin, until, more in variants:
        pair = [await ask_span(context, operation, begin, until, "a settled window asked for twice", more) for _ in range(2)]
        context.journal.add(
            Twice(
                id=context.journal.name("twice-"),
                subject=operation.id,
                purpose="a settled window asked for twice",
                first=pair[0],
                again=pair[1],
            )
        )


async def _split(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    """Cut windows at odd instants, at whole hours and days, under each kind of filter."""
    start, end = settled_window(context)
    length = end - start
    odd = [start + int(length * part) // SECOND * SECOND + SECOND * 7 for part in (0.3137, 0.7411)]
    fine = [start + int(length * part) // 1000 * 1000 + 123 * 1000 for part in (0.2113, 0.5923)]
    if not _allows_fractions(operation, spec):
        fine = [cut // SECOND * SECOND for cut in fine]
    whole_hours = [(start + length // 3) // HOUR * HOUR, (start + 2 * length // 3) // HOUR * HOUR]
    first_hour = [start + 1201 * SECOND, start + 1202 * SECOND]
    middle = (start + length // 2) // HOUR * HOUR
    narrow = [middle - 61 * SECOND, middle]
    variants: list[tuple[int, int, list[int], dict[str, Any]]] = [
        (start, end, cuts, {}) for cuts in (odd, fine, whole_hours, first_hour, narrow, _bucket_edges(start, end))
    ]
    for name, field in operation.annotations.get("x-filter", {}).get("fields", {}).items():
        variants.append((start, end, odd, narrowed(operation, {name: field["values"][0]})))
    if "longest" in spec:
        variants.append((end - duration(spec["longest"]), end, [start, odd[0]], {}))
    await asyncio.gather(*(_split_at(context, operation, *variant) for variant in variants))


def _bucket_edges(start: int, end: int) -> list[int]:
    """Whole hours spread over a window, and its midnights."""
    hours = range(-(-start // HOUR) * HOUR, end, HOUR)
    midnights = range(-(-start // DAY) * DAY, end, DAY)
    return [*hours[:: -(-len(hours) // MOST_HOURS) or 1], *midnights[:MOST_HOURS]]


async def _split_present(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    """Cut a window that reaches to the present, where rolled-up and fresh facts meet; kept only when no fact came meanwhile."""
    if "additive" not in spec or spec["type"] != "date-time":
        return
    _, settled = settled_window(context)
    now = (dt.datetime.now(dt.UTC) - EPOCH) // dt.timedelta(seconds=1) * SECOND
    start = max(settled - 24 * HOUR, now - duration(spec["longest"]) + SECOND) if "longest" in spec else settled - 24 * HOUR
    for cuts in ([settled, now - HOUR, now - 61 * SECOND], [now - 7 * HOUR - 13 * SECOND, now - 59 * SECOND, now - 17 * SECOND]):
        edges = [start, *(cut for cut in sorted(set(cuts)) if start < cut < now), now]
        if len(edges) < 3:
            continue
        whole = await ask_span(context, operation, start, now, "a window up to the present")
        parts = [await ask_span(context, operation, *pair, "a part of a window up to the present") for pair in pairwise(edges)]
        again = await ask_span(context, operation, start, now, "a window up to the present")
        if numbers_at(whole.answer, spec["additive"]) == numbers_at(again.answer, spec["additive"]):
            purpose = "a window up to the present, split"
            context.journal.add(
                Split(id=context.journal.name("split-"), subject=operation.id, purpose=purpose, whole=whole, parts=tuple(parts))
            )


async def _split_at(context: DriverContext, operation: Operation, start: int, end: int, cuts: list[int], more: dict[str, Any]) -> Split:
    edges = [start, *(cut for cut in sorted(set(cuts)) if start < cut < end), end]
    whole = await ask_span(context, operation, start, end, "a window to be split", more)
    parts = await asyncio.gather(*(ask_span(context, operation, *pair, "a part of a window", more) for pair in pairwise(edges)))
    return context.journal.add(
        Split(id=context.journal.name("split-"), subject=operation.id, purpose="a window split", whole=whole, parts=tuple(parts))
    )


async def _hunt(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    """Find the very instants of a few facts."""
    if "additive" not in spec:
        return
    start, end = settled_window(context)
    unit = 1 if _allows_fractions(operation, spec) else SECOND
    quarters = [start + (end - start) * part // 3 // unit * unit for part in range(4)]
    for number, (begin, until) in enumerate(pairwise(quarters)):
        await _hunt_one(context, operation, spec, begin, until, unit, latest=number % 2 == 1)


async def _hunt_one(
    context: DriverContext, operation: Operation, spec: Mapping[str, Any], start: int, end: int, unit: int, *, latest: bool
) -> None:
    purpose = "a window halved to find one fact"
    here = await ask_span(context, operation, start, end, purpose)
    steps: list[Split] = []
    while end - start > unit and _count(here, spec) > 0:
        middle = start + (end - start) // unit // 2 * unit
        halves = await asyncio.gather(
            ask_span(context, operation, start, middle, purpose), ask_span(context, operation, middle, end, purpose)
        )
        steps.append(
            context.journal.add(
                Split(id=context.journal.name("split-"), subject=operation.id, purpose=purpose, whole=here, parts=tuple(halves))
            )
        )
        chosen = int(latest) if _count(halves[int(latest)], spec) > 0 else int(not latest)
        here = halves[chosen]
        start, end = (start, middle) if chosen == 0 else (middle, end)
    around: list[Exchange] = []
    if steps and end - start == unit and _count(here, spec) > 0:
        around.append(await ask_span(context, operation, start - unit, start, "the shortest window before a fact"))
        around.append(await ask_span(context, operation, start, end, "the shortest window with a fact"))
        around.append(await ask_span(context, operation, end, end + unit, "the shortest window after a fact"))
    if steps:
        context.journal.add(
            Hunt(id=context.journal.name("hunt-"), subject=operation.id, purpose=purpose, halvings=tuple(steps), around=tuple(around))
        )


async def _read_series(
    context: DriverContext, operation: Operation, spec: Mapping[str, Any], *, within: tuple[tuple[int, int], ...] | None = None
) -> None:
    """Series over these windows; else over whole ones, over some with odd ends, over one within a bucket, and over whole buckets."""
    if "series" not in spec:
        return
    series = spec["series"]
    if "byWindow" in series:
        await _read_by_length(context, operation, spec, within)
        return
    start, end = settled_window(context)
    edges = [(start, end), (start + 1871 * SECOND, end - 2713 * SECOND), (start + 10 * SECOND, start + 20 * SECOND)]
    if "longest" in spec:
        edges.append((end - duration(spec["longest"]), end))
    more: list[dict[str, Any]] = [{}]
    fields = operation.annotations.get("x-filter", {}).get("fields", {})
    more += [narrowed(operation, {name: field["values"][0]}) for name, field in list(fields.items())[:1]]
    for step, length in series["steps"].items():
        for begin, until in within or (*edges, *_whole_buckets(start, end, duration(length))):
            for extra in more:
                parameters = {series["parameter"]: step, **extra}
                answer = await ask_span(context, operation, begin, until, f"a series by {step}", parameters)
                every = not within and not extra and (begin, until) == (start, end)
                buckets = await _ask_buckets(context, operation, spec, answer, begin, until, duration(length), extra, every=every)
                context.journal.add(
                    Series(
                        id=context.journal.name("series-"),
                        subject=operation.id,
                        purpose=f"a series by {step}",
                        step=step,
                        answer=answer,
                        buckets=tuple(buckets),
                    )
                )


async def _read_by_length(
    context: DriverContext, operation: Operation, spec: Mapping[str, Any], within: tuple[tuple[int, int], ...] | None
) -> None:
    """Series that every answer has: over the settled window, and over windows as long as each step allows and a little longer."""
    _, end = settled_window(context)
    limits = [duration(entry["upTo"]) for entry in spec["series"]["byWindow"] if "upTo" in entry]
    longest = duration(spec["longest"]) if "longest" in spec else None
    lengths = [length for limit in limits for length in (limit, limit + 1871 * SECOND) if longest is None or length <= longest]
    for begin, until in within or (
        settled_window(context),
        *((end - length, end) for length in lengths),
        (end - 20 * SECOND, end - 10 * SECOND),
    ):
        answer = await ask_span(context, operation, begin, until, "a series by the length of its window")
        entry = for_length(spec["series"]["byWindow"], until - begin)
        step = duration(entry["step"]) if entry is not None else 0
        every = not within and (begin, until) == settled_window(context)
        buckets = await _ask_buckets(context, operation, spec, answer, begin, until, step, {}, every=every) if step else []
        context.journal.add(
            Series(
                id=context.journal.name("series-"),
                subject=operation.id,
                purpose="a series by the length of its window",
                step="",
                answer=answer,
                buckets=tuple(buckets),
            )
        )


def _whole_buckets(start: int, end: int, length: int) -> list[tuple[int, int]]:
    """The longest part of a window that begins and ends where buckets do, unless the window does so itself."""
    begin, until = -(-start // length) * length, end // length * length
    return [(begin, until)] if begin < until and (begin, until) != (start, end) else []


async def _ask_buckets(
    context: DriverContext,
    operation: Operation,
    spec: Mapping[str, Any],
    answer: Exchange,
    begin: int,
    until: int,
    length: int,
    extra: Mapping[str, Any],
    *,
    every: bool = False,
) -> list[Exchange]:
    """The first, the last and a middle bucket of a series as windows of their own, cut to the window of the whole; or every one."""
    found = at(answer.answer.json, spec["series"]["at"])
    if not isinstance(found, list) or not found:
        return []
    count = len(found)  # pyright: ignore[reportUnknownArgumentType]
    places = range(count) if every and count <= MOST_BUCKETS else sorted({0, count // 2, count - 1})
    starts = [instant(at(found[place], "/" + spec["series"]["start"])) for place in places]
    cut = ((max(start, begin), min(start + length, until)) for start in starts if start is not None)
    spans = [(first, last) for first, last in dict.fromkeys(cut) if first < last]
    buckets: list[Exchange] = []
    for place in range(0, len(spans), TOGETHER):
        buckets += await asyncio.gather(
            *(ask_span(context, operation, *span, "one bucket as a window", extra) for span in spans[place : place + TOGETHER])
        )
    return buckets


async def _ask_wrong(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    start, end = settled_window(context)
    longest = duration(spec["longest"]) if "longest" in spec else None
    if longest is not None:
        for until in (end, end - 12345 * SECOND):
            await ask_span(context, operation, until - longest, until, "the longest window")
    if "invalid" not in spec:
        return
    wrong = {"window/empty": [(start, start), (end, end)], "window/reversed": [(end, start), (start + SECOND, start)]}
    if longest is not None:
        wrong["window/too-long"] = [(end - longest - SECOND, end), (end - longest * 3, end)]
    for rule, spans in wrong.items():
        for begin, until in spans:
            query = {**allowed_query(context, operation), **span(operation, begin, until)}
            await refuse(context, operation, query, rule, (spec["invalid"],), (spec["from"], spec["to"]))
    if "rolling" in spec:
        name, known = spec["rolling"]["parameter"], next(iter(spec["rolling"]["spans"]))
        for edge, other in (("start", spec["to"]), ("end", spec["from"])):
            alone = {**allowed_query(context, operation), other: None, name: None}
            fields = (spec["from"], spec["to"], name)
            await refuse(context, operation, alone, f"window/{edge}-alone", (spec["invalid"],), fields)
            await refuse(context, operation, {**alone, name: known}, f"window/{edge}-and-rolling", (spec["invalid"],), fields)
    for name in (spec["from"], spec["to"]):
        query = {**allowed_query(context, operation), name: "yesterday"}
        await refuse(context, operation, query, "window/no-time", (spec["invalid"],), (name,))


def _count(exchange: Exchange, spec: Mapping[str, Any]) -> float:
    return sum(numbers_at(exchange.answer, spec["additive"]).values())


def _allows_fractions(operation: Operation, spec: Mapping[str, Any]) -> bool:
    """Whether the contract lets a window start between two seconds."""
    if spec["type"] != "date-time":
        return False
    from assay_conformance.validation import accepts

    return accepts(operation.parameter(spec["from"]).schema, "2026-01-01T00:00:00.000001Z")
