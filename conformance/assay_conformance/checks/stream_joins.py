"""Streams: what several sessions of one tenant, and the same state over HTTP, promise together."""

from __future__ import annotations

from typing import Any, TypeAlias

from assay_contracts import Contract, Operation, pointers
from assay_contracts.json_types import is_mapping

from assay_conformance.check import NeedsHook, NotReached, Violation, check, expect
from assay_conformance.evidence import Evidence, Exchange, FeedSession, Rejoin, Stall, Watch
from assay_conformance.stream_terms import (
    History,
    State,
    Step,
    Stream,
    difference,
    epoch_of_state,
    history,
    resync_of,
    stream_named,
    whole,
)

_MID_BURST = 0.5
"""How close in time the changes before and after a snapshot are when the session opened amid changes."""
LATE = 4.0
"""How many seconds after a snapshot another session must have come to its number."""
Numbering: TypeAlias = tuple[str | None, str | None]
"""Whose sequence numbers they are, and of which epoch: a tenant, or a credential where the stream names none."""
TAIL = 0.5
"""What arrives elsewhere in the last moments of a session need not have arrived in it."""


@check("STR-005", kills={"the-snapshot-leaves-out-what-changed-last", "a-delta-changes-nothing", "a-delta-tells-another-status"})
def a_snapshot_with_its_deltas_gives_a_later_snapshot(watch: Watch, contract: Contract, subject: str) -> None:
    """The state that one session has come to is the state that another begins with at the same number."""
    stream = stream_named(contract, subject)
    long = _history(watch.long, stream)
    compared = 0
    for session in watch.later:
        other = history(session, stream)
        state = None if other is None or not long.joins(other) else long.at(other.start)
        if other is None or state is None:
            continue
        expect(difference(state, other.state), equals="", about=f"the snapshot at {other.start} against the deltas up to it")
        compared += other.start > long.start
    if not compared:
        _need(watch, "no session opened after a change")


@check("STR-005", kills=())
def every_session_of_a_tenant_begins_with_its_state(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Of all sessions of a tenant, each begins with the state that every other has at that number, and comes to it."""
    stream = stream_named(contract, subject)
    for group in sessions_by_numbering(evidence, stream).values():
        for session, own in group:
            for other, known in group:
                state = known.at(own.start) if other is not session else None
                if state is not None:
                    about = f"the snapshot at {own.start} of {session.id} ({session.purpose}) against {other.id}"
                    expect(difference(state, own.state), equals="", about=about)
                if other is not session:
                    _of_its_time(session, own, other, known)


def _of_its_time(session: FeedSession, own: History, other: FeedSession, known: History) -> None:
    """Of two sessions, each comes to what the other was told before it, where it stays open long enough.

    A snapshot may be a little older than what another session has: servers read from copies. The deltas after it make up for that.
    """
    begun = [known.start] if other.received and other.received[0].at < session.opened else []
    before = max([*begun, *(step.number for step in known.steps if step.at < session.opened)], default=None)
    first = session.received[0].at
    if before is not None and _listens(session, first + LATE):
        expect(own.last, at_least=before, about=f"the number that {session.id} ({session.purpose}) comes to, beside {other.id}")
    if _listens(other, first + LATE) and other.opened <= session.opened:
        about = f"the number that {session.id} ({session.purpose}) begins with, beside {other.id}"
        expect(own.start, at_most=known.last, about=about)


def _listens(session: FeedSession, until: float) -> bool:
    """Whether a session was open until then, ended by us, and all its frames were kept."""
    return session.ended_by == "client" and not session.left_out and session.closed > until


def sessions_by_numbering(evidence: Evidence, stream: Stream) -> dict[Numbering, list[tuple[FeedSession, History]]]:
    """The sessions that a tenant opened and that read all the time, by tenant and epoch, each with what it was sent."""
    slow = {stall.slow.id for stall in evidence.of(Stall)} | {stall.beside.id for stall in evidence.of(Stall)}
    found: dict[Numbering, list[tuple[FeedSession, History]]] = {}
    for session in evidence.of(FeedSession):
        if session.subject != stream.channel.id or session.expected not in ("open", "any") or session.id in slow:
            continue
        read = history(session, stream)
        if read is not None and not any(frame.sent for frame in session.frames):
            # Where a stream names no tenant, what it sends may be of whoever listens.
            owner = session.request.parameter(stream.tenant) if stream.tenant is not None else session.request.credential
            found.setdefault((owner, read.epoch), []).append((session, read))
    return found


@check("STR-006", kills=())
def all_sessions_of_a_tenant_see_the_same_deltas(evidence: Evidence, contract: Contract, subject: str) -> None:
    """What stands under one number in one session of a tenant stands under it in every other."""
    stream = stream_named(contract, subject)
    for group in sessions_by_numbering(evidence, stream).values():
        known: dict[int, tuple[State, FeedSession]] = {}
        for session, own in group:
            for step in own.steps:
                changes, first = known.setdefault(step.number, (step.changes, session))
                about = f"delta {step.number} in {first.id} and {session.id} ({session.purpose})"
                expect(difference(changes, step.changes), equals="", about=about)


@check("STR-006", kills={"the-second-delta-of-a-session-tells-something-else"})
def two_sessions_see_the_same_deltas(watch: Watch, contract: Contract, subject: str) -> None:
    """What stands under one number in one session stands under it in the other."""
    stream = stream_named(contract, subject)
    long = _history(watch.long, stream)
    steps = {step.number: step for step in long.steps}
    common = 0
    for session in watch.later:
        other = history(session, stream)
        for step in other.steps if other is not None and long.joins(other) else ():
            if step.number in steps:
                common += 1
                expect(difference(steps[step.number].changes, step.changes), equals="", about=f"delta {step.number} in two sessions")
    if not common:
        _need(watch, "no two sessions saw the same delta")


@check(
    "STR-007",
    kills={"the-snapshot-leaves-out-the-first-entity", "the-snapshot-is-empty", "the-resync-state-leaves-out-an-entity"},
)
def the_state_over_http_is_the_state_of_the_stream(watch: Watch, contract: Contract, subject: str) -> None:
    """Asked at any moment, HTTP tells under its number what the stream adds up to under the same number."""
    stream = stream_named(contract, subject)
    operation = _resync(contract, stream)
    histories = [found for session in watch.sessions if (found := history(session, stream)) is not None]
    if not histories:
        raise NotReached(watch.long.failure or "no session sent a state")
    compared = 0
    for exchange in watch.exchanges:
        number, state = _joined_state(exchange, operation, stream) if exchange.answer.succeeded else (None, {})
        epoch = epoch_of_state(exchange, operation)
        for session in histories if number is not None else ():
            expected = session.at(number or 0) if epoch in (None, session.epoch) else None
            if expected is not None:
                expect(difference(expected, state), equals="", about=f"the state at {number} over HTTP against the stream")
                compared += bool(expected)
    if not compared:
        raise NotReached(_why(watch.exchanges) or "no state over HTTP has a number that the stream came to")


@check("STR-008", kills={"the-resync-leaves-out-the-last-change", "the-resync-state-leaves-out-an-entity"})
def the_changes_over_http_join_two_sessions(rejoin: Rejoin, contract: Contract, subject: str) -> None:
    """The old session's state with the changes from HTTP is the state of HTTP and that of the new session, number by number."""
    stream = stream_named(contract, subject)
    operation = _resync(contract, stream)
    old = _history(rejoin.old, stream)
    if rejoin.exchange is None or rejoin.exchange.response is None:
        raise NotReached(rejoin.exchange.failure or "no HTTP response" if rejoin.exchange else "no HTTP request was sent")
    answer = rejoin.exchange.answer
    expect(answer.status, equals=200, about="the changes after a drop")
    terms = operation.annotations["x-snapshot"]
    if pointers.follow(answer.json, terms["truncated"]) is True:
        raise NotReached("the target no longer keeps the changes of some seconds ago")
    epoch = epoch_of_state(rejoin.exchange, operation)
    new = history(rejoin.new, stream) if rejoin.new is not None else None
    if any(found is not None and found != old.epoch for found in (epoch, None if new is None else new.epoch)):
        raise NotReached("the numbering began anew while no session was open")
    number, state = _joined_state(rejoin.exchange, operation, stream)
    if number is None:
        raise Violation("a sequence number", "none", "the state over HTTP")
    steps, stated = _steps(pointers.follow(answer.json, terms["changes"]), stream, number)
    base = old.at(old.last) or {}
    _numbered(old.last, number, steps, stream, stated=stated)
    joined = History(old.last, base, steps)
    expect(difference(_folded(joined), state), equals="", about=f"the old session with the changes up to {number}")
    if rejoin.new is not None:
        _continue(joined, _history(rejoin.new, stream), number, stated=stated)
    if number == old.last:
        if not rejoin.away:
            raise NeedsHook("nothing changed while no session was open")
        raise Violation(f"a number beyond {old.last} after {rejoin.away} changes", str(number), "the state over HTTP")


@check("STR-017", kills={"a-change-is-lost-without-a-gap", "the-deltas-are-left-out", "the-deltas-end-after-the-third"})
def a_change_reaches_an_open_session(watch: Watch, contract: Contract, subject: str) -> None:
    """Each change that the target made while the session was open is a delta of it, under a number of its own."""
    stream = stream_named(contract, subject)
    long = _history(watch.long, stream)
    if not watch.change_count:
        _need(watch, "no change was made while a session was open")
    expect(len(long.steps), at_least=watch.change_count, about="deltas of a session during which so many changes were made")


@check("STR-018", kills={"the-first-delta-comes-twice-with-two-numbers", "a-change-is-lost-without-a-gap"})
def a_session_that_opens_during_changes_misses_none(watch: Watch, contract: Contract, subject: str) -> None:
    """After its snapshot it sees exactly the changes that the others see after the same number, in their order."""
    stream = stream_named(contract, subject)
    long = _history(watch.long, stream)
    amid = 0
    for session in watch.later:
        other = history(session, stream)
        if other is None or not long.joins(other) or not long.start <= other.start <= long.last:
            continue
        due = long.after(other.start)
        for place, step in enumerate(due):
            if place >= len(other.steps):
                if step.at <= session.closed - TAIL:
                    raise Violation(f"the change of {_names(step)} after the snapshot at {other.start}", "none", f"change {place + 1}")
                break
            found = difference(step.changes, other.steps[place].changes)
            expect(found, equals="", about=f"change {place + 1} after the snapshot at {other.start}")
        if len(other.steps) > len(due) and other.steps[len(due)].at <= watch.long.closed - TAIL:
            raise Violation(
                f"{len(due)} changes after the snapshot at {other.start}", str(len(other.steps)), "changes that no other session got"
            )
        amid += _amid_changes(long, other.start)
    if not amid:
        _need(watch, "no session opened between two changes")


def _amid_changes(long: History, number: int) -> bool:
    before = [step for step in long.steps if step.number <= number]
    after = [step for step in long.steps if step.number > number]
    return bool(before and after) and after[0].at - before[-1].at <= _MID_BURST


def _history(session: FeedSession, stream: Stream) -> History:
    found = history(session, stream)
    if found is None:
        raise NotReached(session.failure or "the session sent no state")
    return found


def _need(watch: Watch, reason: str) -> None:
    raise NotReached(reason) if watch.hooked else NeedsHook(reason)


def _resync(contract: Contract, stream: Stream) -> Operation:
    found = resync_of(contract, stream)
    if found is None:
        raise NotReached(f"the contract has no operation {stream.resync} with x-snapshot")
    return found


def _joined_state(exchange: Exchange, operation: Operation, stream: Stream) -> tuple[int | None, State]:
    terms, body = operation.annotations["x-snapshot"], exchange.answer.json
    return whole(pointers.follow(body, terms["sequence"])), stream.entities(pointers.follow(body, terms["state"]))


def _steps(changes: Any, stream: Stream, number: int) -> tuple[tuple[Step, ...], bool]:
    """The changes over HTTP, and whether each says the number of the delta that carried it; those that do not have the last number."""
    found: list[Step] = []
    all_stated = True
    for item in changes if isinstance(changes, list) else ():  # pyright: ignore[reportUnknownVariableType]
        if not is_mapping(item):
            continue
        stated = whole(pointers.follow(item, stream.sequence))
        all_stated = all_stated and stated is not None
        entity = {key: value for key, value in item.items() if key != pointers.split(stream.sequence)[0]}
        found.append(Step(number if stated is None else stated, stream.entities([entity]), 0.0))
    return tuple(found), all_stated


def _numbered(last: int, number: int, steps: tuple[Step, ...], stream: Stream, *, stated: bool) -> None:
    """The changes that say their numbers say every number after the old session's, in order."""
    numbers = [step.number for step in steps]
    expect(numbers == sorted(numbers), equals=True, about="the changes over HTTP are in order")
    if stated or not steps:
        expect(
            sorted(set(numbers)),
            equals=list(range(last + stream.step, number + 1, stream.step)),
            about="the numbers of the changes over HTTP",
        )


def _folded(joined: History) -> State:
    state = dict(joined.state)
    for step in joined.steps:
        state.update(step.changes)
    return state


def _continue(joined: History, new: History, number: int, *, stated: bool) -> None:
    """The new session begins with a state between the drop and the answer, and goes on as the answer does."""
    expect(number, at_least=new.start, about="the sequence number over HTTP, requested after the new session began")
    expect(new.start, at_least=joined.start, about="the number that the new session begins with")
    expected = _folded(joined) if new.start == number else joined.at(new.start) if stated else None
    if expected is not None:
        expect(difference(expected, new.state), equals="", about=f"the new session's snapshot at {new.start}")


def _names(step: Step) -> str:
    return ", ".join(step.changes) or "nothing"


def _why(exchanges: tuple[Exchange, ...]) -> str:
    return next((f"the HTTP response was {item.failure or item.answer.status}" for item in exchanges if not item.answer.succeeded), "")
