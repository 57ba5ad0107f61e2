"""Scalars worth trying for some places: listed values, numbers at the ends and steps, strings that patterns and lengths tell apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, cast

from assay_containment.formats import EXAMPLES
from assay_containment.patterns import Unread
from assay_containment.regex_witness import TooLarge, text
from assay_containment.schemas import Json, SchemaNode

LONGEST_TEXT = 200_000


def listed_values(place: SchemaNode) -> list[Json]:
    """The values that a place lists, and some of its examples."""
    keywords = place.keywords
    found: list[Json] = list(keywords["enum"])[:60] if isinstance(keywords.get("enum"), list) else []
    if "const" in keywords:
        found.append(keywords["const"])
    examples = keywords.get("examples")
    return [*found, *cast("Sequence[Any]", examples)[:3]] if isinstance(examples, list) else found


def telling_numbers(places: list[SchemaNode]) -> list[Json]:
    """Numbers at, beside and between the ends and steps that the places name."""
    edges: set[Fraction] = {Fraction(0), Fraction(1), Fraction(-1)}
    steps: set[Fraction] = set()
    for place in places:
        keywords = place.keywords
        for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            value = keywords.get(word)
            if isinstance(value, int | float) and not isinstance(value, bool):
                edges.add(Fraction(str(value)))
        step = keywords.get("multipleOf")
        if isinstance(step, int | float) and step > 0:
            steps.add(Fraction(str(step)))
        edges.update(
            Fraction(str(value))
            for value in listed_values(place)
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        )
    for one in list(steps)[:8]:
        for other in list(steps)[:8]:
            steps.add(
                Fraction(
                    math.lcm(one.numerator * other.denominator, other.numerator * one.denominator), one.denominator * other.denominator
                )
            )
    found: dict[Fraction, None] = {}
    for edge in sorted(edges, key=abs):
        for more in (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(-1, 2), Fraction(1, 100), Fraction(-1, 100)):
            found.setdefault(edge + more)
        for step in sorted(steps):
            nearest = (edge // step) * step
            for count in range(-2, 4):
                found.setdefault(nearest + count * step)
    found.setdefault(Fraction(10**6))
    found.setdefault(Fraction(-(10**6)))
    found.setdefault(Fraction(1, 3).limit_denominator(1000))
    return [number for value in found for number in _written(value)]


def _written(value: Fraction) -> Iterator[Json]:
    """A number as JSON has it; a fraction beyond all floats is left out."""
    try:
        yield int(value) if value.denominator == 1 else float(value)
    except OverflowError:
        return


def telling_strings(places: list[SchemaNode]) -> list[str]:
    """Strings of telling lengths, of the formats, and of the patterns of the places in every combination."""
    lengths = telling_counts(places, ("minLength", "maxLength"), LONGEST_TEXT)
    musts = list(dict.fromkeys(place.keywords["pattern"] for place in places if isinstance(place.keywords.get("pattern"), str)))[:6]
    found: dict[str, None] = {"": None, "a": None}
    formats = list(dict.fromkeys(place.keywords["format"] for place in places if isinstance(place.keywords.get("format"), str)))
    for name in formats:
        found.update(dict.fromkeys(EXAMPLES.get(name, ())))
    for subset in range(1 << len(musts)):
        chosen = frozenset(pattern for index, pattern in enumerate(musts) if subset >> index & 1)
        refused = frozenset(musts) - chosen
        for least in sorted(lengths)[:10]:
            if least > 300 or (len(musts) > 3 and least > 20):
                continue
            for nots in (refused, frozenset[str]()):
                try:
                    written = text(chosen, nots, least)
                except (Unread, TooLarge):
                    continue
                if written is not None:
                    found.setdefault(written)
    for length in sorted(lengths):
        found.setdefault("a" * length)
    found.update(dict.fromkeys(("0", "A", " ", "é", "-")))
    return list(found)


def telling_counts(places: list[SchemaNode], words: tuple[str, ...], largest: int) -> set[int]:
    """The counts that some keywords name, one more and one fewer; at most the largest."""
    found = {0, 1, 2}
    for place in places:
        for word in words:
            value = place.keywords.get(word)
            if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
                found.update(size for size in (int(value) - 1, int(value), int(value) + 1) if 0 <= size <= largest)
    return found
