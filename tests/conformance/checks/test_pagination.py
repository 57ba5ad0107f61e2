"""The checks of pagination, on walks and pages written by hand."""

from __future__ import annotations

import dataclasses

import pytest
from assay_conformance.evidence import Exchange, Record

from .by_hand import BOOKS, error, exchange, library_with, page, refusal, verdict, walk


def sized(size: int, status: int) -> Exchange:
    """A page of a size that the contract allows, or what came instead."""
    return exchange(BOOKS, status, {"library": "north", "books": [], "next": None}, query={"limit": str(size)}, expected="accepted")


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
        ("PAG-011", BOOKS, [sized(1, 200), sized(1, 304), sized(5, 200)], "PASS"),
        ("PAG-011", BOOKS, [sized(1, 200), sized(5, 400)], "FAIL"),
        ("PAG-011", BOOKS, [sized(1, 200), exchange(BOOKS, body="a page", query={"limit": "5"}, expected="accepted")], "FAIL"),
        ("PAG-006", BOOKS, [refusal("page-size/above", error("BAD_PAGE", 400), "BAD_PAGE")], "PASS"),
        ("PAG-006", BOOKS, [refusal("page-size/above", page("a"), "BAD_PAGE")], "FAIL"),
        ("PAG-006", BOOKS, [refusal("order/unknown", error("BAD_PAGE", 400), "BAD_PAGE")], "INCONCLUSIVE"),
    ],
)
def test_a_walk_is_judged_by_its_items(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """A repeated, missing or surplus item fails; a list of one page shows nothing of a second."""
    assert verdict(clause, subject, *records) == expected


BOUND = library_with(
    BOOKS,
    x_pagination={
        "style": "cursor", "items": "/books", "identity": "isbn", "size": {"parameter": "limit", "default": 2, "minimum": 1, "maximum": 5},
        "cursor": {"parameter": "after", "next": "/next", "invalid": "BAD_PAGE", "binds": ["library", "room"], "keeps": ["/library"]},
    },
)  # fmt: skip
MOVED = [refusal(f"cursor/other-{name}", error("BAD_PAGE", 400), "BAD_PAGE") for name in ("tenant", "room")]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (MOVED, "PASS"),
        (MOVED[:1], "INCONCLUSIVE"),
        ([*MOVED, refusal("cursor/other-room", page("a"), "BAD_PAGE")], "FAIL"),
    ],
)
def test_a_cursor_is_tried_with_each_parameter_that_it_is_bound_to(records: list[Record], expected: str) -> None:
    """One that answers with a page is bound to less than the contract says."""
    assert verdict("PAG-013", BOOKS, *records, contract=BOUND) == expected


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([page("a", after="x"), page("b")], "PASS"),
        ([page("a", after="x"), page("b", library="south")], "FAIL"),
        ([page("a")], "INCONCLUSIVE"),
    ],
)
def test_a_walk_keeps_what_its_first_page_stated(pages: list[Exchange], expected: str) -> None:
    """A list of one page shows nothing of a second."""
    assert verdict("PAG-014", BOOKS, walk(*pages), contract=BOUND) == expected


@pytest.mark.parametrize(
    ("sizes", "count", "expected"), [(("2", "5"), 2, "PASS"), (("2", "5"), 5, "PASS"), (("2", "5"), 6, "FAIL"), (("5", "50"), 6, "FAIL")]
)
def test_two_page_sizes_lift_no_bound(sizes: tuple[str, ...], count: int, expected: str) -> None:
    """A server may take either, within the bounds."""
    answer = page(*(f"t{place}" for place in range(count)), after="x")
    request = dataclasses.replace(answer.request, query=tuple(("limit", size) for size in sizes))
    answer = dataclasses.replace(answer, request=request)

    assert verdict("PAG-003", BOOKS, answer) == expected
