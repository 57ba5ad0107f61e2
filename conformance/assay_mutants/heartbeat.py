"""Streams whose heartbeats state another time than the server's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from assay_conformance.evidence import Frame
from assay_conformance.stream_terms import Stream, at, moment

from assay_mutants.frames import with_member
from assay_mutants.model import State, feed_mutant
from assay_mutants.stream import of_kind


@feed_mutant(breaks={"STR-016"})
@of_kind("heartbeat")
def heartbeats_state_when_the_session_began(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The message is made once and sent again."""
    if stream.beat is None:
        return (frame,)
    kept = state.setdefault("first", at(frame.json, stream.beat))
    return (with_member(frame, stream.beat, kept),)


@feed_mutant(breaks={"STR-016"})
@of_kind("heartbeat")
def heartbeats_state_the_time_of_another_zone(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The clock on the wall is called UTC."""
    stated = None if stream.beat is None else moment(at(frame.json, stream.beat))
    if stream.beat is None or stated is None:
        return (frame,)
    return (with_member(frame, stream.beat, f"{stated.astimezone(dt.UTC) + dt.timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"),)
