"""Drill-downs: the entries behind the cards of a window, and their order."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from assay_server.windowing.cards import timeline, within
from assay_server.windowing.facts import Fact, FactKind


class Metric(enum.Enum):
    """What a drill-down lists."""

    TOP_POSTS = "top-posts"
    TOP_HASHTAGS = "top-hashtags"
    ZAPPERS = "zappers"
    BEST_HOURS = "best-hours"
    BEST_DAYS = "best-days"
    TIMELINE = "timeline"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its key, the number that it is ranked by, and how many facts it stands for."""

    key: str
    value: int
    count: int


def drill_down(metric: Metric, facts: Iterable[Fact], target: str, start: int, end: int) -> list[Entry]:
    """Return every entry of a metric for a target in `[start, end)`, by key. A post counts wherever in time it was made."""
    known = list(facts)
    if metric is Metric.TIMELINE:
        # Ten digits, so that keys are in the order of time.
        return [Entry(f"{begin:010d}", cards.engagements, cards.engagements) for begin, cards in timeline(known, target, start, end)]
    found = within(known, target, start, end)
    if metric is Metric.TOP_HASHTAGS:
        return _counted(hashtag for fact in found if fact.kind is FactKind.POST for hashtag in fact.hashtags)
    engagements = [fact for fact in found if fact.is_engagement]
    if metric is Metric.ZAPPERS:
        return _zappers(engagements)
    if metric is Metric.TOP_POSTS:
        posts = {fact.event for fact in known if fact.kind is FactKind.POST and fact.sender == target}
        return _counted(fact.answers for fact in engagements if fact.answers in posts)
    return _counted(_KEYS[metric](fact.at) for fact in engagements)


def in_order(entries: Iterable[Entry], sort: str = "value:desc") -> list[Entry]:
    """Return entries in one of the orders `value:desc`, `value:asc`, `key:asc`; ties are in the order of their keys."""
    by_key = sorted(entries, key=lambda entry: entry.key)
    if sort == "key:asc":
        return by_key
    sign = {"value:desc": -1, "value:asc": 1}[sort]
    return sorted(by_key, key=lambda entry: sign * entry.value)


def _hour(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%H")


def _weekday(moment: int) -> str:
    return str(datetime.fromtimestamp(moment, UTC).isoweekday())


_KEYS: Mapping[Metric, Callable[[int], str]] = {Metric.BEST_HOURS: _hour, Metric.BEST_DAYS: _weekday}


def _counted(keys: Iterable[str | None]) -> list[Entry]:
    numbers = Counter(key for key in keys if key is not None)
    return [Entry(key, number, number) for key, number in sorted(numbers.items())]


def _zappers(engagements: Iterable[Fact]) -> list[Entry]:
    amounts: dict[str, list[int]] = {}
    for fact in engagements:
        if fact.kind is FactKind.ZAP:
            amounts.setdefault(fact.sender, []).append(fact.satoshi)
    return [Entry(sender, sum(satoshi), len(satoshi)) for sender, satoshi in sorted(amounts.items())]
