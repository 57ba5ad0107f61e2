"""Percentiles of values that are all known; a sketch has its own."""

from __future__ import annotations

from collections.abc import Sequence


def nearest_rank(values: Sequence[float], rank: int) -> float:
    """The nearest-rank percentile: of n values in order, the one at place ceil(rank / 100 x n).

    Raises `ValueError` without values, or for a rank that is not above 0 and at most 100.

    >>> nearest_rank(range(100, 1001, 100), 95)
    1000
    """
    if not values or not 0 < rank <= 100:
        raise ValueError(f"expected values and a rank above 0 and at most 100, got {len(values)} values and {rank}")
    place = -(-rank * len(values) // 100)
    return sorted(values)[place - 1]
