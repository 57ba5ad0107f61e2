"""The checks of order, on walks written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import BOOKS, page, verdict, walk


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("ORD-001", BOOKS, [walk(page("a", "b", after="x"), page("c"))], "PASS"),
        ("ORD-001", BOOKS, [walk(page("b", "a", after="x"), page("c"))], "FAIL"),
        ("ORD-001", BOOKS, [walk(page("a", "c", after="x"), page("b"))], "FAIL"),
        ("ORD-001", BOOKS, [walk(page("b", "a"))], "INCONCLUSIVE"),
        ("ORD-002", BOOKS, [walk(page("a", "b", after="x"), page("c"))], "PASS"),
        ("ORD-002", BOOKS, [walk(page("c", "b", after="x"), page("a"))], "FAIL"),
    ],
)
def test_items_are_judged_by_their_sequence(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """An order counts within a page and across pages; a list of one page shows too little."""
    assert verdict(clause, subject, *records) == expected
