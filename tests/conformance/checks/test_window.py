"""The checks of windows, on split windows written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import VISITS, error, exchange, refusal, split, verdict

REFUSED = [refusal(f"window/{name}", error("BAD_SPAN", 400, subject=VISITS), "BAD_SPAN") for name in ("empty", "reversed")]


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("WIN-001", VISITS, [split(7, 3, 4)], "PASS"),
        ("WIN-001", VISITS, [split(7, 3, 3)], "FAIL"),
        ("WIN-001", VISITS, [split(7, 4, 4)], "FAIL"),
        ("WIN-001", VISITS, [split(7, 7, 0)], "INCONCLUSIVE"),
        ("WIN-004", VISITS, REFUSED, "PASS"),
        ("WIN-004", VISITS, REFUSED[:1], "INCONCLUSIVE"),
        ("WIN-004", VISITS, [refusal("window/empty", exchange(VISITS, body={"visits": 0}), "BAD_SPAN")], "FAIL"),
    ],
)
def test_a_window_is_judged_by_its_parts(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """Parts that lose or double a fact fail; facts in one part alone show nothing, and each wrong window must be tried."""
    assert verdict(clause, subject, *records) == expected
