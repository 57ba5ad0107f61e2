"""The checks of resumed sessions, on conversations written by hand."""

from __future__ import annotations

import copy

import pytest
from assay_conformance.evidence import FeedSession
from assay_contracts import parse_bundle

from .by_hand import ASYNCAPI, FEED, OPENAPI, change, loan, resumption, session, verdict, whole

A, A2, A3, B = loan("a"), loan("a", due=2), loan("a", due=3), loan("b")
BESIDE = session(whole(1, A), change(2, A2), change(3, B), change(4, A3))
"""A session that stayed open: a=1; a=2; a=2 and b; a=3 and b."""
RESUMED = session(change(2, A2), change(3, B), change(4, A3))
FRESH = session(whole(4, A3, B))


def resumable() -> dict[str, object]:
    """The library's feed with sessions that can be resumed."""
    document = copy.deepcopy(ASYNCAPI)
    channel = document["channels"][FEED]
    channel["messages"]["again"] = {"name": "again", "payload": {"type": "object", "properties": {"kind": {"const": "again"}}}}
    channel["x-stream"]["resume"] = {"message": "again", "after": "/after", "within": "PT1S"}
    return document


LIBRARY = parse_bundle(OPENAPI, resumable())


@pytest.mark.parametrize(
    ("clause", "resumed", "beyond", "expected"),
    [
        ("STR-020", RESUMED, FRESH, "PASS"),
        ("STR-020", FRESH, FRESH, "PASS"),
        ("STR-020", session(whole(3, A2, B), change(4, A3)), FRESH, "PASS"),
        ("STR-020", session(change(3, B), change(4, A3)), FRESH, "FAIL"),
        ("STR-020", session(change(2, A2), change(4, A3)), FRESH, "FAIL"),
        ("STR-020", session(change(2, A2), change(2, A2), change(3, B), change(4, A3)), FRESH, "FAIL"),
        ("STR-020", session(change(2, A2), change(3, B)), FRESH, "FAIL"),
        ("STR-020", session(whole(0)), FRESH, "FAIL"),
        ("STR-020", session(change(2, A2), whole(3, A2, B), change(4, A3)), FRESH, "FAIL"),
        ("STR-020", session(), FRESH, "FAIL"),
        ("STR-020", RESUMED, session(), "FAIL"),
        ("STR-020", RESUMED, session(change(5, A)), "FAIL"),
        ("STR-021", RESUMED, FRESH, "PASS"),
        ("STR-021", FRESH, FRESH, "PASS"),
        ("STR-021", session(change(2, A2), change(3, B), change(4, A2)), FRESH, "FAIL"),
        ("STR-021", session(change(2, A2), change(4, A3)), FRESH, "FAIL"),
        ("STR-021", session(whole(4, A3)), FRESH, "FAIL"),
        ("STR-021", session(change(2, A2), change(9, A3)), FRESH, "INCONCLUSIVE"),
    ],
)
def test_a_resumed_session_goes_on_where_it_was(clause: str, resumed: FeedSession, beyond: FeedSession, expected: str) -> None:
    """A gap, a repetition, an older snapshot, silence and another state fail; a fresh snapshot is as good as the deltas."""
    assert verdict(clause, FEED, resumption(BESIDE, resumed, beyond), contract=LIBRARY) == expected


@pytest.mark.parametrize("clause", ["STR-020", "STR-021"])
def test_a_session_that_missed_nothing_shows_nothing(clause: str) -> None:
    """Without changes while it was away nobody can say that it was resumed; nor without an attempt."""
    assert verdict(clause, FEED, resumption(BESIDE, RESUMED, FRESH, away=0), contract=LIBRARY) == "INCONCLUSIVE"
    assert verdict(clause, FEED, contract=LIBRARY) == "INCONCLUSIVE"
