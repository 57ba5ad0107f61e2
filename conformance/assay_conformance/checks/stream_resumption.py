"""Streams: what a session promises that goes on where an earlier one ended."""

from __future__ import annotations

from assay_contracts import Contract

from assay_conformance.check import NeedsHook, NotReached, Violation, check, expect
from assay_conformance.checks.stream_joins import TAIL
from assay_conformance.evidence import Frame, Resumption
from assay_conformance.stream_terms import State, Stream, at, difference, history, last_number, stream_named


@check("STR-020", kills={"the-first-delta-of-a-resumed-session-is-left-out", "the-first-delta-of-a-resumed-session-comes-twice"})
def a_resumed_session_goes_on_without_a_gap(resumption: Resumption, contract: Contract, subject: str) -> None:
    """The first message is the delta after the number, or a snapshot that is no older; the numbers go on from there to the newest."""
    stream = stream_named(contract, subject)
    frames = _numbered(resumption, stream)
    number = resumption.after
    for place, frame in enumerate(frames):
        found = stream.number(frame)
        if place == 0 and stream.kind(frame) == stream.snapshot:
            if found is None or found < number:
                raise Violation(f"a snapshot at {number} or later", f"one at {found}", "the first message of a resumed session")
            number = found
            continue
        expect(stream.kind(frame), equals=stream.delta, about="a message of a resumed session")
        expect(found, equals=number + stream.step, about="the number of a delta of a resumed session")
        number += stream.step
    known = [frame for frame in resumption.beside.received if frame.at < resumption.resumed.closed - TAIL]
    expect(number, at_least=last_number(known, stream) or 0, about="the number that a resumed session comes to")


@check("STR-020", kills={"a-number-that-was-never-given-out-is-met-with-silence"})
def a_number_that_was_never_given_out_gets_a_snapshot(resumption: Resumption, contract: Contract, subject: str) -> None:
    """There are no deltas after it that could be sent."""
    stream = stream_named(contract, subject)
    first = next((frame for frame in resumption.beyond.received if stream.kind(frame) in (stream.snapshot, stream.delta)), None)
    expect(None if first is None else stream.kind(first), equals=stream.snapshot, about="the first message after a number from the future")


@check("STR-021", kills={"a-resumed-session-tells-another-change"})
def a_resumed_session_comes_to_the_same_state(resumption: Resumption, contract: Contract, subject: str) -> None:
    """What a client knew at its number, with what the resumed session says, is the state that stayed open beside it came to."""
    stream = stream_named(contract, subject)
    frames = _numbered(resumption, stream)
    beside = history(resumption.beside, stream)
    known = None if beside is None else beside.at(resumption.after)
    last = last_number(frames, stream)
    expected = None if beside is None or last is None else beside.at(last)
    if known is None or expected is None:
        raise NotReached("the session that stayed open does not know the state that the resumed one came to")
    state: State = dict(known)
    for frame in frames:
        if stream.kind(frame) == stream.snapshot:
            state = stream.entities(at(frame.json, stream.state))
        else:
            state |= stream.entities(at(frame.json, stream.changes))
    expect(difference(expected, state), equals="", about=f"the state of a resumed session at {last}")


def _numbered(resumption: Resumption, stream: Stream) -> list[Frame]:
    """The snapshots and deltas of the resumed session; raises when nothing was missed that it could have been sent."""
    if not resumption.away:
        raise (NotReached if resumption.hooked else NeedsHook)("no change was made while a session was away")
    frames = [frame for frame in resumption.resumed.received if stream.kind(frame) in (stream.snapshot, stream.delta)]
    beside = history(resumption.beside, stream)
    known = None if beside is None else beside.epoch
    if any(stream.epoch_of(frame.json) not in (None, known) for frame in frames):
        raise NotReached("the numbering began anew while the session was away")
    if not frames:
        raise Violation("the deltas that were missed, or a snapshot", "silence", f"resumed after {resumption.after}")
    return frames
