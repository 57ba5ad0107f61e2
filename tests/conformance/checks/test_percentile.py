"""The check of percentiles, on answers written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from .by_hand import VISITS, exchange, library_with, verdict

ZERO = library_with(VISITS, x_percentile=[{"at": "/p95", "rank": 95, "definition": "nearest-rank", "count": "/count", "whenEmpty": 0}])
GATES = library_with(VISITS, x_percentile=[{"at": "/gates/*/p95", "rank": 95, "definition": "nearest-rank", "count": "/gates/*/count"}])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"count": 0, "p95": 0}, "PASS"),
        ({"count": 0, "p95": 7}, "FAIL"),
        ({"count": 0}, "FAIL"),
        ({"count": 3, "p95": 7}, "INCONCLUSIVE"),
    ],
)
def test_without_values_a_percentile_is_what_is_stated(body: dict[str, Any], expected: str) -> None:
    """One with values shows nothing of it."""
    assert verdict("PCT-002", VISITS, exchange(VISITS, body=body), contract=ZERO) == expected


@pytest.mark.parametrize(
    ("empty", "expected"), [({"count": 0}, "PASS"), ({"count": 0, "p95": None}, "PASS"), ({"count": 0, "p95": 1}, "FAIL")]
)
def test_without_a_stated_value_it_is_absent(empty: dict[str, Any], expected: str) -> None:
    """Each item of a list by its own count."""
    body = {"gates": [{"count": 2, "p95": 5}, empty]}

    assert verdict("PCT-002", VISITS, exchange(VISITS, body=body), contract=GATES) == expected
