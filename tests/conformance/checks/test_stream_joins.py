"""The checks of several sessions and the state over HTTP, on conversations written by hand."""

from __future__ import annotations

import dataclasses

import pytest
from assay_conformance.evidence import Exchange, FeedSession, Record

from .by_hand import FEED, change, error, loan, rejoin, session, state, verdict, watch, whole

A, A2, A3, B = loan("a"), loan("a", due=2), loan("a", due=3), loan("b")
LONG = session(whole(1, A), change(2, A2), change(3, B), change(4, A3))
"""Its state is a=1; a=2; a=2 and b; a=3 and b."""
ENDED = dataclasses.replace(LONG, closed=4.5)
"""The same, ended before it could be sent what another session begins with."""
BEHIND = dataclasses.replace(session(whole(2, A2), change(3, B), change(4, A3)), opened=4.5, closed=9.0)
"""One that begins with what the others have seen before, and catches up."""
STUCK = dataclasses.replace(session(whole(2, A2)), opened=4.5, closed=9.0)
UNHEARD = dataclasses.replace(session(), failure="timeout")


@pytest.mark.parametrize(
    ("clause", "records", "expected"),
    [
        ("STR-005", [watch(LONG, session(whole(3, A2, B)))], "PASS"),
        ("STR-005", [watch(LONG, session(whole(3, A2)))], "FAIL"),
        ("STR-005", [watch(LONG, session(whole(3, A, B)))], "FAIL"),
        ("STR-005", [watch(LONG, session(whole(1, A)))], "INCONCLUSIVE"),
        ("STR-005", [watch(LONG, session(whole(9, A)))], "FAIL"),  # the other listens on, and never comes to 9
        ("STR-005", [watch(ENDED, session(whole(9, A)))], "INCONCLUSIVE"),
        ("STR-005", [watch(LONG, BEHIND)], "PASS"),
        ("STR-005", [watch(LONG, STUCK)], "FAIL"),
        ("STR-005", [watch(LONG, dataclasses.replace(STUCK, closed=4.9))], "PASS"),  # it had no time to catch up
        ("STR-005", [watch(LONG, UNHEARD)], "INCONCLUSIVE"),
        ("STR-005", [watch(UNHEARD, LONG)], "INCONCLUSIVE"),
        ("STR-006", [watch(LONG, session(whole(2, A2), change(3, B)))], "PASS"),
        ("STR-006", [watch(LONG, session(whole(2, A2), change(3, loan("b", due=9))))], "FAIL"),
        ("STR-006", [watch(LONG, session(whole(2, A2), change(3, A3)))], "FAIL"),
        ("STR-006", [watch(LONG, session(whole(4, A3, B), change(5, A)))], "INCONCLUSIVE"),
        ("STR-007", [watch(LONG, http=(state(3, A2, B),))], "PASS"),
        ("STR-007", [watch(LONG, http=(state(3, A2),))], "FAIL"),
        ("STR-007", [watch(LONG, http=(state(2, A),))], "FAIL"),
        ("STR-007", [watch(LONG, http=(state(9, A),))], "INCONCLUSIVE"),
        ("STR-007", [watch(LONG, http=(error("NOT_YOURS", 403),))], "INCONCLUSIVE"),
        ("STR-007", [watch(UNHEARD, http=(state(1, A),))], "INCONCLUSIVE"),
        ("STR-017", [watch(LONG, changed=3)], "PASS"),
        ("STR-017", [watch(LONG, changed=4)], "FAIL"),
        ("STR-017", [watch(LONG)], "INCONCLUSIVE"),
    ],
)
def test_sessions_and_http_state_one_history(clause: str, records: list[Record], expected: str) -> None:
    """Two accounts of one number that differ fail; accounts that never meet are inconclusive."""
    assert verdict(clause, FEED, *records) == expected


@pytest.mark.parametrize(("credential", "expected"), [("primary", "FAIL"), ("other", "INCONCLUSIVE")])
def test_a_stream_without_tenants_may_be_of_whoever_listens(credential: str, expected: str) -> None:
    """Sessions of one credential have one state; those of two need not."""
    later = session(whole(3, A2))
    later = dataclasses.replace(later, request=dataclasses.replace(later.request, credential=credential))

    assert verdict("STR-005", FEED, LONG, later) == expected


def test_a_session_of_which_frames_were_left_out_need_not_come_to_a_number() -> None:
    """It may have been told of it in one of them."""
    assert verdict("STR-005", FEED, watch(dataclasses.replace(LONG, left_out=5), session(whole(9, A)))) == "INCONCLUSIVE"


QUICK = session(whole(1, A), change(2, A2), change(3, B), change(4, A3), every=0.1)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (session(whole(2, A2), change(3, B), change(4, A3), every=0.1), "PASS"),
        (session(whole(2, A2), change(3, B), every=0.1), "FAIL"),
        (session(whole(2, A2), change(4, A3), every=0.1), "FAIL"),
        (session(whole(2, A2), change(2, A2), change(3, B), change(4, A3), every=0.1), "FAIL"),
        (session(whole(2, A2), change(3, B), change(4, A3), change(5, B), every=0.1), "FAIL"),
        (session(whole(4, A3, B), every=0.1), "INCONCLUSIVE"),
    ],
)
def test_a_session_that_opens_amid_changes_sees_each_of_them_once(later: FeedSession, expected: str) -> None:
    """A change left out, doubled, or seen by nobody else fails; a session after the last change shows nothing."""
    assert verdict("STR-018", FEED, watch(QUICK, later)) == expected


def joined(seq: int, *loans: dict[str, object], changes: tuple[dict[str, object], ...]) -> Exchange:
    """The state over HTTP with what changed after the first number."""
    return state(seq, *loans, after=1, changes=list(changes))


OLD = session(whole(1, A))
GOOD = joined(3, A2, B, changes=({**A2, "seq": 2}, {**B, "seq": 3}))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([rejoin(OLD, GOOD)], "PASS"),
        ([rejoin(OLD, GOOD, session(whole(3, A2, B)))], "PASS"),
        ([rejoin(OLD, GOOD, session(whole(2, A2), change(3, B)))], "PASS"),
        ([rejoin(OLD, GOOD, session(whole(3, A, B)))], "FAIL"),
        ([rejoin(OLD, GOOD, session(whole(2, A)))], "FAIL"),
        ([rejoin(OLD, GOOD, session(whole(4, A2, B)))], "FAIL"),
        ([rejoin(OLD, GOOD, session(whole(0, A)))], "FAIL"),
        ([rejoin(OLD, GOOD, UNHEARD)], "INCONCLUSIVE"),
        ([rejoin(OLD, joined(3, A2, B, changes=({**A2, "seq": 2},)))], "FAIL"),
        ([rejoin(OLD, joined(3, A2, B, changes=({**B, "seq": 3}, {**A2, "seq": 2})))], "FAIL"),
        ([rejoin(OLD, joined(3, A2, B, changes=({**A2, "seq": 2}, {**loan("b", due=9), "seq": 3})))], "FAIL"),
        ([rejoin(OLD, joined(2, A2, changes=(A2,)))], "PASS"),
        ([rejoin(OLD, joined(1, A, changes=()))], "FAIL"),
        ([rejoin(OLD, joined(1, A, changes=()), away=0)], "INCONCLUSIVE"),
        ([rejoin(OLD, state(3, A2, B, after=1, gone=True))], "INCONCLUSIVE"),
        ([rejoin(OLD, error("CROWDED", 503))], "FAIL"),
        ([rejoin(OLD, None)], "INCONCLUSIVE"),
        ([rejoin(UNHEARD, GOOD)], "INCONCLUSIVE"),
    ],
)
def test_the_changes_over_http_fill_the_gap_between_two_sessions(records: list[Record], expected: str) -> None:
    """A lost, disordered or wrong change, and a new session that contradicts the answer, fail."""
    assert verdict("STR-008", FEED, *records) == expected
