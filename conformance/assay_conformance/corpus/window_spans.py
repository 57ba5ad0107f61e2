"""Spans of time as requests give them: whether one runs forward and is no longer than the contract allows."""

from __future__ import annotations

from assay_conformance.body_values import duration, instant
from assay_conformance.corpus.schemas import Undecided


def check_span(start: str, end: str, longest: str | None) -> str | None:
    """What is wrong with `[start, end)`, or None. Raises `Undecided` for moments that not every clock knows (a leap second, the year 0)."""
    first, last = instant(start), instant(end)
    if first is None or last is None:
        raise Undecided("a moment that not every clock knows")
    if last == first:
        return "an empty window"
    if last < first:
        return "a reversed window"
    if longest is not None and last - first > duration(longest):
        return "a window that is too long"
    return None
