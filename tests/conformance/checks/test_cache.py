"""The checks of caching, on headers written by hand."""

from __future__ import annotations

import dataclasses

import pytest
from assay_conformance.evidence import Record, Response, Revalidation

from .by_hand import BOOKS, VISITS, error, exchange, library_with, verdict


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


WINDOWS = library_with(
    VISITS,
    x_window={
        "from": "from", "to": "to", "type": "date-time",
        "rolling": {"parameter": "last", "default": "day", "spans": {"day": "P1D", "ever": None}},
    },
    x_cache={
        "store": "private", "maxAge": {"minimum": 10, "maximum": 900}, "etag": True, "varies": ["Authorization", "X-Key"],
        "byWindow": [{"upTo": "P2D", "minimum": 10, "maximum": 30}, {"minimum": 60, "maximum": 900}],
    },
)  # fmt: skip
LONG = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-09T00:00:00Z"}


@pytest.mark.parametrize(
    ("query", "age", "expected"),
    [
        ({}, 30, "PASS"),
        ({}, 60, "FAIL"),
        (LONG, 60, "PASS"),
        (LONG, 30, "FAIL"),
        ({"from": "2026-11-01T00:00:00Z", "to": "2026-11-03T00:00:00Z"}, 30, "PASS"),
        ({"last": "ever"}, 5, "INCONCLUSIVE"),
    ],
)
def test_the_age_follows_from_the_length_of_the_window(query: dict[str, str], age: int, expected: str) -> None:
    """The bounds are those of the shortest entry that the window fits in; of a window without a length nothing is known."""
    answer = exchange(VISITS, query=query, headers={"cache-control": f"private, max-age={age}"})

    assert verdict("CAC-007", VISITS, answer, contract=WINDOWS) == expected


@pytest.mark.parametrize(
    ("status", "vary", "expected"),
    [
        (200, "Authorization, X-Key", "PASS"),
        (200, "x-key,Accept,authorization", "PASS"),
        (304, "*", "PASS"),
        (200, "Authorization", "FAIL"),
        (304, "", "FAIL"),
        (400, "", "INCONCLUSIVE"),
    ],
)
def test_vary_lists_what_an_answer_depends_on(status: int, vary: str, expected: str) -> None:
    """In any order and case; other headers may stand beside them."""
    assert verdict("CAC-008", VISITS, exchange(VISITS, status, headers={"vary": vary} if vary else {}), contract=WINDOWS) == expected


@pytest.mark.parametrize("clause", ["CAC-001", "CAC-002", "CAC-006", "CAC-007"])
def test_what_is_accepted_for_later_is_not_the_answer_that_may_be_kept(clause: str) -> None:
    """Where the operation can also answer at once; a 202 that is all it has is its answer."""
    job = exchange(VISITS, 202, {"job": "1"}, headers={"cache-control": "no-store"})

    assert verdict(clause, VISITS, job, contract=WINDOWS) == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("private, max-age=30", "PASS"),
        ("max-age=45, private", "PASS"),
        ("private, max-age=3600", "FAIL"),
        ("private, max-age=30, stale-while-revalidate=5", "FAIL"),
        ("private", "FAIL"),
    ],
)
def test_a_304_has_the_cache_rule_of_the_whole_answer(rule: str, expected: str) -> None:
    """An age may be another one within its bounds, as the answer grows older; nothing else may."""
    tag = {"etag": '"a"'}
    first = exchange(BOOKS, 200, {"books": [], "next": None}, headers={**tag, "cache-control": "private, max-age=30"})
    answer = Response(304, (("etag", '"a"'), ("cache-control", rule)))
    pairs = [
        Revalidation(
            id=f"revalidation-{how}",
            subject=BOOKS,
            purpose="by hand",
            how=how,
            first=first,
            again=dataclasses.replace(first, id=f"again-{how}", response=answer),
        )
        for how in ("same", "listed")
    ]

    assert verdict("CAC-003", BOOKS, *pairs) == expected
