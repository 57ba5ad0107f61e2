"""The checks of derived numbers, on answers written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import VISITS, exchange, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("DER-001", VISITS, [exchange(VISITS, body={"visits": 4, "loans": 1, "share": 0.25})], "PASS"),
        ("DER-001", VISITS, [exchange(VISITS, body={"visits": 4, "loans": 1, "share": 25})], "FAIL"),
        ("DER-001", VISITS, [exchange(VISITS, body={"visits": 0, "loans": 0, "share": 0})], "INCONCLUSIVE"),
        ("DER-002", VISITS, [exchange(VISITS, body={"visits": 0, "loans": 0, "share": 0})], "PASS"),
        ("DER-002", VISITS, [exchange(VISITS, body={"visits": 0, "loans": 0, "share": 1})], "FAIL"),
    ],
)
def test_a_ratio_is_judged_by_its_parts(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """A ratio is its parts; with a denominator of zero it is what the contract says."""
    assert verdict(clause, subject, *records) == expected
