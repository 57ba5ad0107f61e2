"""Windows: half-open spans of time that add up."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from assay_contracts import Contract

from assay_conformance.body_values import at, duration, instant, number_at, shown, without, written
from assay_conformance.check import NeedsHook, NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.checks.pagination import expect_refusal
from assay_conformance.evidence import Evidence, Exchange, Hunt, LateFacts, Refusal, Series, Split, Twice
from assay_conformance.exchange_views import annotation, date_of, restless, succeeded, success_of, summarize, whole
from assay_conformance.media_types import has_declared_type
from assay_conformance.window_terms import for_length, requested_window, rolling_window, window_length

AGES = ("snapshotAsOf", "deltaAsOf", "stalenessMs", "source")
"""What `x-freshness` says of a response that is no number of its window."""
CLOCK = 2_000_000
"""Microseconds by which a time may be beside the `Date` of its answer."""


@check("WIN-001", kills={"an-hour-at-the-edge-is-left-out", "the-end-is-counted-too"})
def the_parts_of_a_window_add_up_to_it(split: Split, contract: Contract, subject: str) -> None:
    """The counts and sums of adjacent windows are together those of the window that they make up."""
    spec = annotation(contract, subject, "x-window")
    reached = False
    for pointer in spec["additive"]:
        whole = _number(split.whole, pointer)
        parts = [_number(part, pointer) for part in split.parts]
        if abs(whole - sum(parts)) > 1e-6 * max(1, abs(whole)):
            raise Violation(f"{pointer} {brief(whole)}", f"{brief(sum(parts))} = " + " + ".join(map(brief, parts)), _cuts(split, spec))
        reached = reached or sum(1 for part in parts if part) > 1
    if not reached:
        raise NotReached("no split window had facts in two parts")


@check("WIN-002", kills={"the-start-is-left-out-and-the-end-counted", "the-end-is-counted-too"})
def a_window_has_its_start_and_not_its_end(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Halving a window loses no fact and doubles none; each fact is found in the window that starts with it.

    A server that counts the end instead of the start adds up as well. It is told by the facts themselves: their times are whole
    milliseconds or seconds, and it finds every one of them just before.
    """
    spec = annotation(contract, subject, "x-window")
    starts: list[int] = []
    unit = 0
    for hunt in (item for item in evidence.of(Hunt) if item.subject == subject):
        for step in hunt.halvings:
            for pointer in spec["additive"]:
                parts = [_number(part, pointer) for part in step.parts]
                expect(sum(parts), equals=_number(step.whole, pointer), about=f"{pointer} in two halves, {_cuts(step, spec)}")
        if hunt.around:
            before, with_it, after = (_sum(item, spec) for item in hunt.around)
            if not with_it:
                raise Violation("the fact that was found before", "none", _span(hunt.around[1], spec))
            start, end = requested_window(hunt.around[1], spec)
            if start is None or end is None:
                continue
            unit = end - start
            starts.append(start)
            if (before == with_it or after == with_it) and len(starts) == 1:
                raise NotReached("two facts are adjacent")
    if not starts:
        raise NotReached("no single fact was found")
    _expect_whole_times(starts, unit, spec)


def _expect_whole_times(starts: list[int], unit: int, spec: Mapping[str, Any]) -> None:
    for grain in (1_000_000, 1_000):
        if unit < grain and len(starts) > 1 and all((start + unit) % grain == 0 for start in starts):
            found = ", ".join(written(start, spec["type"]) for start in starts)
            raise Violation("facts in the windows that start with them", f"each of them just before: {found}", "the start is not included")


@check("WIN-003", kills={"the-window-is-rounded", "the-default-window-is-stated"})
def the_answer_states_the_window(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Start and end in the answer are the instants that were asked for."""
    spec = annotation(contract, subject, "x-window")
    body = whole(exchange, contract).json
    if all(exchange.request.parameter(spec[name]) is None for name in ("from", "to")):
        raise NotConcerned
    for name in ("from", "to"):
        stated = shown(at(body, spec["echo"][name]))
        requested = exchange.request.parameter(spec[name])
        if instant(stated) is None or instant(stated) != instant(requested):
            raise Violation(f"{requested} at {spec['echo'][name]}", brief(stated), exchange.purpose)


@check("WIN-004", kills={"a-reversed-window-is-empty", "a-long-window-is-cut", "an-empty-window-is-answered"})
def a_wrong_window_is_refused(refusal: Refusal, contract: Contract, subject: str) -> None:
    """A window that is empty, reversed or too long is refused with its code."""
    expect_refusal(refusal, contract, "window/")


@check("WIN-004", kills=())
def every_wrong_window_is_tried(evidence: Evidence, contract: Contract, subject: str) -> None:
    """An empty, a reversed and, where there is a longest one, a longer window were asked for."""
    spec = annotation(contract, subject, "x-window")
    wanted = {"window/empty", "window/reversed", *(("window/too-long",) if "longest" in spec else ())}
    tried = {refusal.rule for refusal in evidence.of(Refusal) if refusal.subject == subject}
    if wanted - tried:
        raise NotReached(f"never requested: {', '.join(sorted(wanted - tried))}")


@check("WIN-005", kills={"empty-buckets-are-left-out", "the-last-bucket-is-left-out", "a-bucket-stands-twice"})
def a_series_has_every_bucket(series: Series, contract: Contract, subject: str) -> None:
    """The buckets are those that the window touches, each once, in order."""
    spec = annotation(contract, subject, "x-window")
    length = _step(series, spec)
    begin, until = requested_window(series.answer, spec)
    if begin is None or until is None:
        raise NotConcerned
    expected = list(range(begin // length * length, until, length))
    found = [instant(at(bucket, "/" + spec["series"]["start"])) for bucket in _buckets(series, spec)]
    if found != expected:
        place = next(
            (place for place, pair in enumerate(zip(found, expected, strict=False)) if pair[0] != pair[1]), min(len(found), len(expected))
        )
        wanted = written(expected[place], spec["type"]) if place < len(expected) else "no further bucket"
        value = found[place] if place < len(found) else None
        actual = "no bucket" if place >= len(found) else "no time" if value is None else written(value, spec["type"])
        raise Violation(f"{wanted} at place {place} of {len(expected)}", actual, f"{series.purpose}, {_span(series.answer, spec)}")


@check("WIN-006", kills={"a-bucket-lacks-a-fact"})
def the_buckets_add_up_to_the_whole(series: Series, contract: Contract, subject: str) -> None:
    """The sums over all buckets are the numbers of the whole."""
    spec = annotation(contract, subject, "x-window")
    reached = False
    for pointer, member in spec["series"]["additive"].items():
        values = [number_at(bucket, member) for bucket in _buckets(series, spec)]
        if any(value is None for value in values):
            raise Violation(f"a number at {member} of each bucket", brief(values), series.purpose)
        total = sum(value for value in values if value is not None)
        expect(
            round(total, 6),
            equals=round(_number(series.answer, pointer), 6),
            about=f"{pointer} over {len(values)} buckets, {series.purpose}",
        )
        reached = reached or sum(1 for value in values if value) > 1
    if not reached:
        raise NotReached("no series had facts in two buckets")


@check("WIN-006", kills={"the-numbers-stand-one-bucket-too-late"})
def a_bucket_is_the_window_of_its_step(series: Series, contract: Contract, subject: str) -> None:
    """A bucket has the numbers of its own step, asked for as a window."""
    spec = annotation(contract, subject, "x-window")
    length = _step(series, spec)
    buckets = {instant(at(bucket, "/" + spec["series"]["start"])): bucket for bucket in _buckets(series, spec)}
    reached = 0
    for exchange in series.buckets:
        begin, _ = requested_window(exchange, spec)
        if begin is None:
            continue
        bucket = buckets.get(begin // length * length)
        for pointer, member in spec["series"]["additive"].items():
            value = number_at(bucket, member)
            expect(
                value, equals=_number(exchange, pointer), about=f"{pointer} of the bucket {written(begin // length * length, spec['type'])}"
            )
            reached += bool(value)
    if not reached:
        raise NotReached("no bucket with facts was requested as a window")


@check("WIN-006", kills={"a-series-is-given-unasked"})
def a_series_stands_only_where_it_was_asked_for(exchange: Exchange, contract: Contract, subject: str) -> None:
    """With a step there is a series, without one there is none."""
    spec = annotation(contract, subject, "x-window")
    body = whole(exchange, contract).json
    parameter = spec["series"].get("parameter")
    requested = parameter is None or exchange.request.parameter(parameter) is not None
    expect(isinstance(at(body, spec["series"]["at"]), list), equals=requested, about=f"whether a series is at {spec['series']['at']}")


@check("WIN-007", kills={"a-settled-window-drifts", "an-offset-is-not-looked-at"})
def a_settled_window_gives_the_same_numbers(pair: Twice, contract: Contract, subject: str) -> None:
    """Apart from what may always differ, both answers are the same, however the same instants are written."""
    spec = annotation(contract, subject, "x-window")
    operation = contract.operation(subject)
    freshness = operation.annotations.get("x-freshness", {})
    loose = (*restless(operation), *(freshness[name] for name in AGES if name in freshness))
    if pair.first.request.query != pair.again.request.query:
        loose = (*loose, *spec.get("echo", {}).values())  # the same window in another notation
    first, again = (without(success_of(item).json, loose) for item in (pair.first, pair.again))
    if "additive" in spec and not _sum(pair.first, spec):
        raise NotReached("the settled window had no facts")
    if first != again:
        raise Violation(brief(first), brief(again), _span(pair.first, spec))


@check("WIN-008", kills={"a-longer-window-has-less"})
def a_longer_window_has_no_less(split: Split, contract: Contract, subject: str) -> None:
    """No part of a window counts more than the window."""
    spec = annotation(contract, subject, "x-window")
    reached = False
    for pointer in spec["additive"]:
        whole = _number(split.whole, pointer)
        for part in split.parts:
            expect(_number(part, pointer), at_most=whole, about=f"{pointer} of a part, {_cuts(split, spec)}")
        reached = reached or whole > 0
    if not reached:
        raise NotReached("no window had facts")


@check("WIN-009", kills={"the-longest-window-is-refused"})
def the_longest_window_is_accepted(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A window of exactly the longest length is answered."""
    spec = annotation(contract, subject, "x-window")
    longest, seen = duration(spec["longest"]), 0
    for exchange in evidence.of(Exchange):
        if exchange.subject == subject and exchange.expected == "accepted":
            begin, until = requested_window(exchange, spec)
            if begin is not None and until is not None and until - begin == longest:
                answer = success_of(exchange, f"a window of {spec['longest']}")
                declared = contract.operation(subject).response(answer.status)
                if declared is not None and not has_declared_type(declared.content, answer.media_type):
                    raise Violation(f"a success as {' or '.join(declared.content)}", summarize(exchange), f"a window of {spec['longest']}")
                seen += 1
    if not seen:
        raise NotReached("the longest window was never requested")


@check("WIN-010", kills={"late-facts-are-not-counted"})
def late_facts_are_counted(evidence: Evidence, contract: Contract, subject: str) -> None:
    """After facts came late for a window, it counts as many more."""
    spec = annotation(contract, subject, "x-window")
    late = [item for item in evidence.of(LateFacts) if item.subject == subject]
    if not late:
        raise NeedsHook("no facts came late")
    for item in late:
        before, after = _sum(item.before, spec), _sum(item.after, spec)
        expect(after, at_least=before + item.added, about=f"facts of the window after {item.added} came late")


@check("WIN-012", kills={"a-start-alone-is-accepted"})
def an_ambiguous_window_is_refused(refusal: Refusal, contract: Contract, subject: str) -> None:
    """One edge without the other, and an edge beside a rolling window, are refused."""
    expect_refusal(refusal, contract, "window/start-alone", "window/end-alone", "window/start-and-rolling", "window/end-and-rolling")


@check("WIN-013", kills={"empty-buckets-are-left-out"})
def the_step_follows_from_the_length(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Buckets are as far from each other as the contract says for the length of the window; each step was seen."""
    spec = annotation(contract, subject, "x-window")
    seen: set[str] = set()
    for series in (item for item in evidence.of(Series) if item.subject == subject):
        starts = [instant(at(bucket, "/" + spec["series"]["start"])) for bucket in _buckets(series, spec)]
        for one, two in pairwise(starts):
            if one is not None and two is not None:
                expect(two - one, equals=_step(series, spec), about=f"microseconds from bucket to bucket, {_span(series.answer, spec)}")
                seen.add(_entry(series, spec)["step"])
    missing = [entry["step"] for entry in spec["series"]["byWindow"] if entry["step"] not in seen]
    if missing:
        raise NotReached(f"no series had two steps of {', '.join(missing)}")


@check("WIN-011", kills={"a-rolling-window-ended-an-hour-ago"})
def a_rolling_window_ends_with_the_answer(exchange: Exchange, contract: Contract, subject: str) -> None:
    """It has its length, and its end is the time of the answer."""
    _expect_rolling(exchange, contract, subject, kept=0)


@check("WIN-014", kills={"a-rolling-window-ended-an-hour-ago"})
def a_rolling_window_ends_while_it_may_be_kept(exchange: Exchange, contract: Contract, subject: str) -> None:
    """It has its length, and ends no longer before the answer than a window of its length may be kept."""
    window = annotation(contract, subject, "x-window")
    cache = contract.operation(subject).annotations.get("x-cache", {})
    length = window_length(exchange, window)
    bounds = for_length(cache["byWindow"], length) if length is not None and "byWindow" in cache else None
    kept = (bounds or cache.get("maxAge", {})).get("maximum", 0)
    _expect_rolling(exchange, contract, subject, kept=kept * 1_000_000)


def _expect_rolling(exchange: Exchange, contract: Contract, subject: str, *, kept: int) -> None:
    spec = annotation(contract, subject, "x-window")
    name = rolling_window(exchange, spec)
    answer = succeeded(exchange)
    responded = date_of(answer)
    if name is None or answer.status != 200 or "echo" not in spec or responded is None:
        raise NotConcerned
    start, end = (instant(at(answer.json, spec["echo"][edge])) for edge in ("from", "to"))
    if start is None or end is None:
        raise Violation("a window with a start and an end", summarize(exchange), exchange.purpose)
    span = spec["rolling"]["spans"][name]
    if span is not None:
        expect(end - start, equals=duration(span), about=f"the length of {name} in microseconds")
    # `Date` has whole seconds, and the end may be rounded down to one.
    if not responded - kept - CLOCK <= end <= responded + CLOCK:
        wanted = f"an end from {written(responded - kept, 'date-time')} to {written(responded, 'date-time')}"
        raise Violation(wanted, written(end, "date-time"), exchange.purpose)


def _step(series: Series, spec: Mapping[str, Any]) -> int:
    """The length of a series' steps in microseconds."""
    return duration(_entry(series, spec)["step"] if "byWindow" in spec["series"] else spec["series"]["steps"][series.step])


def _entry(series: Series, spec: Mapping[str, Any]) -> Mapping[str, Any]:
    length = window_length(series.answer, spec)
    entry = None if length is None else for_length(spec["series"]["byWindow"], length)
    if entry is None:
        raise NotConcerned
    return entry


def _number(exchange: Exchange, pointer: str) -> int | float:
    value = number_at(success_of(exchange).json, pointer)
    if value is None:
        raise Violation(f"a number at {pointer}", summarize(exchange), exchange.purpose)
    return value


def _sum(exchange: Exchange, spec: Mapping[str, Any]) -> int | float:
    return sum(_number(exchange, pointer) for pointer in spec["additive"])


def _buckets(series: Series, spec: Mapping[str, Any]) -> list[Any]:
    found = at(success_of(series.answer).json, spec["series"]["at"])
    if not isinstance(found, list):
        raise Violation(f"a series at {spec['series']['at']}", brief(shown(found)), series.purpose)
    return found  # pyright: ignore[reportUnknownVariableType]


def _span(exchange: Exchange, spec: Mapping[str, Any]) -> str:
    return f"[{exchange.request.parameter(spec['from'])}, {exchange.request.parameter(spec['to'])})"


def _cuts(split: Split, spec: Mapping[str, Any]) -> str:
    edges = [str(part.request.parameter(spec["from"])) for part in split.parts[1:]]
    return f"{_span(split.whole, spec)} cut at {', '.join(edges)}"
