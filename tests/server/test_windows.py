"""A window is cut without overlap or gap, into the coarsest buckets that are ready."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from assay_server.rollups import Span, Tier, bucket_starts, decompose, floor, rolled

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(50))
def test_spans_cover_the_window_once_and_stand_on_whole_buckets(seed: int) -> None:
    """Spans follow each other from start to end, aligned, and only raw facts answer past the watermark."""
    chance = random.Random(seed)
    start = NOON + timedelta(microseconds=chance.randrange(10**12))
    end = start + timedelta(microseconds=chance.randrange(1, 10**12))
    watermark = floor(NOON + timedelta(seconds=chance.randrange(2 * 10**6)), timedelta(minutes=1))

    spans = decompose(start, end, watermark)

    assert [start, *(span.end for span in spans)] == [*(span.start for span in spans), end]
    for span in spans:
        assert span.start < span.end
        if span.tier is not Tier.RAW:
            assert span.end <= watermark
            assert floor(span.start, span.tier.value) == span.start
            assert floor(span.end, span.tier.value) == span.end


def test_a_ragged_week_uses_every_tier() -> None:
    """Days in the middle, hours around them, minutes around those, raw facts at the very edges."""
    start = datetime(2026, 11, 10, 22, 58, 30, tzinfo=UTC)
    end = datetime(2026, 11, 17, 1, 1, 30, tzinfo=UTC)

    tiers = [span.tier.name for span in decompose(start, end, NOON)]

    assert tiers == ["RAW", "MINUTE", "HOUR", "DAY", "HOUR", "MINUTE", "RAW"]


def test_before_the_first_closing_everything_is_raw() -> None:
    """A watermark before the window leaves it to the facts."""
    end = NOON + timedelta(days=2)

    spans = decompose(NOON, end, datetime(1970, 1, 1, tzinfo=UTC))

    assert (Span(Tier.RAW, NOON, end),) == spans
    assert rolled(spans) is None


def test_the_edge_of_the_calendar_is_no_error() -> None:
    """A window at the last moment that can be written is cut like any other."""
    last = datetime.max.replace(tzinfo=UTC)

    spans = decompose(last - timedelta(hours=1), last, NOON)

    assert [span.tier for span in spans] == [Tier.RAW]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (NOON, NOON + timedelta(hours=2), [12, 13]),
        (NOON + timedelta(minutes=1), NOON + timedelta(hours=2), [12, 13]),
        (NOON, NOON + timedelta(hours=2, microseconds=1), [12, 13, 14]),
        (NOON + timedelta(minutes=5), NOON + timedelta(minutes=6), [12]),
    ],
)
def test_a_series_has_a_bucket_for_each_step_that_the_window_touches(start: datetime, end: datetime, expected: list[int]) -> None:
    """Partly covered steps count at both ends."""
    assert expected == [moment.hour for moment in bucket_starts(start, end, timedelta(hours=1))]
