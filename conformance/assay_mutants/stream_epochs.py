"""Streams that do not say of which epoch a number is, or begin to number anew without another epoch."""

from __future__ import annotations

from collections.abc import Iterable

from assay_conformance.evidence import Frame
from assay_conformance.stream_terms import Stream

from assay_mutants.edits import GONE
from assay_mutants.frames import edited_frame, renumbered, with_member
from assay_mutants.model import State, feed_mutant
from assay_mutants.stream import of_kind

_ANOTHER = "assay-another-epoch"


@feed_mutant(breaks={"STR-022"})
@of_kind("snapshot")
def the_snapshot_states_no_epoch(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """Nobody can tell its number from one of an earlier numbering."""
    return (frame if stream.epoch is None else edited_frame(frame, stream.epoch, lambda _: GONE, "all"),)


@feed_mutant(breaks={"STR-022"})
@of_kind("delta")
def a_delta_states_another_epoch(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The numbering begins anew in the middle of a session."""
    return (frame if stream.epoch is None else with_member(frame, stream.epoch, _ANOTHER),)


@feed_mutant(breaks={"STR-023"})
@of_kind("any")
def the_numbering_begins_anew_in_each_session(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """Each session counts from one, and says that it is of the same epoch."""
    number = stream.number(frame)
    if stream.epoch is None or number is None:
        return (frame,)
    first = int(state.setdefault("first", number))
    return (renumbered(frame, stream, lambda stated: stated - first + 1),)
