"""The checks of filters, on lists written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import BOOKS, page, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("FIL-001", BOOKS, [page("a", shelf="a", where="a")], "PASS"),
        ("FIL-001", BOOKS, [page("a", shelf="b", where="a")], "FAIL"),
        ("FIL-001", BOOKS, [page("a", shelf="b")], "INCONCLUSIVE"),
        ("FIL-001", BOOKS, [page(where="a")], "INCONCLUSIVE"),
        ("FIL-002", BOOKS, [page("a", shelf="a", where="a")], "INCONCLUSIVE"),
    ],
)
def test_a_filtered_list_is_judged_by_its_items(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """An item with another value fails; a list without a filter, or without items, shows nothing."""
    assert verdict(clause, subject, *records) == expected
