"""Percentiles: which values of a request count for one, and between which numbers it must lie when only some values are known."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at_indexes, spread

_NAMED = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from: the operation that receives them, their place in its body, and the properties that must agree."""

    operation: str
    at: str
    by: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The properties of an item that say which values are its own."""
        return (*(name for name, _ in self.by), *_NAMED.findall(self.at))

    def place(self, item: Mapping[str, Any]) -> str | None:
        """The pointer to the values of an item, with the item's own properties in it; None where the item lacks one."""
        if any(not isinstance(item.get(name), str) for name in _NAMED.findall(self.at)):
            return None
        return _NAMED.sub(lambda found: pointers.escape(item[found[1]]), self.at)

    def values(self, item: Mapping[str, Any], body: Any) -> list[float]:
        """The numbers in a request body that count for an item."""
        place = self.place(item)
        found = [] if place is None else list(pointers.matches(body, place))
        return [
            float(value)
            for here, value in found
            if isinstance(value, int | float)
            and not isinstance(value, bool)
            and all(item.get(name, MISSING) == pointers.follow(body, beside(here, self.at, other)) for name, other in self.by)
        ]


def sources_of(rule: Mapping[str, Any]) -> tuple[Source, ...]:
    """The sources of the values of one percentile."""
    declared = rule.get("values")
    listed = declared if is_list(declared) else () if declared is None else (declared,)
    return tuple(Source(item["operation"], item["at"], tuple(item.get("by", {}).items())) for item in listed)


def is_recomputable(rule: Mapping[str, Any]) -> bool:
    """Whether known values can be sent for a percentile and counted."""
    return "count" in rule and bool(sources_of(rule))


@dataclass(frozen=True, slots=True)
class Stated:
    """What a response states of one percentile: the object that has it, its number of values, and the percentile or MISSING."""

    item: Mapping[str, Any]
    count: int | None
    value: Any


def stated_percentiles(rule: Mapping[str, Any], body: Any) -> dict[object, Stated]:
    """Every percentile of a rule in a response, by the properties that say which values are its own; without such, by its place."""
    above, name = pointers.join(*pointers.split(rule["at"])[:-1]), pointers.last(rule["at"])
    names = sorted({name for source in sources_of(rule) for name in source.names})
    found: dict[object, Stated] = {}
    for indexes, item in spread(body, above):
        if not is_mapping(item):
            continue
        count = at_indexes(body, rule["count"], indexes)
        key: object = tuple(str(item.get(known)) for known in names) if names else indexes
        is_count = isinstance(count, int) and not isinstance(count, bool) and count >= 0
        found.setdefault(key, Stated(item, count if is_count else None, item.get(name, MISSING)))
    return found


def beside(place: str, pattern: str, pointer: str) -> str:
    """A pointer of which each `*` that it shares with the pattern stands for the same item as in the place.

    >>> beside("/events/3/ms", "/events/*/ms", "/events/*/kind")
    '/events/3/kind'
    """
    real, known, keys, shared = pointers.split(place), pointers.split(pattern), list(pointers.split(pointer)), True
    for index, key in enumerate(keys):
        shared = shared and index < len(known) and key == known[index]
        keys[index] = real[index] if shared else key
    return pointers.join(*keys)


def bounds(rule: Mapping[str, Any], before: Stated, values: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest that a percentile can be when these values join those that it had before.

    Of the values before only their number is known, and that their percentile lay where the definition says.
    """
    count, error = before.count or 0, Fraction(str(rule.get("relativeError", 0)))
    lows, highs = [-math.inf] * count, [math.inf] * count
    if count and isinstance(before.value, int | float) and not isinstance(before.value, bool):
        exact = sorted((before.value / float(1 + error), before.value / float(1 - error)))
        below, above, _ = _places(rule, count)
        lows[above - 1 :] = [exact[0]] * (count - above + 1)
        highs[:below] = [exact[1]] * below
    low, high = (_at_rank(rule, sorted([*known, *values])) for known in (lows, highs))
    return (low, high) if not error else (low - abs(low) * float(error), high + abs(high) * float(error))


def _places(rule: Mapping[str, Any], count: int) -> tuple[int, int, float]:
    """The two places in order, from 1, between which a percentile lies, and how far after the first."""
    share = Fraction(str(rule["rank"])) / 100
    if rule["definition"] == "nearest-rank":
        place = max(1, math.ceil(share * count))
        return place, place, 0.0
    exact = 1 + share * (count - 1)
    return math.floor(exact), math.ceil(exact), float(exact - math.floor(exact))


def _at_rank(rule: Mapping[str, Any], ordered: Sequence[float]) -> float:
    below, above, part = _places(rule, len(ordered))
    first, second = ordered[below - 1], ordered[above - 1]
    if not part or math.isinf(first):
        return first
    return second if math.isinf(second) else first + part * (second - first)
