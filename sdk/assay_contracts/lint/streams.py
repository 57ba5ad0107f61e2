"""Rules of streams: messages go the way that the annotation says, and a reader can tell one from another."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts import pointers
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import keyword, reached
from assay_contracts.lint.subject import Subject
from assay_contracts.model import Channel

_SENT = ("/message", "/snapshot/message", "/delta/message", "/heartbeat/message")
_RECEIVED = ("/resume/message",)


@rule("stream-message-in-the-wrong-direction")
def stream_message_in_the_wrong_direction(subject: Subject) -> Iterator[Problem]:
    """The server sends snapshots, deltas and heartbeats. The client sends the message that resumes a session."""
    for pointer, _, value, channel in _streams(subject):
        for patterns, going, word in ((_SENT, channel.sent, "sends"), (_RECEIVED, channel.received, "receives")):
            for pattern in patterns:
                wanted = pointers.follow(value, pattern)
                if isinstance(wanted, str) and wanted in channel.messages and wanted not in going:
                    yield Problem(pointer + pattern, f"no operation of the server {word} the message {wanted}")


@rule("messages-not-told-apart")
def messages_not_told_apart(subject: Subject) -> Iterator[Problem]:
    """Every message of a stream has a constant that identifies it."""
    for pointer, name, value, channel in _streams(subject):
        member, taken = pointers.follow(value, "/type"), dict[str, str]()
        for message in channel.messages.values() if isinstance(member, str) else ():
            payload = dict(message.payload)
            found = reached(payload, payload, pointers.join(member))
            constants = [keyword(payload, schema, "const") for schema in found]
            if not found or None in constants:
                yield Problem(
                    f"{pointer}/type", f"{name} identifies messages by {member}, which is not a constant in the message {message.name}"
                )
            for constant in constants:
                first = taken.setdefault(repr(constant), message.name)
                if constant is not None and first != message.name:
                    yield Problem(f"{pointer}/type", f"the messages {first} and {message.name} both say that they are {constant}")


@rule("message-without-example", profile="house", level="warning", protects="mock servers, which return the example")
def message_without_example(subject: Subject) -> Iterator[Problem]:
    """Every message of a channel has an example of its payload."""
    for channel in subject.contract.channels if subject.kind == "asyncapi" else ():
        for message in channel.messages.values():
            if not message.examples:
                where = pointers.join("channels", channel.id, "messages", message.name)
                yield Problem(where, f"the message {message.name} has no example")


def _streams(subject: Subject) -> Iterator[tuple[str, str, object, Channel]]:
    channels = {channel.id: channel for channel in subject.contract.channels}
    for pointer, name, value, _, holder in placed(subject):
        if name in ("x-stream", "x-progress") and isinstance(holder, str) and holder in channels:
            yield pointer, name, value, channels[holder]
