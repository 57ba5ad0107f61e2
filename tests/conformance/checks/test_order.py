"""The checks of order, on walks written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Exchange, Record

from .by_hand import BOOKS, exchange, library_with, page, verdict, walk


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


ORDERS = {
    "title": {"by": "title", "direction": "asc", "ties": [{"by": "shelf", "direction": "desc"}, {"by": "isbn", "direction": "asc"}]},
}  # fmt: skip
WHOLE = library_with(BOOKS, x_pagination=None, x_order={"items": "/books", "default": "title", "orders": ORDERS})


def books(*rows: tuple[str, str, str]) -> Exchange:
    """A list of books by title, shelf and number."""
    return exchange(BOOKS, body={"books": [dict(zip(("title", "shelf", "isbn"), row, strict=True)) for row in rows], "next": None})


@pytest.mark.parametrize(
    ("clause", "rows", "expected"),
    [
        ("ORD-002", [("a", "x", "1"), ("b", "x", "2")], "PASS"),
        ("ORD-002", [("b", "x", "1"), ("a", "x", "2")], "FAIL"),
        ("ORD-002", [("a", "x", "1"), ("a", "x", "2")], "INCONCLUSIVE"),
        ("ORD-005", [("a", "y", "2"), ("a", "x", "1"), ("b", "z", "0")], "PASS"),
        ("ORD-005", [("a", "x", "1"), ("a", "x", "2")], "PASS"),
        ("ORD-005", [("a", "x", "1"), ("a", "y", "2")], "FAIL"),
        ("ORD-005", [("a", "x", "2"), ("a", "x", "1")], "FAIL"),
        ("ORD-005", [("a", "x", "1"), ("b", "y", "2")], "INCONCLUSIVE"),
    ],
)
def test_a_list_without_pages_is_judged_as_a_whole(clause: str, rows: list[tuple[str, str, str]], expected: str) -> None:
    """Ties are broken by the first property in which two items differ."""
    assert verdict(clause, BOOKS, books(*rows), contract=WHOLE) == expected


def test_ties_are_broken_across_pages() -> None:
    """The last item of a page and the first of the next are neighbours."""
    contract = library_with(BOOKS, x_order={"items": "/books", "default": "title", "orders": ORDERS})
    pages = books(("a", "x", "1")), books(("a", "x", "2"))

    assert verdict("ORD-005", BOOKS, walk(*pages), contract=contract) == "PASS"
    assert verdict("ORD-005", BOOKS, walk(*reversed(pages)), contract=contract) == "FAIL"
