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


_OFFSET = {"style": "offset", "items": "/books", "identity": "isbn", "offset": {"parameter": "skip", "total": "/total"},
           "size": {"parameter": "limit", "default": 2, "minimum": 1, "maximum": 5}}  # fmt: skip
SKIPPED = library_with(BOOKS, x_pagination=_OFFSET)


def part(total: object, *titles: str) -> Exchange:
    """A page of a list by offset that states a total."""
    return exchange(BOOKS, body={"books": [{"isbn": title, "title": title} for title in titles], "next": None, "total": total})


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([part(3, "a", "b"), part(3, "c"), part(3)], "PASS"),
        ([part(0)], "PASS"),
        ([part(4, "a", "b"), part(4, "c"), part(4)], "FAIL"),
        ([part(2, "a", "b"), part(1, "c"), part(0)], "FAIL"),  # each counts its own page
        ([part(3, "a", "b"), part(4, "c"), part(4)], "INCONCLUSIVE"),  # somebody else added one
        ([part("3", "a", "b"), part("3", "c"), part("3")], "FAIL"),
    ],
)
def test_a_total_is_the_number_of_items(pages: list[Exchange], expected: str) -> None:
    """A list that changed while it was read shows nothing."""
    assert verdict("PAG-015", BOOKS, dataclasses.replace(walk(*pages), complete=True), contract=SKIPPED) == expected


def test_a_total_under_a_filter_is_that_of_the_selection() -> None:
    """It counts what the pages give, not what the list holds."""
    selected = dataclasses.replace(walk(part(3, "a", "b"), part(3)), filter=(("shelf", "a"),), complete=True)
    assert verdict("PAG-015", BOOKS, selected, contract=SKIPPED) == "FAIL"


def test_what_is_inserted_moves_the_items_of_a_list_by_offset() -> None:
    """The one before the place may come again; without additions none may, and in a list by cursor none at all."""
    again = [part(3, "b", "c"), part(4, "c", "d")]
    quiet, busy = walk(*again), walk(*again, added=1)
    assert [verdict("PAG-001", BOOKS, item, contract=SKIPPED) for item in (quiet, busy)] == ["FAIL", "INCONCLUSIVE"]
    assert verdict("PAG-001", BOOKS, walk(page("b", "c", after="x"), page("c", "d"), added=1)) == "FAIL"
    fine = walk(part(2, "a", "b"), part(3, "c"), added=1)
    assert verdict("PAG-001", BOOKS, walk(part(2, "a", "b"), part(2)), fine, contract=SKIPPED) == "PASS"
    for clause in ("ORD-001", "ORD-002"):
        assert verdict(clause, BOOKS, walk(part(3, "a", "c"), part(4, "b", "d"), added=1), contract=SKIPPED) != "FAIL"
        assert verdict(clause, BOOKS, walk(part(3, "a", "c"), part(4, "b", "d")), contract=SKIPPED) == "FAIL"
