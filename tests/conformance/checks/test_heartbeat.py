"""The checks of heartbeats, on sessions written by hand."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from email.utils import format_datetime
from typing import Any

import pytest
from assay_conformance.evidence import Exchange, FeedSession
from assay_contracts import Contract, parse_bundle

from .by_hand import ASYNCAPI, BOOKS, FEED, OPENAPI, change, exchange, loan, session, verdict, whole

NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def telling() -> Contract:
    """The library's feed with heartbeats that state the time, and loans that state when they changed."""
    document = copy.deepcopy(ASYNCAPI)
    channel = document["channels"][FEED]
    channel["messages"]["beat"] = {"name": "beat", "payload": {"type": "object", "properties": {"kind": {"const": "beat"}}}}
    channel["x-stream"]["heartbeat"] = {"message": "beat", "every": "PT10S", "at": "/now"}
    channel["x-stream"]["delta"]["updated"] = "changed"
    return parse_bundle(OPENAPI, document)


def beats(*seconds: float) -> FeedSession:
    """A session whose messages came ten seconds apart; each heartbeat states so many seconds after noon."""
    changed = [loan("a", changed="2026-11-01T11:00:00Z"), loan("a", changed="2026-11-01T11:00:01Z")]
    sent_beats: list[dict[str, Any]] = [
        {"kind": "beat", "now": f"{NOON + dt.timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}"} for number in seconds
    ]
    return session(whole(1, changed[0]), change(2, changed[1]), *sent_beats, every=10.0)


def dated(seconds: float) -> Exchange:
    """A response whose `Date` is so many seconds after noon, thirty seconds into the run."""
    date = format_datetime(NOON + dt.timedelta(seconds=seconds), usegmt=True)
    return dataclasses.replace(exchange(BOOKS, headers={"date": date}), sent=30.0, elapsed=0.0)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [((0, 10, 20), "PASS"), ((0, 8, 24), "PASS"), ((0, 0, 0), "FAIL"), ((0, 1, 2), "FAIL"), ((0, 100, 200), "FAIL"), ((0,), "PASS")],
)
def test_the_stated_time_passes_as_time_does(seconds: tuple[float, ...], expected: str) -> None:
    """A message may come some seconds late; a clock that stands, crawls or runs is none."""
    assert verdict("STR-016", FEED, beats(*seconds), contract=telling()) == expected


@pytest.mark.parametrize(("ahead", "expected"), [(0, "PASS"), (-30, "PASS"), (-7200, "FAIL"), (3600, "FAIL")])
def test_heartbeats_tell_the_time_of_responses(ahead: float, expected: str) -> None:
    """The clock of the server may be wrong, but there is one."""
    assert verdict("STR-016", FEED, beats(0, 10, 20), dated(-ahead), contract=telling()) == expected


@pytest.mark.parametrize(("opened", "expected"), [(0.0, "PASS"), (45.0, "FAIL")])
def test_a_session_tells_no_earlier_time_than_one_that_was_over(opened: float, expected: str) -> None:
    """One that was open meanwhile may have got its heartbeat late, on a machine that is busy."""
    before = beats(0, 10)
    late = dataclasses.replace(
        before,
        id="late",
        opened=opened,
        frames=tuple(dataclasses.replace(frame, at=frame.at + 40.0) for frame in beats(0).frames),
        closed=90.0,
    )

    assert verdict("STR-016", FEED, before, late, contract=telling()) == expected
