"""The checks of caching, on headers written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import BOOKS, VISITS, error, exchange, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("CAC-001", BOOKS, [exchange(BOOKS, headers={"cache-control": "private, max-age=30"})], "PASS"),
        ("CAC-001", BOOKS, [exchange(BOOKS, headers={"cache-control": "max-age=60, private"})], "PASS"),
        ("CAC-001", BOOKS, [exchange(BOOKS, headers={"cache-control": "private, max-age=61"})], "FAIL"),
        ("CAC-001", BOOKS, [exchange(BOOKS, headers={"cache-control": "public, max-age=30"})], "FAIL"),
        ("CAC-001", BOOKS, [error("BAD_PAGE", 400)], "INCONCLUSIVE"),
        ("CAC-002", BOOKS, [exchange(BOOKS, headers={"etag": '"v1"'})], "PASS"),
        ("CAC-002", BOOKS, [exchange(BOOKS, headers={"etag": "v1"})], "FAIL"),
        ("CAC-005", BOOKS, [exchange(BOOKS, body=body, headers={"etag": tag}) for body, tag in ((1, '"v1"'), (2, '"v2"'))], "PASS"),
        ("CAC-005", BOOKS, [exchange(BOOKS, body=body, headers={"etag": '"v1"'}) for body in (1, 2)], "FAIL"),
        ("CAC-006", VISITS, [exchange(VISITS, headers={"cache-control": "no-store, no-cache"})], "PASS"),
        ("CAC-006", VISITS, [exchange(VISITS, headers={"cache-control": "private"})], "FAIL"),
    ],
)
def test_an_answer_is_judged_by_its_headers(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """Only successes count; directives may stand in any order, and others beside `no-store`."""
    assert verdict(clause, subject, *records) == expected
