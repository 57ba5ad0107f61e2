"""Servers of AsyncAPI documents: where they are and how they are spoken to."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts.json_types import is_list

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.rules.model import Change, reported_by_walk, rule
from assay_compatibility.rules.pairs import ObjectPair

BOTH = (Direction.BOTH,)
ADDRESS = "server-address"


@rule("server-host-changed", "server", Effect.REPLACES, policy=ADDRESS, directions=BOTH)
def server_host_changed(pair: ObjectPair) -> Iterator[Change]:
    """The host of a server changed."""
    yield from pair.changed("host")


@rule("server-path-changed", "server", Effect.REPLACES, policy=ADDRESS, directions=BOTH)
def server_path_changed(pair: ObjectPair) -> Iterator[Change]:
    """The path of a server changed."""
    yield from pair.changed("pathname", default="")


@rule("server-protocol-changed", "server", Effect.REPLACES, directions=BOTH)
def server_protocol_changed(pair: ObjectPair) -> Iterator[Change]:
    """The protocol of a server changed."""
    yield from pair.changed("protocol")


@rule("server-protocol-version-changed", "server", Effect.REPLACES, directions=BOTH)
def server_protocol_version_changed(pair: ObjectPair) -> Iterator[Change]:
    """The protocol version of a server changed."""
    if pair.old["protocolVersion"] is not None:
        yield from pair.changed("protocolVersion")


@rule("server-protocol-version-told", "server", Effect.ANNOTATES, directions=BOTH)
def server_protocol_version_told(pair: ObjectPair) -> Iterator[Change]:
    """A protocol version was added to a server."""
    if pair.old["protocolVersion"] is None:
        yield from pair.changed("protocolVersion")


@rule("server-binding-changed", "server", Effect.REPLACES, directions=BOTH)
def server_binding_changed(pair: ObjectPair) -> Iterator[Change]:
    """The protocol binding of a server changed."""
    yield from pair.changed("bindings")


@rule("server-described-differently", "server", Effect.ANNOTATES, directions=BOTH)
def server_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The title, summary, description or tags of a server changed."""
    for key in ("title", "summary", "description", "tags", "externalDocs"):
        yield from pair.changed(key)


def _values(raw: object) -> list[str]:
    return [str(value) for value in raw] if is_list(raw) else []


@rule("server-variable-value-removed", "server-variable", Effect.BREAKS, policy=ADDRESS, directions=BOTH)
def server_variable_value_removed(pair: ObjectPair) -> Iterator[Change]:
    """A value of a server variable was removed."""
    before, after = _values(pair.old["enum"]), _values(pair.new["enum"])
    if after:
        yield from (Change(value, None, f"{pair.new.pointer}/enum") for value in before if value not in after)
        if not before:
            yield Change(None, after, f"{pair.new.pointer}/enum")


@rule("server-variable-value-added", "server-variable", Effect.ADDS, directions=BOTH)
def server_variable_value_added(pair: ObjectPair) -> Iterator[Change]:
    """A value of a server variable was added."""
    before, after = _values(pair.old["enum"]), _values(pair.new["enum"])
    if before:
        yield from (Change(None, value, f"{pair.new.pointer}/enum") for value in after if value not in before)
        if not after:
            yield Change(before, None, f"{pair.new.pointer}/enum")


@rule("server-variable-default-changed", "server-variable", Effect.REPLACES, policy=ADDRESS, directions=BOTH)
def server_variable_default_changed(pair: ObjectPair) -> Iterator[Change]:
    """The default value of a server variable changed."""
    yield from pair.changed("default")


@rule("server-variable-described-differently", "server-variable", Effect.ANNOTATES, directions=BOTH)
def server_variable_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The description of a server variable changed."""
    for key in ("description", "examples"):
        yield from pair.changed(key)


# The walk reports these: it alone knows what stands in both documents.
reported_by_walk("server-removed", "servers", Effect.BREAKS, "A server was removed.", policy=ADDRESS, directions=BOTH)
reported_by_walk("server-added", "servers", Effect.ADDS, "A server was added.", directions=BOTH)
reported_by_walk(
    "server-renamed",
    "servers",
    Effect.REPLACES,
    "A server at the same address was renamed in the document.",
    policy="operation-id",
    directions=BOTH,
)
