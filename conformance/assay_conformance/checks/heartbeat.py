"""Heartbeats: the time that they state is that of the server.

Nobody promises that a server's clock is right, so that it is compared with itself alone: with the time that passes between two heartbeats,
and with the `Date` of the server's responses.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from assay_contracts import Contract

from assay_conformance.check import Violation, check
from assay_conformance.evidence import Evidence, Exchange, FeedSession, Stall
from assay_conformance.exchange_views import date_of
from assay_conformance.stream_terms import Stream, at, moment, of_kind, stream_named

SHORTEST, SHORT = 3.0, 8.0
"""Heartbeats that came within so many seconds show nothing of a clock; within a few more, only whether it stands."""
LATE = 5.0
"""So many seconds may pass until the kit has read a message, and a clock may be set by as much."""
APART = 60.0
"""Two machines of one server agree to so many seconds; a zone that was forgotten is further off."""


@check("STR-016", kills={"heartbeats-state-when-the-session-began"})
def the_time_of_heartbeats_passes(session: FeedSession, contract: Contract, subject: str) -> None:
    """Between two heartbeats of a session the stated time moves on by as much as the time that passed."""
    beats = list(_beats(session, stream_named(contract, subject)))
    if not beats:
        return
    (first, earlier), (last, later) = beats[0], beats[-1]
    passed, stated = last - first, later - earlier
    stands, strays = passed >= SHORTEST and stated == 0, passed >= SHORT and abs(stated - passed) > LATE + passed / 10
    if stands or strays:
        raise Violation(f"a time that moves on by {passed:.0f} s", f"by {stated:.0f} s", "the first and the last heartbeat of a session")


@check("STR-016", kills={"heartbeats-state-the-time-of-another-zone"})
def heartbeats_and_responses_tell_one_time(evidence: Evidence, contract: Contract, subject: str) -> None:
    """The clock of heartbeats is the one of the responses over HTTP, whichever zone a machine is in."""
    stream = stream_named(contract, subject)
    slow = {stall.slow.id for stall in evidence.of(Stall)}
    sessions = [item for item in evidence.of(FeedSession) if item.subject == subject and item.id not in slow]
    beats = [stated - came for session in sessions for came, stated in _beats(session, stream)]
    # How far a clock is ahead of the one that counts the seconds of the run.
    dates = [
        date / 1_000_000 - item.sent - item.elapsed
        for item in evidence.of(Exchange)
        if item.response is not None and item.response.header("age") is None and (date := date_of(item.response)) is not None
    ]
    if not beats or not dates:
        return
    ahead = median(beats) - median(dates)
    if abs(ahead) > APART:
        raise Violation("heartbeats that tell the time of Date", f"times {abs(ahead):.0f} s {'later' if ahead > 0 else 'earlier'}")


def _beats(session: FeedSession, stream: Stream) -> Iterator[tuple[float, float]]:
    """When each heartbeat came, in seconds of the run, and which time it states, in seconds since 1970."""
    if stream.beat is None:
        return
    for frame in of_kind(session, stream, stream.heartbeat):
        stated = moment(at(frame.json, stream.beat))
        if stated is not None:
            yield frame.at, stated.timestamp()
