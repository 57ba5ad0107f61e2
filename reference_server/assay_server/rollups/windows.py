"""How a window is cut into the coarsest buckets that are ready, finer ones at its edges, and raw facts.

The cut depends on the window, the watermark and the tiers that can answer, on nothing else, so the
same question in the same state is always answered by the same rows. Spans never overlap, never leave a
gap, and come in order of time.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Buckets are counted from here, in UTC, so that a day is always 24 hours."""


class Tier(enum.Enum):
    """Where a span of time is answered from; the value is the bucket's length."""

    DAY = timedelta(days=1)
    HOUR = timedelta(hours=1)
    MINUTE = timedelta(minutes=1)
    RAW = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time and the tier that answers it."""

    tier: Tier
    start: datetime
    end: datetime


def floor(moment: datetime, length: timedelta) -> datetime:
    """Return the start of the bucket that holds `moment`."""
    return moment - (moment - EPOCH) % length


def ceil(moment: datetime, length: timedelta) -> datetime:
    """Return the first start of a bucket that is not before `moment`."""
    return moment + (EPOCH - moment) % length


def decompose(
    start: datetime,
    end: datetime,
    watermark: datetime,
    tiers: Sequence[Tier] = (Tier.DAY, Tier.HOUR, Tier.MINUTE),
) -> tuple[Span, ...]:
    """Cut `[start, end)` into spans; a bucket counts as ready when all of it is before `watermark`.

    `tiers` are the ones that can answer the question, coarsest first; raw facts always can.
    """
    return tuple(_cut(start, end, watermark, tuple(tiers)))


def _cut(start: datetime, end: datetime, watermark: datetime, tiers: tuple[Tier, ...]) -> Iterator[Span]:
    if start >= end:
        return
    if not tiers:
        yield Span(Tier.RAW, start, end)
        return
    tier, *finer = tiers
    last = floor(min(end, watermark), tier.value)
    # Looking at the end first keeps a window at the edge of the calendar from overflowing it.
    first = ceil(start, tier.value) if start < last else start
    if first >= last:
        yield from _cut(start, end, watermark, tuple(finer))
        return
    yield from _cut(start, first, watermark, tuple(finer))
    yield Span(tier, first, last)
    yield from _cut(last, end, watermark, tuple(finer))


def rolled(spans: Sequence[Span]) -> tuple[datetime, datetime] | None:
    """Return the one stretch that rollups answer, or None when raw facts answer everything."""
    covered = [span for span in spans if span.tier is not Tier.RAW]
    return (covered[0].start, covered[-1].end) if covered else None


def bucket_starts(start: datetime, end: datetime, length: timedelta) -> tuple[datetime, ...]:
    """Return the start of every bucket that `[start, end)` touches, in order."""
    first = floor(start, length)
    touched = -((first - end) // length)
    return tuple(first + number * length for number in range(touched))
