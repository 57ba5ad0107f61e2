"""What a conjunction of plain schemas says of each type: kinds, intervals, lengths, counts, names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

from assay_containment.schemas import SchemaNode
from assay_containment.shapes import Branch

KINDS: frozenset[str] = frozenset({"null", "boolean", "integer", "fraction", "string", "array", "object"})
UNBOUNDED = 1 << 62
ANNOTATIONS = frozenset({"title", "description", "$comment", "default", "examples", "deprecated", "readOnly", "writeOnly"})


def kinds_of(keywords: Mapping[str, Any]) -> frozenset[str]:
    """The kinds that a `type` leaves; a number is an integer or a fraction."""
    types = keywords.get("type")
    if types is None:
        return KINDS
    named: set[str] = {types} if isinstance(types, str) else set(cast("Sequence[str]", types))
    return KINDS.intersection(named | {"integer", "fraction"} if "number" in named else named)


def listed(branch: Branch) -> list[Any] | None:
    """The values that a conjunction lists, when one of its places lists any."""
    lists = [values for values in map(values_of, branch) if values is not None]
    return min(lists, key=len) if lists else None


def values_of(place: SchemaNode) -> list[Any] | None:
    """The values that one place lists."""
    keywords = place.keywords
    if isinstance(keywords.get("enum"), list):
        return list(keywords["enum"])
    return [keywords["const"]] if "const" in keywords and place.document.draft >= 6 else None


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers between two ends, each with whether it is itself left out, and steps that they are multiples of."""

    low: Fraction | None
    low_open: bool
    high: Fraction | None
    high_open: bool
    steps: tuple[Fraction, ...]

    @property
    def empty(self) -> bool:
        """Whether no number is left."""
        low, high = self.low, self.high
        if low is None or high is None:
            return False
        if low > high or (low == high and (self.low_open or self.high_open)):
            return True
        for step in self.steps:
            first = math.ceil(low / step) * step
            if first == low and self.low_open:
                first += step
            if first > high or (first == high and self.high_open):
                return True
        return False

    def implies(self, keywords: Mapping[str, Any], draft: int) -> bool:
        """Whether every number here passes the numeric keywords."""
        other = interval_of([keywords], draft)
        if other.low is not None and (
            self.low is None or self.low < other.low or (self.low == other.low and other.low_open and not self.low_open)
        ):
            return False
        if other.high is not None and (
            self.high is None or self.high > other.high or (self.high == other.high and other.high_open and not self.high_open)
        ):
            return False
        return all(any((mine / step).denominator == 1 for mine in self.steps) for step in other.steps)


def interval_of(schemas: Sequence[Mapping[str, Any]], draft: int, *, whole: bool = False) -> Interval:
    """The numbers that all of some keywords leave; whole ones have their ends moved inwards."""
    low: tuple[Fraction, bool] | None = None
    high: tuple[Fraction, bool] | None = None
    steps: list[Fraction] = [Fraction(1)] if whole else []
    for keywords in schemas:
        for word, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            ends = [(number(keywords.get(word)), keywords.get(exclusive) is True and draft <= 4), (number(keywords.get(exclusive)), True)]
            for end, opened in ends:
                if end is None:
                    continue
                if word == "minimum":
                    low = (end, opened) if low is None or (end, opened) > low else low
                elif high is None or (-end, opened) > (-high[0], high[1]):
                    high = (end, opened)
        step = number(keywords.get("multipleOf"))
        if step is not None and step > 0:
            steps.append(step)
    if whole and low is not None:
        rounded = math.ceil(low[0])
        low = (Fraction(rounded + (rounded == low[0] and low[1])), False)
    if whole and high is not None:
        rounded = math.floor(high[0])
        high = (Fraction(rounded - (rounded == high[0] and high[1])), False)
    return Interval(
        low[0] if low else None,
        low[1] if low else False,
        high[0] if high else None,
        high[1] if high else False,
        tuple(dict.fromkeys(steps)),
    )


def number(value: Any) -> Fraction | None:
    """A number exactly, as it is written in decimals."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Fraction(value) if isinstance(value, int) else Fraction(str(value))


def bounds(branch: Branch, least: str, most: str) -> tuple[int, int]:
    """The tightest counts that a conjunction gives."""
    lows = [count for place in branch if (count := whole(place.keywords.get(least))) is not None]
    highs = [count for place in branch if (count := whole(place.keywords.get(most))) is not None]
    return max(lows, default=0), min(highs, default=UNBOUNDED)


def whole(value: Any) -> int | None:
    """A count; 2.0 counts as 2."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value)


def patterns_of(branch: Branch) -> frozenset[str]:
    """Every pattern that a text has to match."""
    return frozenset(place.keywords["pattern"] for place in branch if isinstance(place.keywords.get("pattern"), str))


def refused_patterns_of(branch: Branch) -> frozenset[str]:
    """Every pattern that no string of a branch may match, by a `not` that says nothing else of strings."""
    return frozenset(pattern for place in branch if (pattern := _refused_pattern(place)) is not None)


def _refused_pattern(place: SchemaNode) -> str | None:
    refused: Any = place.keywords.get("not")
    if not isinstance(refused, dict):
        return None
    keywords = cast("dict[str, Any]", refused)
    pattern = keywords.get("pattern")
    alone = keywords.keys() <= {"pattern", "type", *ANNOTATIONS} and keywords.get("type", "string") == "string"
    return pattern if alone and isinstance(pattern, str) else None


def required_of(branch: Branch, present: frozenset[str] = frozenset()) -> frozenset[str]:
    """Every member that must be there, once these are."""
    found = set(present)
    for place in branch:
        required = place.keywords.get("required")
        if isinstance(required, list):
            found.update(name for name in cast("Sequence[Any]", required) if isinstance(name, str))
    while True:
        more = {name for place in branch for trigger, names in dependents(place).items() if trigger in found for name in names} - found
        if not more:
            return frozenset(found)
        found |= more


def dependents(place: SchemaNode) -> dict[str, list[str]]:
    """Members that others call for, by the one that calls."""
    found: dict[str, list[str]] = {}
    for word in ("dependentRequired", "dependencies"):
        value = place.keywords.get(word)
        if isinstance(value, dict):
            for name, needs in cast("dict[str, Any]", value).items():
                if isinstance(needs, list):
                    found.setdefault(name, []).extend(cast("Sequence[str]", needs))
    return found


def triggered(place: SchemaNode) -> dict[str, SchemaNode]:
    """Schemas that a member calls for."""
    return {
        **place.named("dependentSchemas"),
        **{name: dependency for name, dependency in place.named("dependencies").items() if isinstance(dependency.schema, dict | bool)},
    }
