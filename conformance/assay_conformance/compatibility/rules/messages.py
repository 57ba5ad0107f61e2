"""Channels, operations and messages of AsyncAPI documents."""

from __future__ import annotations

from collections.abc import Iterator

from assay_conformance.compatibility.classes import Effect
from assay_conformance.compatibility.rules.model import Change, rule
from assay_conformance.compatibility.rules.pairs import ObjectPair


@rule("channel-address-changed", "channel", Effect.REPLACES)
def channel_address_changed(pair: ObjectPair) -> Iterator[Change]:
    """A channel is found at another address."""
    yield from pair.changed("address")


@rule("channel-binding-changed", "channel", Effect.REPLACES)
def channel_binding_changed(pair: ObjectPair) -> Iterator[Change]:
    """The method or the protocol of a channel's handshake is another."""
    for protocol in sorted({*(pair.old["bindings"] or ()), *(pair.new["bindings"] or ())}):
        old, new = pair.old.child("bindings", protocol), pair.new.child("bindings", protocol)
        kept = ("query", "headers", "bindingVersion")
        first = {key: each.value for key, each in old.children() if key not in kept}
        second = {key: each.value for key, each in new.children() if key not in kept}
        if first != second:
            yield Change(first, second, new.pointer)


@rule("channel-described-differently", "channel", Effect.ANNOTATES)
def channel_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """Title, summary, description or tags of a channel read differently."""
    for key in ("title", "summary", "description", "tags", "externalDocs"):
        yield from pair.changed(key)


@rule("channel-extension-changed", "channel", Effect.ANNOTATES)
def channel_extension_changed(pair: ObjectPair) -> Iterator[Change]:
    """An extension of a channel that no rule knows is another."""
    names = {key for side in (pair.old, pair.new) for key, _ in side.children() if key.startswith("x-")}
    for key in sorted(names):
        yield from pair.changed(key)


@rule("message-content-type-changed", "message", Effect.REPLACES)
def message_content_type_changed(pair: ObjectPair) -> Iterator[Change]:
    """A message is written in another media type."""
    yield from pair.changed("contentType")


@rule("correlation-changed", "message", Effect.REPLACES)
def correlation_changed(pair: ObjectPair) -> Iterator[Change]:
    """Messages that belong together are known by another member."""
    old, new = pair.old.child("correlationId", "location").value, pair.new.child("correlationId", "location").value
    if old != new:
        yield Change(old, new, f"{pair.new.pointer}/correlationId")


@rule("message-described-differently", "message", Effect.ANNOTATES)
def message_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """Name, title, summary, description, tags or examples of a message read differently."""
    for key in ("name", "title", "summary", "description", "tags", "externalDocs", "examples"):
        yield from pair.changed(key)


for _id, _effect, _sentence in (
    ("channel-operation-removed", Effect.BREAKS, "An operation on a channel is gone."),
    ("channel-operation-added", Effect.ADDS, "An operation on a channel is new."),
    ("channel-operation-turned", Effect.REPLACES, "What was received is sent now, or the other way round."),
    ("received-message-removed", Effect.BREAKS, "A message is no longer received."),
    ("received-message-added", Effect.ADDS, "One more message is received."),
    ("sent-message-added", Effect.WIDENS, "One more message is sent."),
    ("sent-message-removed", Effect.ADDS, "A message is no longer sent."),
    ("payload-added", Effect.NARROWS, "A message has a schema where it had none."),
    ("payload-removed", Effect.WIDENS, "A message no longer has a schema."),
    ("reply-removed", Effect.BREAKS, "A message is no longer answered."),
    ("reply-added", Effect.ADDS, "A message is answered."),
    ("reply-address-changed", Effect.REPLACES, "An answer goes elsewhere."),
):
    rule(_id, "messages", _effect, sentence=_sentence)(lambda _: ())
