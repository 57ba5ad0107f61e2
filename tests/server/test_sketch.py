"""The sketch is small, merges, and keeps its promise about the error."""

from __future__ import annotations

import math
import random

import pytest
from assay_server.rollups import RELATIVE_ERROR, Sketch, bin_of, value_of
from assay_server.rollups.percentiles import nearest_rank
from hypothesis import example, given, settings
from hypothesis import strategies as st


def test_bins_follow_each_other_without_a_gap() -> None:
    """Each whole number is in the bin of its predecessor or in the next one."""
    steps = {bin_of(value + 1) - bin_of(value) for value in range(1 << 16)}

    assert {0, 1} == steps


def test_small_values_are_exact() -> None:
    """Below 64 the answer is the value."""
    assert [float(value) for value in range(64)] == [value_of(bin_of(value)) for value in range(64)]


def test_the_middle_of_a_bin_is_near_every_value_in_it() -> None:
    """No value is further from what stands for it than the stated error."""
    chance = random.Random(7)
    values = [*range(1, 5000), *(chance.randrange(1, 2**31) for _ in range(20_000)), 2**31 - 1]

    worst = max(abs(value_of(bin_of(value)) - value) / value for value in values)

    assert worst <= RELATIVE_ERROR <= 0.016


def test_a_bin_fits_the_column_it_is_kept_in() -> None:
    """The largest latency has a bin that is a two-byte integer."""
    assert bin_of(2**31 - 1) < 2**15


@pytest.mark.parametrize("seed", range(5))
def test_quantiles_are_within_the_error_of_the_exact_ones(seed: int) -> None:
    """The nearest-rank quantile of the sketch is near that of the values."""
    chance = random.Random(seed)
    values = sorted(int(chance.lognormvariate(6, 1)) for _ in range(chance.randrange(1, 3000)))
    for fraction in (0.01, 0.5, 0.95, 0.99, 1.0):
        exact = values[max(1, math.ceil(fraction * len(values))) - 1]

        assert Sketch.of(values).quantile(fraction) == pytest.approx(exact, rel=RELATIVE_ERROR)


@settings(deadline=None)
@given(st.lists(st.integers(0, 63), min_size=1, max_size=400), st.integers(1, 100))
@example(list(range(1, 51)), 14)
def test_a_quantile_is_at_the_nearest_rank_whatever_floats_make_of_it(values: list[int], percent: int) -> None:
    """Of values that have a bin each, it is the one that the exact percentile gives."""
    assert Sketch.of(values).quantile(percent / 100) == nearest_rank(values, percent)


@pytest.mark.parametrize("seed", range(5))
def test_merging_parts_gives_the_sketch_of_the_whole(seed: int) -> None:
    """However values are spread over sketches, the merged one is the same."""
    chance = random.Random(seed)
    values = [chance.randrange(10_000) for _ in range(500)]
    parts = [values[start::7] for start in range(7)]

    assert Sketch.of(values) == Sketch.merged(Sketch.of(part) for part in parts)


def test_a_quantile_of_nothing_is_zero() -> None:
    """Without values there is no latency to state."""
    assert Sketch().quantile(0.95) == 0.0


def test_a_negative_latency_is_refused() -> None:
    """A clock that went backwards is an error, not a bin."""
    with pytest.raises(ValueError, match="at least 0, got -1"):
        bin_of(-1)
