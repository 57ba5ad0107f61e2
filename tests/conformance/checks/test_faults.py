"""The checks of faults, on answers written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Exchange, Record

from .by_hand import BOOKS, VISITS, error, exchange, fault_run, page, verdict


def marked(stale: object, subject: str = BOOKS) -> Exchange:
    """A page or a count that says whether it is stale."""
    body: dict[str, object] = {"library": "north", "books": [], "next": None} if subject == BOOKS else {"visits": 1}
    return exchange(subject, 200, body if stale is None else {**body, "stale": stale})


CROWDED = error("CROWDED", 503)
FLOODED = exchange(BOOKS, 200, {"books": "wet"}, expected="broken")
ALL_THREE = [
    fault_run("crowd", CROWDED),
    fault_run("dust", marked(True), before=marked(False)),
    fault_run("flood", FLOODED),
]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (ALL_THREE, "PASS"),
        (ALL_THREE[:2], "INCONCLUSIVE"),
        ([*ALL_THREE[:2], fault_run("flood", switched=False)], "INCONCLUSIVE"),
        ([*ALL_THREE, fault_run("crowd")], "PASS"),
        ([*ALL_THREE, fault_run("crowd", page("a"))], "FAIL"),
        ([*ALL_THREE, fault_run("crowd", error("CROWDED", 500))], "FAIL"),
        ([*ALL_THREE, fault_run("crowd", CROWDED, error("BAD_PAGE", 400))], "FAIL"),
        ([*ALL_THREE, fault_run("crowd", CROWDED, before=CROWDED)], "FAIL"),
        ([*ALL_THREE, fault_run("dust", marked(False), before=marked(False))], "FAIL"),
        ([*ALL_THREE, fault_run("dust", error("CROWDED", 503), before=marked(False))], "FAIL"),
        ([*ALL_THREE, fault_run("dust", marked(None), before=marked(None))], "PASS"),
        ([*ALL_THREE, fault_run("flood", page("a"))], "FAIL"),
        ([*ALL_THREE, fault_run("flood", error("CROWDED", 503))], "FAIL"),
    ],
)
def test_a_fault_is_judged_by_what_the_contract_says_of_it(records: list[Record], expected: str) -> None:
    """A code, a stale mark or a broken body; each fault is tried, and only a server that was well before shows anything."""
    assert verdict("FLT-001", "contract", *records) == expected


@pytest.mark.parametrize(
    ("before", "meanwhile", "fault", "expected"),
    [
        (marked(None, VISITS), marked(None, VISITS), "crowd", "PASS"),
        (marked(None, VISITS), error("CROWDED", 503, subject=VISITS), "crowd", "FAIL"),
        (error("BAD_SPAN", 400, subject=VISITS), error("BAD_SPAN", 400, subject=VISITS), "crowd", "PASS"),
        (marked(None, VISITS), exchange(VISITS, 200, {"visits": "many"}), "flood", "FAIL"),
        (marked(False, VISITS), marked(False, VISITS), "dust", "PASS"),
        (marked(False, VISITS), marked(True, VISITS), "dust", "FAIL"),
    ],
)
def test_a_sibling_answers_as_before(before: Exchange, meanwhile: Exchange, fault: str, expected: str) -> None:
    """Another status, a broken body or a stale mark of an operation that has no fault is a failure."""
    during = {"crowd": CROWDED, "dust": marked(True), "flood": FLOODED}[fault]

    assert verdict("FLT-002", "contract", fault_run(fault, during, before=marked(False), siblings=(before, meanwhile))) == expected


@pytest.mark.parametrize(
    ("fault", "after", "expected"),
    [
        ("crowd", page("a"), "PASS"),
        ("crowd", CROWDED, "FAIL"),
        ("crowd", None, "INCONCLUSIVE"),
        ("flood", FLOODED, "FAIL"),
        ("dust", marked(False), "PASS"),
        ("dust", marked(True), "FAIL"),
    ],
)
def test_a_fault_that_is_off_leaves_nothing_behind(fault: str, after: Exchange | None, expected: str) -> None:
    """The answer is that of before: its status, a sound body, its stale mark."""
    assert verdict("FLT-003", "contract", fault_run(fault, before=marked(False), after=after)) == expected


@pytest.mark.parametrize(
    ("status", "code", "value", "expected"),
    [
        (503, "CROWDED", "2", "PASS"),
        (503, "CROWDED", "0", "FAIL"),
        (503, "CROWDED", "Sun, 01 Nov 2026 00:00:00 GMT", "FAIL"),
        (503, "CROWDED", "1.5", "FAIL"),
        (503, "CROWDED", None, "FAIL"),
        (400, "BAD_PAGE", None, "INCONCLUSIVE"),
    ],
)
def test_a_passing_error_says_in_whole_seconds_when_to_come_back(status: int, code: str, value: str | None, expected: str) -> None:
    """Errors of a category that is not retried need not."""
    kind = "crowd" if status == 503 else "input"
    body = {"code": code, "status": status, "kind": kind, "retry": status == 503}
    answer = exchange(BOOKS, status, body, headers={} if value is None else {"retry-after": value})

    assert verdict("FLT-004", "contract", answer) == expected
