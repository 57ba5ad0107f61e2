"""The checks of every operation, on answers written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import BOOKS, error, exchange, page, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("OP-001", BOOKS, [page("a")], "PASS"),
        ("OP-001", BOOKS, [exchange(BOOKS, body={"books": []})], "FAIL"),
        ("OP-001", BOOKS, [exchange(BOOKS, 500, {})], "INCONCLUSIVE"),
        ("OP-002", BOOKS, [error("NO_CARD", 401)], "PASS"),
        ("OP-002", BOOKS, [exchange(BOOKS, 202, {})], "FAIL"),
        ("OP-003", BOOKS, [page("a")], "PASS"),
        ("OP-003", BOOKS, [exchange(BOOKS, headers={"content-type": "text/plain"})], "FAIL"),
        ("OP-005", BOOKS, [exchange(BOOKS, expected="accepted")], "PASS"),
        ("OP-005", BOOKS, [exchange(BOOKS, 400, expected="accepted")], "FAIL"),
        ("OP-006", BOOKS, [exchange(BOOKS, 400, expected="refused")], "PASS"),
        ("OP-006", BOOKS, [exchange(BOOKS, 500, expected="refused")], "FAIL"),
        ("OP-006", BOOKS, [exchange(BOOKS, 400)], "INCONCLUSIVE"),
    ],
)
def test_an_answer_is_judged_by_its_operation(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """Bodies, statuses and media types are the declared ones; what a driver knows of a request counts."""
    assert verdict(clause, subject, *records) == expected
