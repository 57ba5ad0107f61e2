"""Paths, operations, bodies, media types, statuses, servers, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts.json_types import is_mapping

from assay_compatibility.classes import Effect
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change, reported_by_walk, rule
from assay_compatibility.rules.pairs import ObjectPair


@rule("operation-id-changed", "operation", Effect.REPLACES, policy="operation-id")
def operation_id_changed(pair: ObjectPair) -> Iterator[Change]:
    """The `operationId` of an operation changed."""
    yield from pair.changed("operationId")


@rule("operation-deprecated", "operation", Effect.ADDS, policy="deprecation")
def operation_deprecated(pair: ObjectPair) -> Iterator[Change]:
    """The deprecated flag of an operation changed."""
    yield from pair.changed("deprecated", default=False)


@rule("operation-described-differently", "operation", Effect.ANNOTATES)
def operation_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The summary, description, tags or external documentation of an operation changed."""
    for key in ("summary", "description", "externalDocs"):
        yield from pair.changed(key)
    yield from pair.changed("tags", default=[])


@rule("servers-changed", "operation", Effect.REPLACES, policy="server-address")
def servers_changed(pair: ObjectPair) -> Iterator[Change]:
    """The servers of the API changed."""
    yield from pair.changed("servers", default=[])


@rule("body-became-required", "body", Effect.NARROWS)
def body_became_required(pair: ObjectPair) -> Iterator[Change]:
    """The request body became required."""
    if pair.new["required"] is True and pair.old["required"] is not True:
        yield Change(before=False, after=True)


@rule("body-became-optional", "body", Effect.WIDENS)
def body_became_optional(pair: ObjectPair) -> Iterator[Change]:
    """The request body became optional."""
    if pair.old["required"] is True and pair.new["required"] is not True:
        yield Change(before=True, after=False)


@rule("body-described-differently", "body", Effect.ANNOTATES)
def body_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The description of a request body changed."""
    yield from pair.changed("description")


@rule("response-described-differently", "response", Effect.ANNOTATES)
def response_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The description or the links of a response changed."""
    for key in ("description", "links"):
        yield from pair.changed(key)


@rule("media-type-described-differently", "media-type", Effect.ANNOTATES)
def media_type_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The examples of a media type changed."""
    for key in ("example", "examples"):
        yield from pair.changed(key)


@rule("encoding-changed", "media-type", Effect.REPLACES)
def encoding_changed(pair: ObjectPair) -> Iterator[Change]:
    """The encoding of a body's parts changed."""
    old, new = _encodings(pair.old["encoding"]), _encodings(pair.new["encoding"])
    # A part that came or went is told by the schema; only parts on both sides can be written in another way.
    parts = _parts(pair.old) & _parts(pair.new) if pair.old["schema"] and pair.new["schema"] else {*old, *new}
    changed = sorted(name for name in {*old, *new} & parts if old.get(name) != new.get(name))
    if changed:
        yield Change({name: old.get(name) for name in changed}, {name: new.get(name) for name in changed})


def _parts(media: Node) -> set[str]:
    schema = media["schema"]
    named = schema.get("properties") if is_mapping(schema) else None
    encoding = media["encoding"]
    return set(named) if is_mapping(named) else set(encoding) if is_mapping(encoding) else set()


def _encodings(raw: object) -> dict[str, dict[str, object]]:
    if not is_mapping(raw):
        return {}
    encodings: dict[str, dict[str, object]] = {
        # Headers of a part are compared one by one; here only which there are.
        str(name): {
            key: sorted(below) if key == "headers" and is_mapping(below) else below
            for key, below in value.items()
            if (key, below) not in (("allowReserved", False), ("headers", {}))
        }
        for name, value in raw.items()
        if is_mapping(value)
    }
    return {name: encoding for name, encoding in encodings.items() if encoding}


# The walk reports these: it alone knows what stands in both documents.
reported_by_walk("path-removed", "path", Effect.BREAKS, "A path was removed.")
reported_by_walk("path-added", "path", Effect.ADDS, "A path was added.")
reported_by_walk(
    "path-parameter-renamed", "path", Effect.ANNOTATES, "A path parameter was renamed. Its name is never sent.", policy="same-on-the-wire"
)
reported_by_walk(
    "server-base-path-changed",
    "document",
    Effect.REPLACES,
    "The base path of a server changed, and its host is the same.",
    policy="server-base-path",
)
reported_by_walk("operation-removed", "operations", Effect.BREAKS, "An operation was removed.")
reported_by_walk("operation-added", "operations", Effect.ADDS, "An operation was added.")
reported_by_walk("webhook-added", "webhooks", Effect.ADDS, "A webhook that the server can call was added.")
reported_by_walk("webhook-removed", "webhooks", Effect.BREAKS, "A webhook that the server called was removed.")
reported_by_walk("callback-added", "callbacks", Effect.ADDS, "A callback was added to an operation.")
reported_by_walk("callback-removed", "callbacks", Effect.BREAKS, "A callback was removed from an operation.")
reported_by_walk("required-body-added", "bodies", Effect.NARROWS, "A required request body was added.")
reported_by_walk("optional-body-added", "bodies", Effect.ADDS, "An optional request body was added.")
reported_by_walk("body-removed", "bodies", Effect.BREAKS, "The request body was removed.")
reported_by_walk("media-type-added", "media-types", Effect.ADDS, "A media type was added.")
reported_by_walk("media-type-removed", "media-types", Effect.BREAKS, "A media type was removed.")
reported_by_walk("content-added-to-empty-response", "media-types", Effect.REPLACES, "Content was added to a response that had none.")
reported_by_walk("response-content-removed", "media-types", Effect.BREAKS, "The content of a response was removed.")
reported_by_walk(
    "schema-of-content-removed", "media-types", Effect.WIDENS, "The schema of a media type was removed.", policy="untyped-content"
)
reported_by_walk("schema-of-content-added", "media-types", Effect.NARROWS, "A schema was added to a media type that had none.")
reported_by_walk("success-status-removed", "statuses", Effect.BREAKS, "A success status was removed.")
reported_by_walk("success-status-added", "statuses", Effect.ADDS, "A success status was added.")
reported_by_walk("other-status-removed", "statuses", Effect.WIDENS, "A status other than success was removed.", policy="non-success-status")
reported_by_walk("other-status-added", "statuses", Effect.ADDS, "A status other than success was added.")
reported_by_walk(
    "document-described-differently", "document", Effect.ANNOTATES, "The title, version, contact or tags of the document changed."
)
reported_by_walk("path-described-differently", "document", Effect.ANNOTATES, "The summary or description of a path changed.")
reported_by_walk(
    "unread-member-changed", "document", Effect.UNKNOWN, "A property that no rule reads changed, so its impact cannot be decided."
)
reported_by_walk("unused-component-changed", "document", Effect.ANNOTATES, "A component that no operation reaches changed.")
