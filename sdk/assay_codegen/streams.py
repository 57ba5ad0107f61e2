"""Channels in the words of the code: which message is the state, which a step of it, which only a sign of life."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import Channel, Contract, Parameter

from assay_codegen.errors import NotGeneratable
from assay_codegen.naming import RUNTIME_METHODS, Allocator, attribute, constant, pascal, snake
from assay_codegen.operations import argument_of, version_of
from assay_codegen.pooling import Pool
from assay_codegen.views import ChangesView, ChannelView, MessageView, OperationView, StreamView


def followable(channel: Channel) -> bool:
    """Whether a channel can be followed by itself: after a gap its state can be asked for over HTTP."""
    return "resync" in (channel.annotations.get("x-stream") or {})


def view_stream(contract: Contract, channel: Channel, pool: Pool, operations: Mapping[str, OperationView]) -> StreamView:
    """One channel that carries `x-stream` and can be asked for over HTTP as well."""
    found: Mapping[str, Any] | None = channel.annotations.get("x-stream")
    if found is None or "resync" not in found:
        raise NotGeneratable(f"channel {channel.id}", expected="an x-stream annotation with resync", actual="a channel without")
    models = {name: pool.take(channel.messages[name].payload, pascal(name), channel.id) for name in channel.sent}
    tenancy: Mapping[str, Any] = found.get("tenancy", {})
    names = Allocator({"self"})
    arguments = tuple(
        argument_of(parameter, pool, channel.id, names)
        for parameter in handshake_parameters(channel)
        if parameter.location in ("path", "query")
    )
    resync = operations[found["resync"]["operation"]]
    snapshot = found["snapshot"]
    entities = pool.resolve(pool.at(models[snapshot["message"]], snapshot["state"]))["items"]
    heartbeat = found.get("heartbeat")
    closes: Mapping[str, Any] = found.get("close", {})
    return StreamView(
        id=channel.id,
        constant=constant(channel.id),
        name=snake(channel.id),
        title=pascal(channel.id),
        summary=channel.summary or f"Follow {channel.id}.",
        address=channel.address,
        arguments=arguments,
        tenant_argument=next((argument.name for argument in arguments if argument.wire == tenancy.get("parameter")), None),
        numbering=", ".join(f"{word}={value}" for word, value in numbering_terms(found, pool, models).items()),
        silence=_seconds(heartbeat["every"]) if heartbeat else None,
        discriminator=snake(found["type"]),
        type_at=(found["type"],),
        kinds=tuple(sorted(channel.sent)),
        closes=tuple((int(code), close["when"]) for code, close in sorted(closes.items())),
        messages=tuple(_message(contract, found, pool, name, models[name]) for name in channel.sent),
        entity=entities["$ref"].removeprefix("#/$defs/"),
        identity=attribute("entity", "/" + snapshot["identity"]),
        resync=resync,
        after_argument=next(argument.name for argument in resync.arguments if argument.wire == found["resync"]["after"]),
        state=_state(contract, pool, resync),
        changes=_changes(contract, pool, resync),
    )


def view_channel(channel: Channel, pool: Pool, taken: frozenset[str]) -> ChannelView:
    """A channel that is not followed: connect, read what the server sends, send what a client may."""
    models = {name: pool.take(message.payload, pascal(name), channel.id) for name, message in channel.messages.items()}
    names = Allocator({"self"})
    arguments = tuple(argument_of(parameter, pool, channel.id, names) for parameter in handshake_parameters(channel))
    receives = tuple(dict.fromkeys(models[name] for name in channel.sent))
    name = snake(channel.id)
    return ChannelView(
        id=channel.id,
        constant=constant(channel.id),
        name=f"{name}_channel" if name in taken or name in RUNTIME_METHODS else name,
        title=pascal(channel.id),
        summary=channel.summary or f"The channel {channel.id}.",
        address=channel.address if channel.address.startswith("/") else f"/{channel.address}",
        arguments=arguments,
        receives=receives,
        sends=tuple(dict.fromkeys(models[name] for name in channel.received)),
        single=len(receives) == 1 and receives[0] in pool.schemas and "properties" in pool.resolve(pool.schemas[receives[0]]),
    )


def handshake_parameters(channel: Channel) -> tuple[Parameter, ...]:
    """The parameters of a channel's address and handshake, each of them once."""
    declared = {(parameter.location, parameter.name): parameter for parameter in (*channel.parameters, *_queried(channel))}
    return tuple(declared.values())


def _queried(channel: Channel) -> list[Parameter]:
    query: Mapping[str, Any] = channel.handshake.query or {}
    definitions = query.get("$defs", {})
    return [
        Parameter(
            name=name,
            location="query",
            required=name in query.get("required", ()),
            schema={**schema, "$defs": definitions},
            style="form",
            explode=True,
            description=schema.get("description", ""),
        )
        for name, schema in query.get("properties", {}).items()
    ]


def _message(contract: Contract, stream: Mapping[str, Any], pool: Pool, name: str, model: str) -> MessageView:
    snapshot, delta = stream["snapshot"], stream["delta"]
    tenancy: Mapping[str, Any] = stream.get("tenancy", {})
    kind, entities = "beat", ""
    if name == snapshot["message"]:
        kind, entities = "state", snapshot["state"]
    elif name == delta["message"]:
        kind, entities = "step", delta["changes"]
    version = version_of(contract).get("at", "")
    echo: str = next(iter(tenancy.get("echo", ())), "")
    sequence: Mapping[str, str] = stream["sequence"]
    return _reading(pool, model, kind, _Places(sequence["at"], sequence.get("epoch", ""), echo, version, entities))


def _state(contract: Contract, pool: Pool, resync: OperationView) -> MessageView:
    annotations = contract.operation(resync.id).annotations
    found: Mapping[str, Any] | None = annotations.get("x-snapshot")
    if found is None:
        raise NotGeneratable(resync.id, expected="an x-snapshot annotation, since a feed resyncs by it", actual="none")
    tenancy: Mapping[str, Any] = annotations.get("x-tenancy", {})
    echo: str = next(iter(tenancy.get("echo", ())), "")
    version = version_of(contract).get("at", "")
    places = _Places(found["sequence"], found.get("epoch", ""), echo, version, found["state"])
    return _reading(pool, resync.answer, "state", places)


def numbering_terms(stream: Mapping[str, Any], pool: Pool, models: Mapping[str, str]) -> dict[str, int]:
    """How the changes are numbered; a largest number is one after which the numbering starts over."""
    sequence: Mapping[str, Any] = stream["sequence"]
    schema = pool.resolve(pool.at(models[stream["delta"]["message"]], sequence["at"]))
    last = schema.get("maximum")
    if not isinstance(last, int):
        return {"step": sequence["step"]}
    first = schema.get("minimum")
    return {"step": sequence["step"], "first": first if isinstance(first, int) else 0, "last": last}


def _changes(contract: Contract, pool: Pool, resync: OperationView) -> ChangesView:
    """Where the response over HTTP gives the changes since an earlier state, and says that they are no longer kept."""
    found: Mapping[str, Any] = contract.operation(resync.id).annotations["x-snapshot"]
    item = pool.resolve(pool.at(resync.answer, found["changes"]))["items"]["$ref"].removeprefix("#/$defs/")
    sequence = "/" + found["sequence"].rpartition("/")[2]
    return ChangesView(
        model=item,
        items=attribute("message", found["changes"]),
        truncated=attribute("message", found["truncated"]),
        sequence=attribute("change", sequence) if pool.has(item, sequence) else "",
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """The pointers of a message; empty for what the contract has no place for."""

    sequence: str
    epoch: str
    tenant: str
    version: str
    entities: str


def _reading(pool: Pool, model: str, kind: str, places: _Places) -> MessageView:
    def stated(pointer: str) -> str:
        return attribute("message", pointer) if pointer and pool.has(model, pointer) else ""

    beat = kind == "beat"
    return MessageView(
        model=model,
        kind=kind,
        sequence="" if beat else stated(places.sequence),
        tenant=stated(places.tenant),
        version=stated(places.version),
        entities="" if beat else stated(places.entities),
        epoch=stated(places.epoch),
    )


def _seconds(duration: str) -> float:
    found = re.fullmatch(r"PT([0-9]+)S", duration)
    if found is None:
        raise NotGeneratable("x-stream heartbeat", expected="whole seconds such as PT10S", actual=duration)
    return float(found[1])
