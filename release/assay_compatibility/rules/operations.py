"""Paths, operations, bodies, media types, statuses, servers, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts.json_types import is_mapping

from assay_compatibility.classes import Effect
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change, rule
from assay_compatibility.rules.pairs import ObjectPair


@rule("operation-id-changed", "operation", Effect.REPLACES, policy="operation-id")
def operation_id_changed(pair: ObjectPair) -> Iterator[Change]:
    """An operation has another name."""
    yield from pair.changed("operationId")


@rule("operation-deprecated", "operation", Effect.ADDS, policy="deprecation")
def operation_deprecated(pair: ObjectPair) -> Iterator[Change]:
    """An operation is deprecated, or no longer is."""
    yield from pair.changed("deprecated", default=False)


@rule("operation-described-differently", "operation", Effect.ANNOTATES)
def operation_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """Summary, description, tags or external documentation of an operation read differently."""
    for key in ("summary", "description", "externalDocs"):
        yield from pair.changed(key)
    yield from pair.changed("tags", default=[])


@rule("servers-changed", "operation", Effect.REPLACES, policy="server-address")
def servers_changed(pair: ObjectPair) -> Iterator[Change]:
    """The API is found at other addresses."""
    yield from pair.changed("servers", default=[])


@rule("body-became-required", "body", Effect.NARROWS)
def body_became_required(pair: ObjectPair) -> Iterator[Change]:
    """A body must be sent that could be left out."""
    if pair.new["required"] is True and pair.old["required"] is not True:
        yield Change(False, True)


@rule("body-became-optional", "body", Effect.WIDENS)
def body_became_optional(pair: ObjectPair) -> Iterator[Change]:
    """A body may be left out."""
    if pair.old["required"] is True and pair.new["required"] is not True:
        yield Change(True, False)


@rule("body-described-differently", "body", Effect.ANNOTATES)
def body_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The description of a body reads differently."""
    yield from pair.changed("description")


@rule("response-described-differently", "response", Effect.ANNOTATES)
def response_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The description or the links of a response read differently."""
    for key in ("description", "links"):
        yield from pair.changed(key)


@rule("media-type-described-differently", "media-type", Effect.ANNOTATES)
def media_type_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The examples of a body read differently."""
    for key in ("example", "examples"):
        yield from pair.changed(key)


@rule("encoding-changed", "media-type", Effect.REPLACES)
def encoding_changed(pair: ObjectPair) -> Iterator[Change]:
    """The parts of a body are written in another way."""
    old, new = _encodings(pair.old["encoding"]), _encodings(pair.new["encoding"])
    # A part that came or went is told by the schema; only parts on both sides can be written in another way.
    parts = _parts(pair.old) & _parts(pair.new) if pair.old["schema"] and pair.new["schema"] else {*old, *new}
    changed = sorted(name for name in {*old, *new} & parts if old.get(name) != new.get(name))
    if changed:
        yield Change({name: old.get(name) for name in changed}, {name: new.get(name) for name in changed})


def _parts(media: Node) -> set[str]:
    schema = media["schema"]
    named = schema.get("properties") if is_mapping(schema) else None
    told = media["encoding"]
    return set(named) if is_mapping(named) else set(told) if is_mapping(told) else set()


def _encodings(raw: object) -> dict[str, dict[str, object]]:
    if not is_mapping(raw):
        return {}
    told: dict[str, dict[str, object]] = {
        # Headers of a part are compared one by one; here only which there are.
        str(name): {
            key: sorted(each) if key == "headers" and is_mapping(each) else each
            for key, each in value.items()
            if (key, each) not in (("allowReserved", False), ("headers", {}))
        }
        for name, value in raw.items()
        if is_mapping(value)
    }
    return {name: each for name, each in told.items() if each}


# The walk finds these: it alone knows what stands in both documents.
for _id, _area, _effect, _sentence, _policy in (
    ("path-removed", "path", Effect.BREAKS, "A path is gone.", None),
    ("path-added", "path", Effect.ADDS, "A path is new.", None),
    ("operation-removed", "operations", Effect.BREAKS, "An operation is gone.", None),
    ("operation-added", "operations", Effect.ADDS, "An operation is new.", None),
    ("webhook-added", "webhooks", Effect.ADDS, "The server may call one more webhook.", None),
    ("webhook-removed", "webhooks", Effect.BREAKS, "The server no longer calls a webhook.", None),
    ("callback-added", "callbacks", Effect.ADDS, "The server may call back in one more way.", None),
    ("callback-removed", "callbacks", Effect.BREAKS, "The server no longer calls back.", None),
    ("required-body-added", "bodies", Effect.NARROWS, "A body must be sent where there was none.", None),
    ("optional-body-added", "bodies", Effect.ADDS, "A body may be sent where there was none.", None),
    ("body-removed", "bodies", Effect.BREAKS, "No body is read any more.", None),
    ("media-type-added", "media-types", Effect.ADDS, "One more media type is offered.", None),
    ("media-type-removed", "media-types", Effect.BREAKS, "A media type is no longer offered.", None),
    ("content-added-to-empty-response", "media-types", Effect.REPLACES, "A response that had no content has some.", None),
    ("response-content-removed", "media-types", Effect.BREAKS, "A response no longer has content.", None),
    ("schema-of-content-removed", "media-types", Effect.WIDENS, "A media type no longer has a schema.", "untyped-content"),
    ("schema-of-content-added", "media-types", Effect.NARROWS, "A media type has a schema where it had none.", None),
    ("success-status-removed", "statuses", Effect.BREAKS, "A success status is no longer answered.", None),
    ("success-status-added", "statuses", Effect.ADDS, "One more success status may be answered.", None),
    ("other-status-removed", "statuses", Effect.WIDENS, "A status that is no success is no longer described.", "non-success-status"),
    ("other-status-added", "statuses", Effect.ADDS, "A status that is no success is described.", None),
    (
        "document-described-differently",
        "document",
        Effect.ANNOTATES,
        "Title, version, contact or tags of the document read differently.",
        None,
    ),
    ("path-described-differently", "document", Effect.ANNOTATES, "Summary or description of a path read differently.", None),
    (
        "unread-member-changed",
        "document",
        Effect.UNKNOWN,
        "A member that no rule reads is different, so nobody can say what that means.",
        None,
    ),
    ("unused-component-changed", "document", Effect.ANNOTATES, "A component changed that no operation reaches.", None),
):
    rule(_id, _area, _effect, policy=_policy, sentence=_sentence)(lambda _: ())
