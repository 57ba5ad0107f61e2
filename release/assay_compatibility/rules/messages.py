"""Channels, operations and messages of AsyncAPI documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.rules.model import Change, reported_by_walk, rule
from assay_compatibility.rules.pairs import ObjectPair

SENT, BOTH = (Direction.REQUEST,), (Direction.BOTH,)
# What a binding says beside what is compared part by part.
_HANDSHAKE = ("query", "headers", "bindingVersion", "method")
# The schemas that bindings of operations and messages hold, compared as schemas.
BOUND = (("http", "query"), ("http", "headers"), ("kafka", "key"), ("jms", "headers"), ("anypointmq", "headers"))


@rule("channel-address-changed", "channel", Effect.REPLACES)
def channel_address_changed(pair: ObjectPair) -> Iterator[Change]:
    """The address of a channel changed."""
    before, after = pair.extra["addresses"]
    if before != after:
        yield Change(pair.old["address"], pair.new["address"], f"{pair.new.pointer}/address")


@rule("channel-binding-changed", "channel", Effect.REPLACES)
def channel_binding_changed(pair: ObjectPair) -> Iterator[Change]:
    """The protocol binding of a channel changed."""
    yield from _bindings(pair, aside={"ws": _HANDSHAKE})


@rule("channel-described-differently", "channel", Effect.ANNOTATES)
def channel_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The title, summary, description or tags of a channel changed."""
    for key in ("title", "summary", "description", "tags", "externalDocs"):
        yield from pair.changed(key)


@rule("handshake-method-changed", "handshake", Effect.REPLACES, directions=SENT)
def handshake_method_changed(pair: ObjectPair) -> Iterator[Change]:
    """The HTTP method of the handshake changed."""
    yield from pair.changed("method", default="GET")


@rule("handshake-described-differently", "handshake", Effect.ANNOTATES, directions=SENT)
def handshake_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The binding version of the handshake changed."""
    yield from pair.changed("bindingVersion")


@rule("channel-parameter-moved", "channel-parameter", Effect.REPLACES, directions=SENT)
def channel_parameter_moved(pair: ObjectPair) -> Iterator[Change]:
    """The location of an address parameter in the message changed."""
    yield from pair.changed("location")


@rule("operation-binding-changed", "channel-operation", Effect.REPLACES, directions=BOTH)
def operation_binding_changed(pair: ObjectPair) -> Iterator[Change]:
    """The protocol binding of an operation changed."""
    yield from _bindings(pair)


@rule("operation-titled-differently", "channel-operation", Effect.ANNOTATES, directions=BOTH)
def operation_titled_differently(pair: ObjectPair) -> Iterator[Change]:
    """The title of an operation on a channel changed."""
    yield from pair.changed("title")


@rule("message-content-type-changed", "message", Effect.REPLACES)
def message_content_type_changed(pair: ObjectPair) -> Iterator[Change]:
    """The content type of a message changed."""
    for change in pair.changed("contentType"):
        if _media(change.before) != _media(change.after):
            yield change


@rule("message-binding-changed", "message", Effect.REPLACES)
def message_binding_changed(pair: ObjectPair) -> Iterator[Change]:
    """The protocol binding of a message changed."""
    yield from _bindings(ObjectPair(pair.old, pair.new, {"bindings": (pair.old["bindings"], pair.new["bindings"])}))


@rule("correlation-changed", "message", Effect.REPLACES)
def correlation_changed(pair: ObjectPair) -> Iterator[Change]:
    """The location of the correlation ID changed."""
    old, new = pair.old.child("correlationId", "location").value, pair.new.child("correlationId", "location").value
    if old is not None and old != new:
        yield Change(old, new, f"{pair.new.pointer}/correlationId")


@rule("correlation-told", "message", Effect.ADDS)
def correlation_told(pair: ObjectPair) -> Iterator[Change]:
    """A location of the correlation ID was added."""
    old, new = pair.old.child("correlationId", "location").value, pair.new.child("correlationId", "location").value
    if old is None and new is not None:
        yield Change(old, new, f"{pair.new.pointer}/correlationId")


@rule("message-described-differently", "message", Effect.ANNOTATES)
def message_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The name, title, summary, description, tags or examples of a message changed."""
    for key in ("name", "title", "summary", "description", "tags", "externalDocs", "examples"):
        yield from pair.changed(key)
    old, new = pair.old.child("correlationId", "description"), pair.new.child("correlationId", "description")
    if old.value != new.value:
        yield Change(old.value, new.value, new.pointer)


@rule("message-deprecated", "message", Effect.ADDS, policy="deprecation")
def message_deprecated(pair: ObjectPair) -> Iterator[Change]:
    """The deprecated flag of a message changed."""
    yield from pair.changed("deprecated", default=False)


def _bindings(pair: ObjectPair, aside: dict[str, tuple[str, ...]] | None = None) -> Iterator[Change]:
    """Each protocol whose binding says something else, notes and versions left aside."""
    before, after = pair.extra["bindings"]
    for protocol in sorted({*before, *after}):
        schemas = [key for bound, key in BOUND if bound == protocol and protocol in before and protocol in after]
        left = (aside or {}).get(protocol, ("bindingVersion", *schemas))
        first, second = _without_descriptions(before.get(protocol), left), _without_descriptions(after.get(protocol), left)
        if first != second:
            yield Change(first, second, f"{pair.new.pointer}/bindings/{protocol}")


def _without_descriptions(value: Any, aside: tuple[str, ...] = ()) -> Any:
    """What a binding says, without what is only told to people."""
    if is_mapping(value):
        return {key: _without_descriptions(below) for key, below in value.items() if key not in (*aside, "description", "examples")}
    return [_without_descriptions(item) for item in value] if is_list(value) else {} if value is None and aside else value


def _media(value: Any) -> Any:
    return "".join(value.lower().split()) if isinstance(value, str) else value


# The walk reports these: it alone knows what stands in both documents.
reported_by_walk("channel-operation-removed", "messages", Effect.BREAKS, "An operation on a channel was removed.")
reported_by_walk("channel-operation-added", "messages", Effect.ADDS, "An operation on a channel was added.")
reported_by_walk("channel-operation-turned", "messages", Effect.REPLACES, "The operation's action changed between `send` and `receive`.")
reported_by_walk("received-message-removed", "messages", Effect.BREAKS, "A message that the server received was removed.")
reported_by_walk("received-message-added", "messages", Effect.ADDS, "A message that the server receives was added.")
reported_by_walk("sent-message-added", "messages", Effect.WIDENS, "A message that the server sends was added.")
reported_by_walk("sent-message-removed", "messages", Effect.ADDS, "A message that the server sent was removed.")
reported_by_walk("message-renamed", "messages", Effect.ANNOTATES, "A message was renamed in the document and is otherwise unchanged.")
reported_by_walk("payload-added", "messages", Effect.NARROWS, "A schema was added to a message that had none.")
reported_by_walk("payload-removed", "messages", Effect.WIDENS, "The schema of a message was removed.")
reported_by_walk(
    "schema-format-changed",
    "messages",
    Effect.UNKNOWN,
    "The schema of a message changed to another schema language, so the two cannot be compared.",
)
reported_by_walk("unread-schema-changed", "messages", Effect.UNKNOWN, "The schema of a message changed, and its language is not supported.")
reported_by_walk("reply-removed", "messages", Effect.BREAKS, "The reply to a message was removed.")
reported_by_walk("reply-added", "messages", Effect.ADDS, "A reply to a message was added.")
reported_by_walk("reply-address-changed", "messages", Effect.REPLACES, "The address of a reply changed.")
reported_by_walk("reply-described-differently", "messages", Effect.ANNOTATES, "The description of a reply's address changed.")
reported_by_walk("channel-removed", "channels", Effect.BREAKS, "A channel was removed with every operation on it.", directions=BOTH)
reported_by_walk("channel-added", "channels", Effect.ADDS, "A channel was added.", directions=BOTH)
reported_by_walk(
    "channel-renamed",
    "channels",
    Effect.REPLACES,
    "A channel at the same address was renamed in the document.",
    policy="operation-id",
    directions=BOTH,
)
reported_by_walk(
    "channel-operation-renamed",
    "channels",
    Effect.REPLACES,
    "An operation on a channel was renamed in the document and is otherwise unchanged.",
    policy="operation-id",
    directions=BOTH,
)
reported_by_walk(
    "channel-of-operation-changed", "channels", Effect.REPLACES, "The channel of an operation or of its reply changed.", directions=BOTH
)
reported_by_walk("channel-left-server", "channels", Effect.BREAKS, "A channel was removed from a server that remains.", directions=BOTH)
reported_by_walk("channel-joined-server", "channels", Effect.ADDS, "A channel was added to a further server.", directions=BOTH)
reported_by_walk(
    "messages-became-alike",
    "channels",
    Effect.BREAKS,
    "One value now matches two messages of a channel that were distinct.",
    directions=BOTH,
)
reported_by_walk(
    "messages-perhaps-alike",
    "channels",
    Effect.UNKNOWN,
    "No proof shows that two messages of a channel are still distinct.",
    directions=BOTH,
)
reported_by_walk(
    "subprotocol-removed", "handshakes", Effect.NARROWS, "A WebSocket subprotocol was removed from the handshake.", directions=SENT
)
reported_by_walk("subprotocol-added", "handshakes", Effect.WIDENS, "A WebSocket subprotocol was added to the handshake.", directions=SENT)
reported_by_walk(
    "subprotocol-became-required", "handshakes", Effect.NARROWS, "The handshake now requires a WebSocket subprotocol.", directions=SENT
)
reported_by_walk(
    "subprotocol-became-optional", "handshakes", Effect.WIDENS, "The handshake no longer requires a WebSocket subprotocol.", directions=SENT
)
