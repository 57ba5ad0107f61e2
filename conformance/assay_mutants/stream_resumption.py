"""Streams whose sessions go on elsewhere than where they were left."""

from __future__ import annotations

from collections.abc import Iterable

from assay_conformance.evidence import Frame
from assay_conformance.stream_terms import Stream

from assay_mutants.frames import turned
from assay_mutants.model import State, feed_mutant
from assay_mutants.stream import of_kind


@feed_mutant(breaks={"STR-020"})
@of_kind("any")
def the_first_delta_of_a_resumed_session_is_left_out(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """What was missed begins one too late."""
    return () if _first_of_resumed(frame, stream, state) else (frame,)


@feed_mutant(breaks={"STR-020"})
@of_kind("any")
def the_first_delta_of_a_resumed_session_comes_twice(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The change that the client has last is sent again."""
    return (frame, frame) if _first_of_resumed(frame, stream, state) else (frame,)


@feed_mutant(breaks={"STR-021"})
@of_kind("any")
def a_resumed_session_tells_another_change(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """What was missed is not what happened."""
    return (turned(frame, stream),) if _first_of_resumed(frame, stream, state) else (frame,)


@feed_mutant(breaks={"STR-020"})
@of_kind("any")
def a_number_that_was_never_given_out_is_met_with_silence(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """A client that names one hears nothing any more."""
    return ()


def _first_of_resumed(frame: Frame, stream: Stream, state: State) -> bool:
    """Whether a frame is the first of its session with a number, and no snapshot."""
    if stream.number(frame) is None:
        return False
    is_first = "begun" not in state
    state["begun"] = True
    return is_first and stream.kind(frame) == stream.delta
