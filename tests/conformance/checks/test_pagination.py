"""The checks of pagination, on walks and pages written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import BOOKS, error, page, refusal, verdict, walk


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("PAG-001", BOOKS, [walk(page("a", "b", after="x"), page("c"), added=1)], "PASS"),
        ("PAG-001", BOOKS, [walk(page("a", "b", after="x"), page("b"), added=1)], "FAIL"),
        ("PAG-001", BOOKS, [walk(page("a"))], "INCONCLUSIVE"),
        ("PAG-002", BOOKS, [walk(page("a", "b", after="x"), page("c")), walk(page("a", "b", after="x"), page("c"), added=1)], "PASS"),
        ("PAG-002", BOOKS, [walk(page("a", "b", after="x"), page("c")), walk(page("a", "b", after="x"), page("d"), added=1)], "FAIL"),
        ("PAG-002", BOOKS, [], "INCONCLUSIVE"),
        ("PAG-003", BOOKS, [page("a", "b", after="x")], "PASS"),
        ("PAG-003", BOOKS, [page("a", after="x")], "FAIL"),
        ("PAG-003", BOOKS, [page("a", "b", "c")], "FAIL"),
        ("PAG-006", BOOKS, [refusal("page-size/above", error("BAD_PAGE", 400), "BAD_PAGE")], "PASS"),
        ("PAG-006", BOOKS, [refusal("page-size/above", page("a"), "BAD_PAGE")], "FAIL"),
        ("PAG-006", BOOKS, [refusal("order/unknown", error("BAD_PAGE", 400), "BAD_PAGE")], "INCONCLUSIVE"),
    ],
)
def test_a_walk_is_judged_by_its_items(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """A repeated, missing or surplus item fails; a list of one page shows nothing of a second."""
    assert verdict(clause, subject, *records) == expected
