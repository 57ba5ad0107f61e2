"""Channels, operations and messages of AsyncAPI documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.rules.model import Change, rule
from assay_compatibility.rules.pairs import ObjectPair

SENT, BOTH = (Direction.REQUEST,), (Direction.BOTH,)
# What a binding says beside what is compared part by part.
_HANDSHAKE = ("query", "headers", "bindingVersion", "method")
# The schemas that bindings of operations and messages hold, compared as schemas.
BOUND = (("http", "query"), ("http", "headers"), ("kafka", "key"), ("jms", "headers"), ("anypointmq", "headers"))


@rule("channel-address-changed", "channel", Effect.REPLACES)
def channel_address_changed(pair: ObjectPair) -> Iterator[Change]:
    """A channel is found at another address."""
    before, after = pair.extra["addresses"]
    if before != after:
        yield Change(pair.old["address"], pair.new["address"], f"{pair.new.pointer}/address")


@rule("channel-binding-changed", "channel", Effect.REPLACES)
def channel_binding_changed(pair: ObjectPair) -> Iterator[Change]:
    """A channel works otherwise over a protocol."""
    yield from _bindings(pair, aside={"ws": _HANDSHAKE})


@rule("channel-described-differently", "channel", Effect.ANNOTATES)
def channel_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """Title, summary, description or tags of a channel read differently."""
    for key in ("title", "summary", "description", "tags", "externalDocs"):
        yield from pair.changed(key)


@rule("handshake-method-changed", "handshake", Effect.REPLACES, directions=SENT)
def handshake_method_changed(pair: ObjectPair) -> Iterator[Change]:
    """A session is opened by another method."""
    yield from pair.changed("method", default="GET")


@rule("handshake-described-differently", "handshake", Effect.ANNOTATES, directions=SENT)
def handshake_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """How a session is opened is written in another version of its binding."""
    yield from pair.changed("bindingVersion")


@rule("channel-parameter-moved", "channel-parameter", Effect.REPLACES, directions=SENT)
def channel_parameter_moved(pair: ObjectPair) -> Iterator[Change]:
    """A parameter of an address is taken from another part of a message."""
    yield from pair.changed("location")


@rule("operation-binding-changed", "channel-operation", Effect.REPLACES, directions=BOTH)
def operation_binding_changed(pair: ObjectPair) -> Iterator[Change]:
    """An operation works otherwise over a protocol."""
    yield from _bindings(pair)


@rule("operation-titled-differently", "channel-operation", Effect.ANNOTATES, directions=BOTH)
def operation_titled_differently(pair: ObjectPair) -> Iterator[Change]:
    """The title of an operation on a channel reads differently."""
    yield from pair.changed("title")


@rule("message-content-type-changed", "message", Effect.REPLACES)
def message_content_type_changed(pair: ObjectPair) -> Iterator[Change]:
    """A message is written in another media type."""
    for change in pair.changed("contentType"):
        if _media(change.before) != _media(change.after):
            yield change


@rule("message-binding-changed", "message", Effect.REPLACES)
def message_binding_changed(pair: ObjectPair) -> Iterator[Change]:
    """A message is carried otherwise by a protocol."""
    yield from _bindings(ObjectPair(pair.old, pair.new, {"bindings": (pair.old["bindings"], pair.new["bindings"])}))


@rule("correlation-changed", "message", Effect.REPLACES)
def correlation_changed(pair: ObjectPair) -> Iterator[Change]:
    """Messages that belong together are known by another member."""
    old, new = pair.old.child("correlationId", "location").value, pair.new.child("correlationId", "location").value
    if old is not None and old != new:
        yield Change(old, new, f"{pair.new.pointer}/correlationId")


@rule("correlation-told", "message", Effect.ADDS)
def correlation_told(pair: ObjectPair) -> Iterator[Change]:
    """It is told by which member messages are known to belong together."""
    old, new = pair.old.child("correlationId", "location").value, pair.new.child("correlationId", "location").value
    if old is None and new is not None:
        yield Change(old, new, f"{pair.new.pointer}/correlationId")


@rule("message-described-differently", "message", Effect.ANNOTATES)
def message_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """Name, title, summary, description, tags or examples of a message read differently."""
    for key in ("name", "title", "summary", "description", "tags", "externalDocs", "examples"):
        yield from pair.changed(key)
    old, new = pair.old.child("correlationId", "description"), pair.new.child("correlationId", "description")
    if old.value != new.value:
        yield Change(old.value, new.value, new.pointer)


@rule("message-deprecated", "message", Effect.ADDS, policy="deprecation")
def message_deprecated(pair: ObjectPair) -> Iterator[Change]:
    """A message is deprecated, or no longer is."""
    yield from pair.changed("deprecated", default=False)


def _bindings(pair: ObjectPair, aside: dict[str, tuple[str, ...]] | None = None) -> Iterator[Change]:
    """Each protocol whose binding says something else, notes and versions left aside."""
    before, after = pair.extra["bindings"]
    for protocol in sorted({*before, *after}):
        schemas = [key for bound, key in BOUND if bound == protocol and protocol in before and protocol in after]
        left = (aside or {}).get(protocol, ("bindingVersion", *schemas))
        first, second = _said(before.get(protocol), left), _said(after.get(protocol), left)
        if first != second:
            yield Change(first, second, f"{pair.new.pointer}/bindings/{protocol}")


def _said(value: Any, aside: tuple[str, ...] = ()) -> Any:
    """What a binding says, without what is only told to people."""
    if is_mapping(value):
        return {key: _said(each) for key, each in value.items() if key not in (*aside, "description", "examples")}
    return [_said(each) for each in value] if is_list(value) else {} if value is None and aside else value


def _media(value: Any) -> Any:
    return "".join(value.lower().split()) if isinstance(value, str) else value


for _id, _effect, _sentence in (
    ("channel-operation-removed", Effect.BREAKS, "An operation on a channel is gone."),
    ("channel-operation-added", Effect.ADDS, "An operation on a channel is new."),
    ("channel-operation-turned", Effect.REPLACES, "What was received is sent now, or the other way round."),
    ("received-message-removed", Effect.BREAKS, "A message is no longer received."),
    ("received-message-added", Effect.ADDS, "One more message is received."),
    ("sent-message-added", Effect.WIDENS, "One more message is sent."),
    ("sent-message-removed", Effect.ADDS, "A message is no longer sent."),
    ("message-renamed", Effect.ANNOTATES, "A message that is written in the same way has another name in the document."),
    ("payload-added", Effect.NARROWS, "A message has a schema where it had none."),
    ("payload-removed", Effect.WIDENS, "A message no longer has a schema."),
    (
        "schema-format-changed",
        Effect.UNKNOWN,
        "The schema of a message is written in a language that cannot be compared with the one before.",
    ),
    ("unread-schema-changed", Effect.UNKNOWN, "The schema of a message is written in a language that is not read here, and it changed."),
    ("reply-removed", Effect.BREAKS, "A message is no longer answered."),
    ("reply-added", Effect.ADDS, "A message is answered."),
    ("reply-address-changed", Effect.REPLACES, "An answer goes elsewhere."),
    ("reply-described-differently", Effect.ANNOTATES, "The description of where an answer goes reads differently."),
):
    rule(_id, "messages", _effect, sentence=_sentence)(lambda _: ())

for _id, _effect, _sentence, _policy in (
    ("channel-removed", Effect.BREAKS, "A channel is gone, with every operation on it.", None),
    ("channel-added", Effect.ADDS, "A channel is new.", None),
    ("channel-renamed", Effect.REPLACES, "A channel at the same address has another name in the document.", "operation-id"),
    ("channel-operation-renamed", Effect.REPLACES, "An operation that does the same has another name in the document.", "operation-id"),
    ("channel-of-operation-changed", Effect.REPLACES, "An operation, or its answer, is on another channel.", None),
    ("channel-left-server", Effect.BREAKS, "A channel is no longer found on a server that stays.", None),
    ("channel-joined-server", Effect.ADDS, "A channel is found on one more server.", None),
    ("messages-became-alike", Effect.BREAKS, "Two messages of a channel can no longer be told apart: one value is both.", None),
    (
        "messages-perhaps-alike",
        Effect.UNKNOWN,
        "Two messages of a channel could be told apart, and it is not proved that they still can.",
        None,
    ),
):
    rule(_id, "channels", _effect, policy=_policy, directions=BOTH, sentence=_sentence)(lambda _: ())

for _id, _effect, _sentence in (
    ("subprotocol-removed", Effect.NARROWS, "A protocol may no longer be asked for when a session is opened."),
    ("subprotocol-added", Effect.WIDENS, "One more protocol may be asked for when a session is opened."),
    ("subprotocol-became-required", Effect.NARROWS, "A protocol must be asked for when a session is opened."),
    ("subprotocol-became-optional", Effect.WIDENS, "A session may be opened without asking for a protocol."),
):
    rule(_id, "handshakes", _effect, directions=SENT, sentence=_sentence)(lambda _: ())
