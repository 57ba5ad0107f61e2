"""Channels: what each promises without being annotated."""

from __future__ import annotations

from assay_contracts import Channel, Contract, Schema, pointers

from assay_conformance.check import NotReached, Violation, brief, check, expect
from assay_conformance.evidence import Evidence, FeedSession, Frame, Watch
from assay_conformance.evidence.exchanges import NO_JSON
from assay_conformance.stream_terms import Stream, stream_of
from assay_conformance.validation import accepts, validator_of


@check("CHA-001", kills={"every-message-is-of-a-type-that-nobody-declared", "every-message-stands-in-a-list"})
def every_message_fits_the_schema_of_a_declared_message(session: FeedSession, contract: Contract, subject: str) -> None:
    """Whatever the server says is one of the messages that it declares to send, in every member."""
    channel = contract.channel(subject)
    stream = stream_of(channel)
    for frame in _frames(session):
        if frame.json is not NO_JSON:
            expect(_misfit(frame, channel, stream), equals="", about=f"message at {frame.at:.3f} s")


@check("CHA-002", kills={"the-heartbeats-are-left-out", "the-deltas-are-left-out"}, hooked=True)
def every_declared_message_is_seen(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each message that the channel declares as sent arrives in some session that gave it occasion."""
    sessions = [session for session in evidence.of(FeedSession) if session.subject == subject]
    if not any(session.received for session in sessions):
        reason = next((session.failure for session in sessions if session.failure), "no session was opened")
        raise NotReached(f"no message was seen at all: {reason}")
    channel = contract.channel(subject)
    stream = stream_of(channel)
    seen = {_name(frame, channel, stream) for session in sessions for frame in session.received}
    missing = [name for name in channel.sent if name not in seen]
    occasions = {} if stream is None else _occasions(evidence, channel, stream, sessions)
    for name in missing:
        if name in occasions:
            raise Violation(f"a message {name}", "none in any session", occasions[name])
    if missing:
        raise NotReached(f"nothing brought about a message {' or '.join(missing)}")


@check("CHA-003", kills={"every-frame-is-binary", "every-frame-holds-its-document-twice", "every-frame-has-something-after-its-document"})
def every_frame_is_one_text_message_with_one_json_document(session: FeedSession) -> None:
    """No frame is binary, none is empty, none holds less or more than one document."""
    for frame in _frames(session):
        expect("binary" if frame.binary else "text", equals="text", about=f"frame at {frame.at:.3f} s")
        if frame.json is NO_JSON:
            raise Violation("one JSON document", brief(frame.text), f"frame at {frame.at:.3f} s")


def _frames(session: FeedSession) -> tuple[Frame, ...]:
    if not session.received:
        raise NotReached(session.failure or "the server sent nothing")
    return session.received


def _misfit(frame: Frame, channel: Channel, stream: Stream | None) -> str:
    """Why a frame fits no message that the server may send; empty when it fits one."""
    payloads = _payloads(channel)
    name = None if stream is None else stream.kind(frame)
    if name is not None:
        if name not in payloads:
            return f"a message of the type {brief(name)}, which the server does not declare to send"
        error = next(iter(validator_of(payloads[name]).iter_errors(frame.json)), None)
        return "" if error is None else brief(f"{name}{pointers.join(*error.instance_path)}: {error.message}", 400)
    if any(accepts(payload, frame.json) for payload in payloads.values()):
        return ""
    return f"a document that is none of {', '.join(channel.sent)}: {brief(frame.json)}"


def _name(frame: Frame, channel: Channel, stream: Stream | None) -> str | None:
    stated = None if stream is None else stream.kind(frame)
    if stated is not None or frame.json is NO_JSON:
        return stated
    return next((name for name, payload in _payloads(channel).items() if accepts(payload, frame.json)), None)


def _payloads(channel: Channel) -> dict[str, Schema]:
    """The schema of each message that the server may send, by name."""
    return {name: channel.messages[name].payload for name in channel.sent}


def _occasions(evidence: Evidence, channel: Channel, stream: Stream, sessions: list[FeedSession]) -> dict[str, str]:
    """The messages that must have come, each with why."""
    found: dict[str, str] = {}
    if any(session.expected == "open" and session.handshake == 101 for session in sessions):
        found[stream.snapshot] = "a session was opened"
    if stream.heartbeat is not None and any(
        session.expected == "open" and session.closed - session.opened > stream.every for session in sessions
    ):
        found[stream.heartbeat] = f"a session was open for more than {stream.every:g} s"
    changes = sum(watch.change_count for watch in evidence.of(Watch) if watch.subject == channel.id)
    if changes:
        found[stream.delta] = f"the target made {changes} changes"
    return found
