"""Streams that number, add up, repeat or lose what they should not, and that close for other reasons than they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from assay_conformance.evidence import Exchange, Frame, Response
from assay_conformance.stream_terms import Stream, streams
from assay_contracts import Contract, pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_mutants.edits import edited
from assay_mutants.frames import edited_frame, renumbered, stream_of_frame, turned, with_member
from assay_mutants.model import CloseChange, FrameChange, State, feed_mutant, http_mutant

StreamChange: TypeAlias = Callable[[Frame, Stream, State], Iterable[Frame]]

FOREIGN = "assay-foreign"
LONG_AGO = "2000-01-01T00:00:00Z"


def of_kind(role: str) -> Callable[[StreamChange], FrameChange]:
    """Only the frames of one role (`snapshot`, `delta`, `heartbeat` or `any`); the others pass as they are."""

    def wrap(change: StreamChange) -> FrameChange:
        def fire(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
            stream = stream_of_frame(frame, contract)
            if stream is None or (role != "any" and stream.kind(frame) != getattr(stream, role)):
                return (frame,)
            return change(frame, stream, state)

        fire.__name__, fire.__doc__ = change.__name__, change.__doc__
        return fire

    return wrap


def count(state: State) -> int:
    """How many times this mutant was asked before in this session."""
    state["count"] = state.get("count", -1) + 1
    return int(state["count"])


@feed_mutant(breaks={"STR-001"})
@of_kind("snapshot")
def the_snapshot_is_left_out(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """A session begins with whatever comes next."""
    return ()


@feed_mutant(breaks={"STR-001"})
@of_kind("any")
def the_snapshot_comes_after_the_first_delta(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The state waits until something changes."""
    if stream.kind(frame) == stream.snapshot:
        state["held"] = frame
        return ()
    delayed = state.pop("held", None)
    return (frame,) if delayed is None else (frame, delayed)


@feed_mutant(breaks={"STR-001"})
@of_kind("snapshot")
def a_second_snapshot_follows(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The state is stated twice."""
    return (frame, frame)


@feed_mutant(breaks={"STR-002", "STR-017"})
@of_kind("delta")
def the_second_delta_is_left_out(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """One number is missing."""
    return () if count(state) == 1 else (frame,)


@feed_mutant(breaks={"STR-002"})
@of_kind("delta")
def the_second_delta_comes_twice(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """One number stands twice."""
    return (frame, frame) if count(state) == 1 else (frame,)


@feed_mutant(breaks={"STR-002"})
@of_kind("delta")
def two_deltas_change_places(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The first comes after the second."""
    place = count(state)
    if place == 0:
        state["held"] = frame
        return ()
    return (frame, state["held"]) if place == 1 else (frame,)


@feed_mutant(breaks={"STR-002"})
@of_kind("delta")
def the_numbers_skip_one(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """From the second delta on, every number is one too high."""
    return (frame if count(state) < 1 else renumbered(frame, stream, lambda number: number + stream.step),)


@feed_mutant(breaks={"STR-002"})
@of_kind("delta")
def the_numbers_begin_again(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The third delta is numbered 0."""
    place = count(state)
    return (frame if place < 2 else renumbered(frame, stream, lambda _: (place - 2) * stream.step),)


@feed_mutant(breaks={"STR-002"})
@of_kind("delta")
def the_numbers_go_by_two(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """Every second number is left out."""
    place = count(state)
    return (renumbered(frame, stream, lambda number: number + (place + 1) * stream.step),)


@feed_mutant(breaks={"STR-002"})
@of_kind("delta")
def the_first_delta_has_the_number_of_the_snapshot(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """Every number is one too low."""
    return (renumbered(frame, stream, lambda number: number - stream.step),)


@feed_mutant(breaks={"STR-002"})
@of_kind("delta")
def every_delta_has_the_same_number(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The number of the first delta stays for ever."""
    first = state.setdefault("first", stream.number(frame) or 0)
    return (renumbered(frame, stream, lambda _: int(first)),)


@feed_mutant(breaks={"STR-003", "CHA-002"})
@of_kind("heartbeat")
def the_heartbeats_are_left_out(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """A quiet session is silent."""
    return ()


@feed_mutant(breaks={"STR-003"})
@of_kind("heartbeat")
def the_heartbeats_stop_after_the_second(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """A session that nothing happens in is forgotten after a while."""
    return () if count(state) > 1 else (frame,)


@feed_mutant(breaks={"STR-003"})
@of_kind("heartbeat")
def two_heartbeats_of_three_are_left_out(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """Heartbeats come three times as seldom."""
    return (frame,) if count(state) % 3 == 2 else ()


def _foreign(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    for pointer in stream.echo:
        frame = with_member(frame, pointer, FOREIGN)
    return (frame,)


@feed_mutant(breaks={"STR-004"})
@of_kind("snapshot")
def the_snapshot_states_a_foreign_tenant(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The state is somebody else's."""
    return _foreign(frame, stream, state)


@feed_mutant(breaks={"STR-004"})
@of_kind("delta")
def a_delta_states_a_foreign_tenant(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The changes are somebody else's."""
    return _foreign(frame, stream, state)


@feed_mutant(breaks={"STR-004"})
@of_kind("heartbeat")
def a_heartbeat_states_a_foreign_tenant(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """A heartbeat, which need not state a tenant, states another one."""
    return _foreign(frame, stream, state)


@feed_mutant(breaks={"STR-004"})
@of_kind("delta")
def a_delta_of_a_foreign_tenant_comes_besides(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The first change of another tenant is sent to everybody."""
    return (frame, *_foreign(frame, stream, state)) if count(state) == 0 else (frame,)


@feed_mutant(breaks={"STR-005", "STR-007"})
@of_kind("snapshot")
def the_snapshot_leaves_out_what_changed_last(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The state is as of one change ago."""

    def without(items: Any) -> Any:
        if not is_list(items) or not items:
            return items
        last = max(range(len(items)), key=lambda place: str(items[place].get(stream.updated or "", "")))
        return items[:last] + items[last + 1 :]

    return (edited_frame(frame, stream.state, without),)


@feed_mutant(breaks={"STR-005", "STR-007"})
@of_kind("delta")
def a_delta_changes_nothing(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """Each delta says what the one before it said."""
    before, state["before"] = state.get("before"), pointers.follow(frame.json, stream.changes)
    return (frame if before is None else edited_frame(frame, stream.changes, lambda _: before),)


@feed_mutant(breaks={"STR-005", "STR-007"})
@of_kind("delta")
def a_delta_tells_another_status(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The changed entity never has the value that it is said to have."""
    return (turned(frame, stream),)


@feed_mutant(breaks={"STR-006"})
@of_kind("delta")
def the_second_delta_of_a_session_tells_something_else(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """What a number means depends on when the session opened."""
    return (turned(frame, stream) if count(state) == 1 else frame,)


@feed_mutant(breaks={"STR-007"})
@of_kind("snapshot")
def the_snapshot_leaves_out_the_first_entity(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The list begins one too late."""
    return (edited_frame(frame, stream.state, lambda items: items[1:] if is_list(items) else items),)


@feed_mutant(breaks={"STR-007", "STR-005"})
@of_kind("snapshot")
def the_snapshot_is_empty(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """A session begins with nothing, whatever the state."""
    return (edited_frame(frame, stream.state, lambda items: [] if is_list(items) else items),)


@feed_mutant(breaks={"STR-015"})
@of_kind("snapshot")
def the_last_entity_stands_in_the_snapshot_twice(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The state repeats itself."""
    return (edited_frame(frame, stream.state, _doubled),)


@feed_mutant(breaks={"STR-015"})
@of_kind("delta")
def an_entity_stands_in_a_delta_twice(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """One delta changes one entity twice."""
    return (edited_frame(frame, stream.changes, _doubled),)


@feed_mutant(breaks={"STR-016"})
@of_kind("delta")
def a_delta_tells_an_earlier_time_of_change(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """Every change happened long ago."""
    return (frame if stream.updated is None else edited_frame(frame, f"{stream.changes}/*/{stream.updated}", lambda _: LONG_AGO, "all"),)


@feed_mutant(breaks={"STR-016"})
@of_kind("heartbeat")
def a_heartbeat_tells_an_earlier_time_than_the_one_before(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """Each heartbeat is followed by an old one."""
    return (frame,) if stream.beat is None else (frame, with_member(frame, stream.beat, LONG_AGO))


@feed_mutant(breaks={"STR-017", "STR-018", "STR-005"})
@of_kind("delta")
def a_change_is_lost_without_a_gap(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The second change never comes, and the numbers close over it."""
    place = count(state)
    if place == 1:
        return ()
    return (frame if place == 0 else renumbered(frame, stream, lambda number: number - stream.step),)


@feed_mutant(breaks={"STR-017", "CHA-002"})
@of_kind("delta")
def the_deltas_are_left_out(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """A session never hears of a change."""
    return ()


@feed_mutant(breaks={"STR-017"})
@of_kind("delta")
def the_deltas_end_after_the_third(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """A session falls silent while its heart beats on."""
    return (frame,) if count(state) < 3 else ()


@feed_mutant(breaks={"STR-018"})
@of_kind("delta")
def the_first_delta_comes_twice_with_two_numbers(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The change between snapshot and subscription is seen from both."""
    later = renumbered(frame, stream, lambda number: number + stream.step)
    return (frame, later) if count(state) == 0 else (later,)


@feed_mutant(breaks={"STR-019", "STR-001"})
@of_kind("snapshot")
def an_empty_tenant_gets_no_snapshot(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """Where there is nothing to tell, nothing is told."""
    return () if pointers.follow(frame.json, stream.state) == [] else (frame,)


@feed_mutant(breaks={"STR-019"})
@of_kind("snapshot")
def an_empty_tenant_gets_an_entity(frame: Frame, stream: Stream, state: State) -> Iterable[Frame]:
    """The example of the documentation stands in for what is not there."""
    examples = stream.channel.messages[stream.snapshot].examples
    sample: Any = next((found for item in examples if is_list(found := pointers.follow(item, stream.state)) and found), None)
    return (edited_frame(frame, stream.state, lambda items: sample if items == [] and sample else items),)


def _close(when: str, to: int | None) -> CloseChange:
    """Another close code, or none, for one declared reason."""

    def change(code: int, contract: Contract, state: State) -> int | None:
        return to if any(code in stream.codes.get(reason, ()) for stream in streams(contract) for reason in when.split()) else code

    return change


def _closing(name: str, clause: str, when: str, to: int | None) -> None:
    def unchanged(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
        return (frame,)

    unchanged.__name__ = name
    feed_mutant(breaks={clause}, close=_close(when, to))(unchanged)


_closing("a_session_without_credential_is_closed_with_another_code", "STR-009", "unauthenticated", 1008)
_closing("a_session_without_credential_stays_open", "STR-009", "unauthenticated", None)
_closing("a_foreign_session_is_closed_with_another_code", "STR-010", "tenant-not-allowed", 1008)
_closing("a_foreign_session_stays_open", "STR-010", "tenant-not-allowed", None)
_closing("an_unserved_version_is_closed_with_another_code", "STR-011", "version-not-served", 1002)
_closing("an_unserved_version_stays_open", "STR-011", "version-not-served", None)
_closing("a_bad_message_is_closed_with_another_code", "STR-012", "bad-message", 1003)
_closing("a_bad_message_is_overlooked", "STR-012", "bad-message", None)
_closing("a_dropped_session_is_closed_with_an_undocumented_code", "STR-013", "going-away restart", 1011)
_closing("a_slow_consumer_is_closed_with_another_code", "STR-014", "slow-consumer", 1011)
_closing("a_slow_consumer_stays_open", "STR-014", "slow-consumer", None)


def _resync(exchange: Exchange, contract: Contract, member: str, change: Callable[[Any], Any]) -> Response:
    """The answer over HTTP with one place of it changed, where the exchange asks an operation that answers a stream's state."""
    answer = exchange.answer
    for stream in streams(contract):
        operation = next((item for item in contract.operations if item.id == stream.resync == exchange.subject), None)
        terms = operation.annotations.get("x-snapshot") if operation is not None else None
        if is_mapping(terms) and answer.succeeded:
            return edited(answer, terms[member], change)
    return answer


@http_mutant(breaks={"STR-007", "STR-008"})
def the_resync_state_leaves_out_an_entity(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The state over HTTP ends one too early."""
    return _resync(exchange, contract, "state", lambda items: items[:-1] if is_list(items) else items)


@http_mutant(breaks={"STR-008"})
def the_resync_leaves_out_the_last_change(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The changes after a number end one too early."""
    return _resync(exchange, contract, "changes", lambda items: items[:-1] if is_list(items) else items)


@http_mutant(breaks={"STR-008"})
def the_resync_leaves_out_the_first_change(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The changes after a number begin one number too late."""
    at = next((stream.sequence for stream in streams(contract) if stream.resync == exchange.subject), "")
    return _resync(exchange, contract, "changes", lambda items: _without_first(items, at))


def _without_first(items: Any, at: str) -> Any:
    """The changes without those of the first number, or without the first where they do not say their numbers."""
    if not is_list(items) or not items:
        return items
    first = pointers.follow(items[0], at)
    return items[1:] if first is pointers.MISSING else [item for item in items if pointers.follow(item, at) != first]


def _doubled(items: Any) -> Any:
    return [*items, items[-1]] if is_list(items) and items else items
