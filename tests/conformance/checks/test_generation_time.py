"""The time of generation against the server's clock, on responses written by hand."""

from __future__ import annotations

import dataclasses
from email.utils import formatdate

import pytest
from assay_conformance.evidence import Exchange

from .by_hand import BOOKS, VISITS, exchange, library_with, verdict

NOW = 1_790_000_000
PROMPT = library_with(VISITS, x_cache={"store": "never", "generated": {"at": "/at"}})
KEPT = library_with(VISITS, x_cache={"store": "never", "generated": {"at": "/at", "within": "PT30S"}})


def stating(
    at: object, *, sent: float = 0.0, elapsed: float = 0.5, date: float | None = 0.0, query: dict[str, str] | None = None
) -> Exchange:
    """A response that came `elapsed` seconds after `sent`; its time and its `Date` count from NOW on the server's clock."""
    headers = {} if date is None else {"date": formatdate(NOW + date, usegmt=True)}
    body = {"visits": 1, "at": NOW + at if isinstance(at, int) else at}
    return dataclasses.replace(exchange(VISITS, body=body, headers=headers, query=query), sent=sent, elapsed=elapsed)


@pytest.mark.parametrize(
    ("at", "date", "expected"),
    [
        (0, 0.0, "PASS"),
        (2, 0.0, "PASS"),  # `Date` has whole seconds, and a server can have two clocks.
        (4, 0.0, "FAIL"),
        (3600, 0.0, "FAIL"),
        (-3600, 0.0, "PASS"),
        (0, None, "INCONCLUSIVE"),
        (None, 0.0, "INCONCLUSIVE"),
        ("soon", 0.0, "FAIL"),
        ("2026-09-21T14:13:20Z", 0.0, "PASS"),
        ("2026-09-21T15:13:20Z", 0.0, "FAIL"),
    ],
)
def test_a_response_is_not_from_the_future(at: object, date: float | None, expected: str) -> None:
    """NOW is 2026-09-21T14:13:20Z. A time that is null is not there."""
    assert verdict("CAC-009", VISITS, stating(at, date=date), contract=PROMPT) == expected


def test_one_date_that_lags_is_no_proof() -> None:
    """A busy server renews its `Date` late; the other responses tell what its clock shows."""
    on_time = [stating(number, sent=float(number), date=float(number)) for number in range(5)]
    assert verdict("CAC-009", VISITS, *on_time, stating(9, sent=9.0, date=4.0), contract=PROMPT) == "PASS"
    assert verdict("CAC-009", VISITS, *on_time, stating(13, sent=9.0, date=4.0), contract=PROMPT) == "FAIL"


@pytest.mark.parametrize(
    ("at", "elapsed", "prompt", "kept"),
    [
        (0, 0.5, "PASS", "PASS"),
        (-2, 0.5, "PASS", "PASS"),
        (-4, 0.5, "FAIL", "PASS"),
        (-9, 9.0, "PASS", "PASS"),
        (-32, 0.5, "FAIL", "PASS"),
        (-34, 0.5, "FAIL", "FAIL"),
    ],
)
def test_a_response_is_no_older_than_documented(at: int, elapsed: float, prompt: str, kept: str) -> None:
    """A slow response can be generated while its client waits."""
    item = stating(at, elapsed=elapsed)
    assert (verdict("CAC-010", VISITS, item, contract=PROMPT), verdict("CAC-010", VISITS, item, contract=KEPT)) == (prompt, kept)


@pytest.mark.parametrize("date", [None, 7.0])
def test_a_time_that_stands_is_seen_without_a_date(date: float | None) -> None:
    """The kit's clock moves on; a `Date` that always says the same is none."""

    def judged(*times: int) -> str:
        found = [stating(time, sent=place * 6.0, date=date) for place, time in enumerate(times)]
        return verdict("CAC-010", VISITS, *found, contract=PROMPT)

    assert judged(0, 6, 12) == "PASS"
    assert judged(3600, 3606, 3612) == "PASS"  # the clocks differ by a constant
    assert judged(0, 0, 0) == "FAIL"
    assert judged(0, 6, 0) == "FAIL"
    assert judged(0, 6, 600) == "FAIL"
    assert judged(0, 6) == "PASS"


def test_a_clock_of_its_own_is_no_finding() -> None:
    """Body and `Date` come from one clock, an hour ahead of the kit's."""
    found = [stating(3600 + number, sent=float(number), date=3600.0 + number) for number in range(6)]
    assert [verdict(clause, VISITS, *found, contract=PROMPT) for clause in ("CAC-009", "CAC-010")] == ["PASS", "PASS"]


def test_a_time_that_the_request_fixes_can_be_old() -> None:
    """A parameter states it, or a cursor keeps it."""
    asked = stating(-600, query={"asOf": str(NOW - 600)})
    assert verdict("CAC-010", VISITS, asked, stating(0), contract=PROMPT) == "PASS"
    keeps = {"style": "cursor", "items": "/books", "identity": "isbn", "cursor": {"parameter": "after", "next": "/next", "keeps": ["/at"]},
             "size": {"parameter": "limit", "default": 2, "minimum": 1, "maximum": 5}}  # fmt: skip
    contract = library_with(BOOKS, x_pagination=keeps, x_cache={"store": "never", "generated": {"at": "/at"}})
    pages = [
        dataclasses.replace(item, subject=BOOKS, sent=place * 9.0)
        for place, item in enumerate((stating(0), stating(0, date=9.0, query={"after": "x"})))
    ]
    assert verdict("CAC-010", BOOKS, *pages, contract=contract) == "PASS"
    assert verdict("CAC-010", BOOKS, pages[0], stating_again(pages[1]), contract=contract) == "FAIL"


def stating_again(item: Exchange) -> Exchange:
    """The same response to a request without its query."""
    return dataclasses.replace(item, request=dataclasses.replace(item.request, query=()))
