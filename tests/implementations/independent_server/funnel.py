"""The numbers of the funnel, counted event by event."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any

from .asking import TAGS, Request, moment
from .refusing import Refused
from .rendering import padded, stamp
from .world import CHANNELS, ERRORS, Event, Tenant

STEPS = {"hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1)}
LONGEST = dt.timedelta(days=90)
Wrong = Callable[[str], bool]


def window(request: Request, wrong: Wrong) -> tuple[dt.datetime, dt.datetime]:
    """The window that is asked for."""
    ends: list[dt.datetime] = []
    for name in ("from", "to"):
        found = moment(request.needed(name))
        if found is None or (wrong("fractions-of-a-second-are-refused") and "." in request.needed(name)):
            raise Refused("INVALID_WINDOW", f"{name} is no time", field=name)
        ends.append(found)
    start, end = ends
    if (end < start) or (end == start and not wrong("an-empty-window-is-answered-with-zeros")):
        raise Refused("INVALID_WINDOW", "the window is empty", field="to")
    longest = LONGEST + dt.timedelta(days=1) if wrong("a-window-of-ninety-one-days-is-accepted") else LONGEST
    if end - start > longest or (end - start == longest and wrong("a-window-of-ninety-days-is-refused")):
        raise Refused("INVALID_WINDOW", "the window is too long", field="from")
    if wrong("window-ends-are-cut-to-seconds"):
        return start.replace(microsecond=0), end.replace(microsecond=0)
    if wrong("window-ends-are-cut-to-minutes"):
        return start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    return start, end


def numbers(events: Sequence[Event], wrong: Wrong) -> dict[str, Any]:
    """The five numbers of some events."""
    starts = sum(event.kind == "funnel_view" for event in events)
    submitted = [event for event in events if event.kind == "lead_submitted"]
    latencies = sorted(event.latency for event in submitted)
    rate = len(submitted) / starts if starts else 0.0
    retried = sum(event.retried for event in submitted)
    if wrong("rates-are-of-whole-percent"):
        rate = int(100 * rate) / 100
    if wrong("rates-by-integer-division"):
        rate = float(len(submitted) // max(starts, 1))
    if wrong("a-rate-without-starts-is-one") and not starts:
        rate = 1.0
    if wrong("percentile-of-nothing-is-one"):
        latencies = latencies or [1.0]
    if wrong("percentile-of-every-event"):
        latencies = sorted(event.latency for event in events)
    if wrong("retry-rate-of-nothing-is-one") and not submitted:
        retried = 1
    share = retried / (max(starts, 1) if wrong("retry-rate-of-starts") else max(len(submitted), 1))
    return {
        "starts": starts,
        "submissions": len(submitted),
        "conversionRate": rate,
        "retryRate": share,
        "p95SubmitLatencyMs": latencies[math.ceil(0.95 * len(latencies)) - 1] if latencies else 0,
    }


def counted(tenant: Tenant, request: Request, wrong: Wrong) -> dict[str, Any]:
    """The success answer, but for its meta."""
    start, end = window(request, wrong)
    group = request.one("groupBy", "INVALID_WINDOW")
    if group is not None and group not in STEPS:
        raise Refused("INVALID_WINDOW", "there is no such step", field="groupBy")
    if wrong("a-filter-without-a-value-is-ignored"):
        kept = [pair for pair in request.query.split("&") if not (pair.startswith("filter") and pair.endswith("="))]
        request = Request(request.method, request.path, "&".join(kept), request.headers)
    chosen = request.chosen({"channel": CHANNELS, "errorClass": ERRORS})
    found = [event for event in tenant.events if inside(event, start, end, wrong) and fits(event, chosen, wrong)]
    known = [event for event in found if not event.late] if wrong("late-facts-are-not-counted") else found
    stated = (start.replace(minute=0, second=0, microsecond=0), end) if wrong("the-window-is-stated-in-whole-hours") else (start, end)
    answer: dict[str, Any] = {
        "schemaVersion": "1.0.42",
        "tenantId": tenant.name,
        "window": {"from": padded(stated[0]), "to": padded(stated[1]), "days": 2.5},
        "metrics": numbers(known, wrong),
    }
    if group is not None:
        settled = [event for event in found if not event.late] if wrong("late-facts-are-not-in-the-series") else found
        series: list[dict[str, Any]] = [
            {"bucketStart": stamp(at), "metrics": numbers(inside, wrong), "label": None}
            for at, inside in steps(settled, start, end, group, tenant, wrong)
        ]
        if wrong("rates-of-buckets-are-those-of-the-whole"):
            for bucket in series:
                bucket["metrics"]["conversionRate"] = answer["metrics"]["conversionRate"]
        answer["series"] = series
    return answer


def inside(event: Event, start: dt.datetime, end: dt.datetime, wrong: Wrong) -> bool:
    """Whether the event lies in the window."""
    if wrong("the-end-is-included") or (
        wrong("the-end-is-included-at-midnight") and not (end.hour or end.minute or end.second or end.microsecond)
    ):
        return start <= event.at <= end
    if wrong("the-end-is-included-at-whole-hours") and not (end.minute or end.second or end.microsecond):
        return start <= event.at <= end
    if wrong("the-start-is-excluded"):
        return start < event.at < end
    return start <= event.at < end


def fits(event: Event, chosen: dict[str, str], wrong: Wrong) -> bool:
    """Whether the event carries the values that were asked for."""
    values = {"channel": event.channel, "errorClass": event.error}
    if wrong("call-centers-are-filed-under-none") and event.channel == "call_center":
        values["channel"] = "none"
    if wrong("two-filters-give-what-either-allows") and len(chosen) > 1:
        return any(values[name] == value for name, value in chosen.items())
    if wrong("a-filter-of-errors-counts-every-start") and event.kind == "funnel_view":
        values["errorClass"] = chosen.get("errorClass")
    return all(values[name] == value for name, value in chosen.items())


def steps(
    events: Sequence[Event], start: dt.datetime, end: dt.datetime, group: str, tenant: Tenant, wrong: Wrong
) -> list[tuple[dt.datetime, list[Event]]]:
    """The buckets of the window, each with its events."""
    at = start.replace(minute=0, second=0, microsecond=0)
    if group == "day":
        at = at.replace(hour=0)
        if wrong("days-begin-in-another-zone"):
            at -= dt.timedelta(hours=1)
            at += dt.timedelta(days=1) if at + dt.timedelta(days=1) <= start else dt.timedelta(0)
    buckets: dict[dt.datetime, list[Event]] = {}
    while at < end or (wrong("a-series-has-the-end-too") and at == end):
        buckets[at] = []
        at += STEPS[group]
    first, last = min(buckets, default=at), max(buckets, default=at)
    for event in events:
        # An event at the very end is there only when the server is wrong in this way; it must not break for it.
        buckets.setdefault(min(first + (event.at - first) // STEPS[group] * STEPS[group], last), []).append(event)
    if wrong("edges-of-a-series-are-whole-buckets"):
        buckets[first] = [event for event in tenant.events if first <= event.at < first + STEPS[group]]
    if wrong("empty-buckets-are-left-out"):
        buckets = {at: inside for at, inside in buckets.items() if inside}
    return sorted(buckets.items(), reverse=wrong("a-series-runs-backwards"))


def tag(tenant: Tenant, request: Request, stale: bool, wrong: Wrong) -> str:
    """A strong tag: answers under one tag are the same to the byte."""
    parts = [tenant.name, request.query, str(tenant.facts), str(stale)]
    if wrong("tags-do-not-depend-on-the-tenant"):
        parts[0] = ""
        parts[1] = "&".join(part for part in request.query.split("&") if not part.startswith("tenantId="))
    if wrong("tags-do-not-depend-on-the-step"):
        parts[1] = "&".join(part for part in request.query.split("&") if not part.startswith("groupBy="))
    if wrong("tags-do-not-depend-on-the-filter"):
        parts[1] = "&".join(part for part in request.query.split("&") if not part.startswith("filter"))
    if wrong("tags-do-not-depend-on-late-facts"):
        parts[2] = ""
    if wrong("tags-do-not-depend-on-the-query"):
        parts[1] = ""
    return '"' + hashlib.blake2b("\0".join(parts).encode(), digest_size=9).hexdigest() + '"'


def known(request: Request, current: str, issued: set[str], wrong: Wrong) -> bool:
    """Whether the client says that it has the current answer."""
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    if not TAGS.fullmatch(given):
        raise Refused("INVALID_PARAMETER", "these are no tags", field="If-None-Match")
    if wrong("any-tag-is-the-right-one"):
        return True
    tags = {one.strip().removeprefix("W/") for one in given.split(", ")}
    if wrong("any-tag-ever-issued-is-the-right-one"):
        return bool(tags & issued)
    if wrong("only-one-tag-is-read"):
        return given.removeprefix("W/") == current
    return given == "*" or current in {part.strip().removeprefix("W/") for part in given.split(",")}
