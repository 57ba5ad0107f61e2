"""The checks of derived numbers, on answers written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.evidence import Derivation, Exchange, Record, SourcePages
from assay_contracts import Contract

from .by_hand import BOOKS, VISITS, exchange, library_with, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("DER-001", VISITS, [exchange(VISITS, body={"visits": 4, "loans": 1, "share": 0.25})], "PASS"),
        ("DER-001", VISITS, [exchange(VISITS, body={"visits": 4, "loans": 1, "share": 25})], "FAIL"),
        ("DER-001", VISITS, [exchange(VISITS, body={"visits": 0, "loans": 0, "share": 0})], "INCONCLUSIVE"),
        ("DER-002", VISITS, [exchange(VISITS, body={"visits": 0, "loans": 0, "share": 0})], "PASS"),
        ("DER-002", VISITS, [exchange(VISITS, body={"visits": 0, "loans": 0, "share": 1})], "FAIL"),
    ],
)
def test_a_ratio_is_judged_by_its_parts(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """A ratio is its parts; with a denominator of zero it is what the contract says."""
    assert verdict(clause, subject, *records) == expected


def shop(*rules: dict[str, Any]) -> Contract:
    """The library's contract with other rules for the numbers of visits."""
    return library_with(VISITS, x_derived=list(rules))


TREND = {"trend": [{"in": 3, "left": 9, "kind": "a"}, {"in": 1, "left": 7, "kind": "b"}, {"in": 2, "left": 8, "kind": "a"}]}


@pytest.mark.parametrize(
    ("clause", "rule", "value", "expected"),
    [
        ("DER-004", {"sum": "/trend/*/in"}, 6, "PASS"),
        ("DER-004", {"sum": "/trend/*/in"}, 7, "FAIL"),
        ("DER-004", {"sum": ["/trend/0/in", "/trend/2/left"]}, 11, "PASS"),
        ("DER-004", {"sum": {"at": "/trend/*/in", "where": {"kind": "a"}}}, 5, "PASS"),
        ("DER-004", {"sum": {"at": "/trend/*/in", "where": {"kind": "c"}}}, 0, "INCONCLUSIVE"),
        ("DER-005", {"last": "/trend/*/left"}, 8, "PASS"),
        ("DER-005", {"last": "/trend/*/left"}, 9, "FAIL"),
        ("DER-006", {"mean": "/trend/*/in"}, 2, "PASS"),
        ("DER-006", {"mean": "/trend/*/in"}, 6, "FAIL"),
        ("DER-001", {"ratio": {"of": {"last": "/trend/*/left"}, "to": {"mean": "/trend/*/in"}}}, 4, "PASS"),
        ("DER-001", {"ratio": {"of": {"sum": "/trend/*/left"}, "to": {"sum": "/trend/*/in"}}}, 4, "PASS"),
        ("DER-001", {"ratio": {"of": {"sum": "/trend/*/left"}, "to": "/trend/0/in"}}, 9, "FAIL"),
        ("DER-002", {"ratio": {"of": "/trend/0/in", "to": {"sum": {"at": "/trend/*/in", "where": {"kind": "c"}}}}}, 0, "PASS"),
        ("DER-003", {"atMost": "/trend/0/left"}, 9, "PASS"),
        ("DER-003", {"atMost": "/trend/0/left"}, 10, "FAIL"),
    ],
)
def test_a_number_is_judged_by_the_numbers_that_it_rests_on(clause: str, rule: dict[str, Any], value: float, expected: str) -> None:
    """The sum, the last or the mean of them, alone or in a ratio."""
    contract = shop({"value": "/visits", **rule})

    assert verdict(clause, VISITS, exchange(VISITS, body={"visits": value, **TREND}), contract=contract) == expected


def test_items_that_a_number_shares_a_list_with_are_its_own() -> None:
    """A `*` in the part that both pointers share stands for one item; `by` takes the items that are like it."""
    own = shop({"value": "/rooms/*/total", "sum": "/rooms/*/visits/*/count"})
    rooms = [{"total": 3, "visits": [{"count": 1}, {"count": 2}]}, {"total": 4, "visits": [{"count": 4}]}]
    assert verdict("DER-004", VISITS, exchange(VISITS, body={"rooms": rooms}), contract=own) == "PASS"

    alike = shop({"value": "/parts/*/total", "sum": {"at": "/parts/*/value", "by": ["kind"]}})
    parts = [{"kind": kind, "value": value, "total": total} for kind, value, total in (("a", 1, 3), ("b", 5, 5), ("a", 2, 3))]
    assert verdict("DER-004", VISITS, exchange(VISITS, body={"parts": parts}), contract=alike) == "PASS"
    parts[1]["total"] = 8
    assert verdict("DER-004", VISITS, exchange(VISITS, body={"parts": parts}), contract=alike) == "FAIL"


def derivation(answer: Exchange, *pages: Exchange, again: Exchange | None = None) -> Derivation:
    """A number with the pages of another operation that it rests on."""
    source = SourcePages(id="source", subject=BOOKS, purpose="by hand", place="/sum", pages=pages)
    return Derivation(
        id="derivation", subject=VISITS, purpose="by hand", rule=0, indexes=(), answer=answer, again=again or answer, sources=(source,)
    )


def test_a_number_of_another_operation_is_added_up_over_its_pages() -> None:
    """Where the numbers changed meanwhile nothing can be said."""
    contract = shop({"value": "/visits", "sum": {"operation": BOOKS, "at": "/books/*/visits"}})
    pages = [exchange(BOOKS, body={"books": [{"visits": count} for count in counts]}) for counts in ([1, 2], [4])]
    right, wrong = (exchange(VISITS, body={"visits": visits}) for visits in (7, 6))

    assert verdict("DER-004", VISITS, derivation(right, *pages), contract=contract) == "PASS"
    assert verdict("DER-004", VISITS, derivation(wrong, *pages), contract=contract) == "FAIL"
    assert verdict("DER-004", VISITS, derivation(wrong, *pages, again=right), contract=contract) == "INCONCLUSIVE"
    assert verdict("DER-004", VISITS, right, contract=contract) == "INCONCLUSIVE"
