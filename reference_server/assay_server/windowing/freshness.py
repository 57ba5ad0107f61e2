"""How old the numbers of a response are. Times of arrival, not of events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Freshness:
    """Up to which time of arrival the rollups and the live delta reach."""

    snapshot_as_of: datetime
    delta_as_of: datetime


def source_of(freshness: Freshness, *, rollups: bool = True) -> str:
    """How the numbers were computed: `canonical`, `canonical+delta`, or `fallback` without rollups."""
    if not rollups:
        return "fallback"
    return "canonical" if freshness.snapshot_as_of == freshness.delta_as_of else "canonical+delta"


def staleness_ms(freshness: Freshness, responded: datetime) -> int:
    """The whole milliseconds between the delta and a response, computed for each response, cached or not."""
    return max(0, (responded - freshness.delta_as_of) // timedelta(milliseconds=1))
