"""Streams: what a session promises from its first message to its close."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

from assay_contracts import Contract, pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.check import NeedsHook, NotConcerned, NotReached, Violation, check, expect
from assay_conformance.evidence import Evidence, FeedSession, Frame, Stall
from assay_conformance.stream_terms import Stream, at, moment, of_kind, stream_named

_SLACK = 1.0
"""How much later than promised a heartbeat may arrive: the wire and a busy machine, not the server."""
_SKEW = dt.timedelta(seconds=5)
"""How far the clocks of the machines behind one address may be apart."""
AT_ONCE = 2.0
"""How many seconds a change may take to reach a session that reads."""


@check("STR-001", kills={"the-snapshot-is-left-out", "the-snapshot-comes-after-the-first-delta", "a-second-snapshot-follows"})
def the_first_message_is_the_snapshot_and_the_only_one(session: FeedSession, contract: Contract, subject: str) -> None:
    """A session begins with the whole state, and does not state it again unless the client asks."""
    stream = stream_named(contract, subject)
    _concerns_opened(session)
    kinds = [stream.kind(frame) for frame in session.received]
    if not kinds:
        ended = f"was closed with {session.close_code}" if session.ended_by == "server" else session.failure or "stayed silent"
        raise Violation(f"{stream.snapshot} first", f"a session that {ended}", f"{session.closed - session.opened:.1f} s")
    requested = sum(1 for frame in session.frames if frame.sent and stream.kind(frame) == stream.resume) if stream.resume else 0
    if not requested:
        expect(kinds[0], equals=stream.snapshot, about="the first message")
    expect(kinds.count(stream.snapshot), at_most=1 + requested, about="snapshots in one session")


@check(
    "STR-002",
    kills={
        "the-second-delta-is-left-out",
        "the-second-delta-comes-twice",
        "two-deltas-change-places",
        "the-numbers-skip-one",
        "the-numbers-begin-again",
        "the-numbers-go-by-two",
        "the-first-delta-has-the-number-of-the-snapshot",
    },
    hooked=True,
)
def the_deltas_are_numbered_without_a_gap(session: FeedSession, contract: Contract, subject: str) -> None:
    """Every number is the one before it and the step; the first follows the snapshot's."""
    stream = stream_named(contract, subject)
    before: int | None = None
    deltas = 0
    for frame in session.received:
        kind = stream.kind(frame)
        if kind == stream.snapshot:
            before = stream.number(frame)
        elif kind == stream.delta:
            deltas += 1
            number = stream.number(frame)
            if before is not None:
                expect(number, equals=before + stream.step, about=f"the number of delta {deltas}")
            before = number
    if not deltas:
        raise NotReached(session.failure or "no delta came in this session")


@check("STR-003", kills={"the-heartbeats-are-left-out", "two-heartbeats-of-three-are-left-out", "the-heartbeats-stop-after-the-second"})
def a_heartbeat_comes_as_often_as_promised(session: FeedSession, contract: Contract, subject: str) -> None:
    """No stretch of a session is longer than promised without a heartbeat, its beginning and its end included."""
    stream = stream_named(contract, subject)
    if session.expected != "any" or not session.received:
        _concerns_opened(session)
    if session.left_out:
        raise NotConcerned  # a heartbeat may be among the frames that are not kept
    times = [session.opened, *(frame.at for frame in of_kind(session, stream, stream.heartbeat)), session.closed]
    longest = max(later - earlier for earlier, later in itertools.pairwise(times))
    expect(round(longest, 2), at_most=stream.every + _SLACK, about="seconds without a heartbeat")
    if session.closed - session.opened <= stream.every + _SLACK:
        raise NotReached(f"no session was open for more than {stream.every + _SLACK:g} s")


@check("STR-003", kills=())
def heartbeats_come_to_every_tenant(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Some session of each tenant was open for longer than a heartbeat may take."""
    stream = stream_named(contract, subject)
    opened: dict[str | None, float] = {}
    for session in evidence.of(FeedSession):
        if session.subject == subject and session.expected in ("open", "any") and session.received:
            tenant = session.request.parameter(stream.tenant) if stream.tenant is not None else None
            opened[tenant] = max(opened.get(tenant, 0.0), session.closed - session.opened)
    short = [str(tenant) for tenant, seconds in opened.items() if seconds <= stream.every + _SLACK]
    if short:
        raise NotReached(f"no session of {', '.join(short)} was open for more than {stream.every + _SLACK:g} s")


@check("STR-004", kills={"the-snapshot-states-a-foreign-tenant", "a-delta-states-a-foreign-tenant", "a-heartbeat-states-a-foreign-tenant"})
def every_message_states_the_tenant_that_was_asked_for(session: FeedSession, contract: Contract, subject: str) -> None:
    """Wherever a message states a tenant, and wherever its schema has the place for it, it is the one of the session."""
    stream = stream_named(contract, subject)
    requested = session.request.parameter(stream.tenant or "")
    if requested is None:
        raise NotConcerned
    stated = 0
    for frame in session.received:
        for pointer in stream.echo:
            found = at(frame.json, pointer)
            if found is pointers.MISSING and not _declares(stream, frame, pointer):
                continue
            stated += 1
            expect(None if found is pointers.MISSING else found, equals=requested, about=f"{stream.kind(frame)} {pointer}")
    if not stated:
        raise NotReached(session.failure or "no message states a tenant")


@check("STR-009", kills={"a-session-without-credential-is-closed-with-another-code", "a-session-without-credential-stays-open"})
def a_session_without_a_valid_credential_is_refused(session: FeedSession, contract: Contract, subject: str) -> None:
    """No credential, a forged and an expired one: the documented code, and not one message."""
    _refused(session, stream_named(contract, subject), "unauthenticated")


@check("STR-010", kills={"a-foreign-session-is-closed-with-another-code", "a-foreign-session-stays-open"})
def a_session_for_a_foreign_tenant_is_refused(session: FeedSession, contract: Contract, subject: str) -> None:
    """A tenant that the credential does not cover, or that is none: the documented code, and not one message."""
    stream = stream_named(contract, subject)
    if session.expected == "refused":
        _silent(session)
        if not 400 <= session.handshake < 500:
            expect(_ending(session), among=[str(code) for codes in stream.codes.values() for code in codes], about=session.purpose)
        raise NotConcerned
    _refused(session, stream, "tenant-not-allowed")


@check("STR-011", kills={"an-unserved-version-is-closed-with-another-code", "an-unserved-version-stays-open"})
def a_session_for_an_unserved_version_is_refused(session: FeedSession, contract: Contract, subject: str) -> None:
    """The documented code, and not one message."""
    _refused(session, stream_named(contract, subject), "version-not-served")


@check("STR-012", kills={"a-bad-message-is-closed-with-another-code", "a-bad-message-is-overlooked"})
def a_bad_message_closes_the_session(session: FeedSession, contract: Contract, subject: str) -> None:
    """Whatever no client message allows ends the session with the documented code."""
    stream = stream_named(contract, subject)
    _expects(session, stream, "bad-message")
    if not any(frame.sent for frame in session.frames):
        _opened(session)
        raise NotReached(f"the session was over before a message could be sent: {_ending(session)}")
    expect(_ending(session), among=map(str, stream.codes["bad-message"]), about=session.purpose)


@check("STR-013", kills={"a-dropped-session-is-closed-with-an-undocumented-code"})
def a_session_that_the_server_ends_has_a_documented_code(session: FeedSession, contract: Contract, subject: str) -> None:
    """A server that ends a session which did nothing wrong says that it goes away or restarts."""
    stream = stream_named(contract, subject)
    _concerns_opened(session)
    if session.ended_by == "client":
        raise NeedsHook("the server ended no session for its own reasons")
    codes = [str(code) for when in ("going-away", "restart") for code in stream.codes.get(when, ())]
    expect(_ending(session), among=codes or ["a declared code"], about="how the server ended the session")


@check("STR-014", kills={"a-slow-consumer-is-closed-with-another-code", "a-slow-consumer-stays-open"})
def a_consumer_that_does_not_read_is_closed_alone(stall: Stall, contract: Contract, subject: str) -> None:
    """Who leaves too much unread is closed with the documented code; who reads gets each change at once."""
    stream = stream_named(contract, subject)
    _opened(stall.slow)
    _opened(stall.beside)
    if not stall.hooked or not stall.unread:
        raise NeedsHook("no changes came while a session did not read")
    expect(stall.beside.ended_by, equals="client", about=f"the session that reads was ended with {_ending(stall.beside)} by")
    expect(stall.delay is not None, equals=True, about="every change reached the session that reads")
    expect(round(stall.delay or 0.0, 3), at_most=AT_ONCE, about="seconds until a change reached the session that reads")
    if stall.slow.ended_by == "client" and stall.unread < stall.enough:
        raise NotReached(f"the session was left open with {stall.unread} bytes unread, fewer than the {stall.enough} that are too many")
    expect(_ending(stall.slow), among=map(str, stream.codes["slow-consumer"]), about=f"{stall.unread} bytes unread")


@check("STR-015", kills={"the-last-entity-stands-in-the-snapshot-twice", "an-entity-stands-in-a-delta-twice"})
def an_entity_stands_once_in_a_message(session: FeedSession, contract: Contract, subject: str) -> None:
    """No two entities of one snapshot, and none of one delta, have the same identity."""
    stream = stream_named(contract, subject)
    entities = 0
    for frame in session.received:
        kind = stream.kind(frame)
        if kind not in (stream.snapshot, stream.delta):
            continue
        names = [str(item.get(stream.identity)) for item in _items(stream, frame)]
        entities += len(names)
        twice = [name for name, times in Counter(names).items() if times > 1]
        expect(twice, equals=[], about=f"repeated entities in the {kind} at {frame.at:.3f} s")
    if not entities:
        raise NotReached(session.failure or "no entity was seen")


@check("STR-016", kills={"a-delta-tells-an-earlier-time-of-change", "a-heartbeat-tells-an-earlier-time-than-the-one-before"}, hooked=True)
def times_never_go_back(session: FeedSession, contract: Contract, subject: str) -> None:
    """The time of an entity's last change only grows within a session, and so does the time that heartbeats tell."""
    stream = stream_named(contract, subject)
    latest: dict[str, dt.datetime] = {}
    compared = 0
    beat = None
    for frame in session.received:
        kind = stream.kind(frame)
        if kind == stream.heartbeat and stream.beat is not None:
            stated = moment(at(frame.json, stream.beat))
            if stated is not None and beat is not None:
                expect(stated, at_least=beat, about="the time of a heartbeat")
            beat = stated or beat
        for item in _items(stream, frame) if kind in (stream.snapshot, stream.delta) else ():
            stated = moment(item.get(stream.updated or ""))
            name = str(item.get(stream.identity))
            if stated is None:
                continue
            if name in latest:
                compared += 1
                if stated < latest[name]:
                    raise Violation(f"a time not before {latest[name].isoformat()}", stated.isoformat(), f"{name} {stream.updated}")
            latest[name] = stated
    if not compared:
        raise NotReached(session.failure or "no entity changed while a session saw it")


@check("STR-016", kills={"a-heartbeat-tells-an-earlier-time-than-the-one-before"})
def heartbeats_tell_one_time(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A heartbeat tells no earlier time than one that came before its session was opened: few sessions last for two.

    Two sessions that are open together tell nothing of it, since either may get its heartbeats late.
    """
    stream = stream_named(contract, subject)
    if stream.beat is None:
        return
    late = {stall.slow.id for stall in evidence.of(Stall)}
    beats = sorted(
        (frame.at, stated, session.opened)
        for session in evidence.of(FeedSession)
        if session.subject == subject and session.id not in late
        for frame in session.received
        if stream.kind(frame) == stream.heartbeat and (stated := moment(at(frame.json, stream.beat))) is not None
    )
    for _, clock, opened in beats:
        earlier = max((stated for came, stated, _ in beats if came < opened), default=None)
        if earlier is not None:
            expect(clock, at_least=earlier - _SKEW, about="the time of a heartbeat, after those of earlier sessions")


@check("STR-019", kills={"an-empty-tenant-gets-no-snapshot"})
def a_tenant_without_entities_gets_an_empty_snapshot(session: FeedSession, contract: Contract, subject: str) -> None:
    """The first message is a snapshot without entities, and no change of another tenant ever follows."""
    stream = stream_named(contract, subject)
    if session.request.credential != "empty" or session.expected != "open":
        raise NotConcerned
    _opened(session)
    if not session.received:
        raise Violation("an empty snapshot", "silence", f"{session.closed - session.opened:.1f} s")
    expect(stream.kind(session.received[0]), equals=stream.snapshot, about="the first message of a tenant without entities")
    expect(pointers.follow(session.received[0].json, stream.state), equals=[], about="the state of a tenant without entities")
    expect(sum(1 for _ in of_kind(session, stream, stream.delta)), equals=0, about="changes of a tenant without entities")


def _opened(session: FeedSession) -> None:
    if session.handshake != 101:
        raise NotReached(f"no session was opened: {session.failure or session.handshake}")


def _concerns_opened(session: FeedSession) -> None:
    if session.expected != "open":
        raise NotConcerned
    _opened(session)


def _expects(session: FeedSession, stream: Stream, when: str) -> None:
    """Only the sessions that bring about one kind of close; a handshake that nobody answered reaches nothing."""
    if session.expected not in {str(code) for code in stream.codes.get(when, ())}:
        raise NotConcerned
    if session.handshake == 0:
        raise NotReached(f"no session was opened: {session.failure}")


def _refused(session: FeedSession, stream: Stream, when: str) -> None:
    _expects(session, stream, when)
    _silent(session)
    expect(_ending(session), among=map(str, stream.codes[when]), about=session.purpose)


def _silent(session: FeedSession) -> None:
    if session.handshake == 0:
        raise NotReached(f"no session was opened: {session.failure}")
    expect(len(session.received), equals=0, about=f"messages before the rejection ({session.purpose})")


def _ending(session: FeedSession) -> str:
    """How a session ended, as its close code or in words."""
    if session.handshake != 101:
        return f"HTTP {session.handshake} instead of a session"
    if session.ended_by == "server" and session.close_code is not None:
        return str(session.close_code)
    return session.failure or "broken" if session.ended_by == "failure" else "still open"


def _items(stream: Stream, frame: Frame) -> Iterator[dict[str, object]]:
    pointer = stream.state if stream.kind(frame) == stream.snapshot else stream.changes
    found = at(frame.json, pointer)
    return (item for item in (found if is_list(found) else ()) if is_mapping(item) and stream.identity in item)


def _declares(stream: Stream, frame: Frame, pointer: str) -> bool:
    """Whether the schema of a frame's message has a place for what a pointer leads to."""
    message = stream.channel.messages.get(stream.kind(frame) or "")
    schema: Any = message.payload if message is not None else None
    if is_mapping(schema) and "$ref" in schema:
        schema = pointers.follow(schema, schema["$ref"])
    first = pointers.split(pointer)[0]
    return is_mapping(schema) and first in schema.get("properties", {})
