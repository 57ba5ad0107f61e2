"""The checks of freshness, on answers written by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from assay_conformance.evidence import Exchange

from .by_hand import VISITS, exchange, library_with, verdict

FRESHNESS = {
    "snapshotAsOf": "/snapshot", "deltaAsOf": "/delta", "stalenessMs": "/staleness", "source": "/source",
    "partial": {"at": "/partial", "reason": "/reason"}, "longestLag": "PT5M", "deltaLag": "PT60S",
}  # fmt: skip
LIBRARY = library_with(VISITS, x_freshness=FRESHNESS)
DATE = "Sun, 01 Nov 2026 00:01:00 GMT"


def answer(*, date: str | None = DATE, status: int = 200, **changed: Any) -> Exchange:
    """An answer of a minute past midnight, with some properties changed; None leaves one out."""
    body = {
        "visits": 3, "snapshot": "2026-11-01T00:00:00Z", "delta": "2026-11-01T00:00:30Z", "staleness": 30_400, "source": "canonical+delta",
        "partial": False,
    } | changed  # fmt: skip
    body = {name: value for name, value in body.items() if value is not None}
    return exchange(VISITS, status, body, headers={} if date is None else {"date": date})


@pytest.mark.parametrize(
    ("clause", "answers", "expected"),
    [
        ("FRE-001", [answer()], "PASS"),
        ("FRE-001", [answer(source=None)], "FAIL"),
        ("FRE-001", [answer(delta="yesterday")], "FAIL"),
        ("FRE-001", [answer(status=202)], "INCONCLUSIVE"),
        ("FRE-002", [answer()], "PASS"),
        ("FRE-002", [answer(snapshot="2026-11-01T00:00:31Z")], "FAIL"),
        ("FRE-002", [answer(delta="2026-11-01T00:01:09Z")], "FAIL"),
        ("FRE-002", [answer(date=None)], "INCONCLUSIVE"),
        ("FRE-003", [answer(), answer(staleness=31_000)], "PASS"),
        ("FRE-003", [answer(), answer(visits=4)], "FAIL"),
        ("FRE-003", [answer(), answer(visits=4, partial=True, reason="deadline")], "INCONCLUSIVE"),
        ("FRE-003", [answer(partial=True, reason="deadline"), answer(visits=4, partial=True, reason="deadline")], "FAIL"),
        ("FRE-003", [answer(), answer(visits=4, delta="2026-11-01T00:00:31Z")], "INCONCLUSIVE"),
        ("FRE-004", [answer()], "PASS"),
        ("FRE-004", [answer(staleness=32_100)], "FAIL"),
        ("FRE-004", [answer(staleness=28_900)], "FAIL"),
        ("FRE-005", [answer()], "PASS"),
        ("FRE-005", [answer(partial=True, reason="deadline")], "PASS"),
        ("FRE-005", [answer(partial=True)], "FAIL"),
        ("FRE-005", [answer(reason="deadline")], "FAIL"),
        ("FRE-006", [answer()], "PASS"),
        ("FRE-006", [answer(snapshot="2026-10-31T23:55:58Z")], "FAIL"),
        ("FRE-007", [answer()], "PASS"),
        ("FRE-007", [answer(delta="2026-10-31T23:59:58Z")], "FAIL"),
    ],
)
def test_an_answer_is_judged_by_what_it_says_of_its_age(clause: str, answers: list[Exchange], expected: str) -> None:
    """Snapshot, delta and `Date` follow each other, and the staleness is between the last two."""
    assert verdict(clause, VISITS, *answers, contract=LIBRARY) == expected


def test_another_version_of_a_payload_is_another_answer() -> None:
    """Its version differs, and so may all that is stated only in one of them."""
    taxonomy = {"schemaVersion": {"header": "Accept-Edition", "at": "/edition", "code": "BAD_PAGE"}}
    contract = library_with(VISITS, x_freshness=FRESHNESS)
    assert contract.taxonomy is not None
    versioned = dataclasses.replace(contract, taxonomy=dataclasses.replace(contract.taxonomy, schema_version=taxonomy["schemaVersion"]))
    newest, older = answer(edition="1.1.0"), answer(edition="1.0.0")
    older = dataclasses.replace(older, request=dataclasses.replace(older.request, headers=(("accept-edition", "1.0"),)))

    assert verdict("FRE-003", VISITS, newest, older, contract=versioned) == "INCONCLUSIVE"
    assert verdict("FRE-003", VISITS, newest, older, contract=contract) == "FAIL"


CURSOR = {"style": "cursor", "items": "/list", "identity": "id", "cursor": {"parameter": "after", "next": "/next", "keeps": ["/delta"]}}
PAGED = library_with(VISITS, x_freshness=FRESHNESS, x_pagination=CURSOR)
OLD, OLD_SNAPSHOT = "2026-10-31T23:46:00Z", "2026-10-31T23:40:00Z"


@pytest.mark.parametrize("clause", ["FRE-006", "FRE-007"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "FAIL"),
        ({"after": "c1"}, "PASS"),
        ({"asOf": "2026-10-31T23:46:00.000Z"}, "PASS"),
        ({"to": OLD}, "FAIL"),
        ({"asOf": DATE}, "FAIL"),
    ],
)
def test_a_request_that_fixes_the_time_may_be_answered_with_old_numbers(clause: str, query: dict[str, str], expected: str) -> None:
    """A walk keeps the delta of its first page; the end of a window fixes nothing."""
    old = answer(delta=OLD, snapshot=OLD_SNAPSHOT)
    old = dataclasses.replace(old, request=dataclasses.replace(old.request, query=tuple(query.items())))

    assert verdict(clause, VISITS, answer(), old, contract=PAGED) == expected
