"""Channels out of a bundled AsyncAPI 3 document.

The document describes the application that serves: an operation that `send`s is what the server sends, one
that `receive`s is what a client may send, and a `reply` goes the other way. Payloads are read as JSON Schema 2020-12, as in the OpenAPI
document beside it, also those that name an older draft: what that draft spelled differently is not a schema
of 2020-12, and lint says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from assay_contracts import pointers
from assay_contracts.errors import DocumentMalformed
from assay_contracts.json_types import (
    is_mapping,
    kind,
    mapping,
    optional_mapping,
    optional_text,
    sequence,
    strings,
    text,
)
from assay_contracts.model import Action, Channel, Handshake, Message, Parameter
from assay_contracts.references import dereference
from assay_contracts.self_contained import Embedding

_JSON_SCHEMA_FORMATS = (
    "application/vnd.aai.asyncapi",
    "application/schema+json",
    "application/schema+yaml",
    "application/json",
)


def parse_channels(document: dict[str, Any]) -> tuple[Channel, ...]:
    """Every channel of a bundled document, by name."""
    return tuple(_Parser(document).channels())


def check_version(document: dict[str, Any], where: str) -> None:
    """Refuse what is not AsyncAPI 3.0 or 3.1."""
    version = document.get("asyncapi")
    if not isinstance(version, str) or not version.startswith(("3.0.", "3.1.")):
        actual = kind(version) if "asyncapi" in document else "no property `asyncapi`"
        raise DocumentMalformed(where, expected="asyncapi: 3.0.x or 3.1.x", actual=actual)


class _Parser:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.embedding = Embedding(document)
        self.declared = mapping(document.get("channels"), "channels")

    def channels(self) -> Iterator[Channel]:
        actions = self.actions()
        for id, raw in sorted(self.declared.items()):
            where = f"channels/{id}"
            declared = mapping(self.deref(raw, where), where)
            own = tuple(action for owner, action in actions if owner == id)
            annotations = {
                key: value
                for source in (declared, *(action.annotations for action in own))
                for key, value in source.items()
                if key.startswith("x-")
            }
            yield Channel(
                id=id,
                address=optional_text(declared.get("address"), f"{where}/address"),
                parameters=self.parameters(declared, where),
                messages={
                    name: self.message(name, value, f"{where}/messages/{name}")
                    for name, value in optional_mapping(declared.get("messages"), f"{where}/messages").items()
                },
                sent=_names(own, "send"),
                received=_names(own, "receive"),
                annotations=annotations,
                handshake=self.handshake(declared, where),
                actions=own,
                error_codes=strings(annotations.get("x-error-codes"), f"{where}: x-error-codes"),
                summary=optional_text(declared.get("summary"), f"{where}/summary")
                or optional_text(declared.get("title"), f"{where}/title"),
                secured=self.secured(declared, own, where),
            )

    def deref(self, value: Any, where: str) -> Any:
        return dereference(value, self.document, where)

    def secured(self, declared: dict[str, Any], actions: tuple[Action, ...], where: str) -> bool:
        """Whether every server of the channel requires a credential, or one of its operations does."""
        if any(action.secured for action in actions):
            return True
        servers = optional_mapping(self.document.get("servers"), "servers")
        own = [self.deref(raw, f"{where}/servers") for raw in sequence(declared.get("servers"), f"{where}/servers")]
        found = own or [self.deref(raw, f"servers/{name}") for name, raw in servers.items()]
        return bool(found) and all(is_mapping(server) and bool(server.get("security")) for server in found)

    def actions(self) -> list[tuple[str, Action]]:
        found: list[tuple[str, Action]] = []
        for id, raw in sorted(optional_mapping(self.document.get("operations"), "operations").items()):
            where = f"operations/{id}"
            declared = self.with_traits(mapping(self.deref(raw, where), where), where)
            action = declared.get("action")
            if action not in ("send", "receive"):
                raise DocumentMalformed(f"{where}/action", expected="send or receive", actual=kind(action))
            channel = self.channel_of(declared.get("channel"), f"{where}/channel")
            annotations = {key: value for key, value in declared.items() if key.startswith("x-")}
            there: Literal["send", "receive"] = "send" if action == "send" else "receive"
            secured = bool(sequence(declared.get("security"), f"{where}/security"))
            found.append((channel, Action(id, there, self.messages_of(declared, channel, where), annotations, secured)))
            reply = mapping(self.deref(declared.get("reply", {}), f"{where}/reply"), f"{where}/reply")
            if reply:
                back: Literal["send", "receive"] = "receive" if there == "send" else "send"
                where = f"{where}/reply"
                channel = self.channel_of(reply["channel"], f"{where}/channel") if reply.get("channel") else channel
                found.append((channel, Action(id, back, self.messages_of(reply, channel, where), {})))
        return found

    def messages_of(self, declared: dict[str, Any], channel: str, where: str) -> tuple[str, ...]:
        """The messages that an operation or a reply names; every one of its channel when it names none."""
        if "messages" not in declared:
            return tuple(sorted(optional_mapping(mapping(self.deref(self.declared[channel], where), where).get("messages"), where)))
        listed = enumerate(sequence(declared.get("messages"), f"{where}/messages"))
        return tuple(self.message_name(item, channel, f"{where}/messages/{index}") for index, item in listed)

    def channel_of(self, raw: Any, where: str) -> str:
        tokens = pointers.split(str(mapping(raw, where).get("$ref", "")))
        if len(tokens) == 3 and tokens[0] == "components":
            name = next(
                (id for id, value in self.declared.items() if is_mapping(value) and value.get("$ref") == raw["$ref"]),
                "",
            )
        else:
            name = tokens[1] if len(tokens) == 2 and tokens[0] == "channels" else ""
        if name not in self.declared:
            raise DocumentMalformed(where, expected="a $ref to #/channels/NAME", actual=kind(raw.get("$ref")))
        return name

    def message_name(self, raw: Any, channel: str, where: str) -> str:
        tokens = pointers.split(str(mapping(raw, where).get("$ref", "")))
        if len(tokens) != 4 or (tokens[0], tokens[1], tokens[2]) != ("channels", channel, "messages"):
            raise DocumentMalformed(where, expected=f"a $ref to #/channels/{channel}/messages/NAME", actual=kind(raw.get("$ref")))
        self.deref(raw, where)
        return tokens[3]

    def with_traits(self, declared: dict[str, Any], where: str) -> dict[str, Any]:
        """A value with its traits merged below it: what the value says itself stays."""
        merged: dict[str, Any] = {}
        for index, raw in enumerate(sequence(declared.get("traits"), f"{where}/traits")):
            merged = _merge(merged, mapping(self.deref(raw, f"{where}/traits/{index}"), f"{where}/traits/{index}"))
        return _merge(merged, declared)

    def message(self, name: str, raw: Any, where: str) -> Message:
        declared = self.with_traits(mapping(self.deref(raw, where), where), where)
        examples = sequence(declared.get("examples"), f"{where}/examples")
        return Message(
            name=name,
            payload=self.embedding.embed(self.payload(declared.get("payload", {}), f"{where}/payload"), where),
            examples=tuple(item["payload"] for item in examples if is_mapping(item) and "payload" in item),
            title=optional_text(declared.get("title"), f"{where}/title"),
        )

    def payload(self, raw: Any, where: str) -> Any:
        """The JSON Schema of a payload, which may be wrapped together with the name of its format."""
        if raw is None:
            return {}
        behind = self.deref(raw, where)
        if not is_mapping(behind) or "schemaFormat" not in behind:
            return raw
        form = text(behind["schemaFormat"], f"{where}/schemaFormat")
        if not form.startswith(_JSON_SCHEMA_FORMATS):
            raise DocumentMalformed(f"{where}/schemaFormat", expected="a JSON Schema", actual=form)
        schema = behind.get("schema")
        return {} if schema is None else schema

    def handshake(self, declared: dict[str, Any], where: str) -> Handshake:
        bindings = mapping(self.deref(declared.get("bindings", {}), f"{where}/bindings"), f"{where}/bindings")
        ws = mapping(self.deref(bindings.get("ws", {}), f"{where}/bindings/ws"), f"{where}/bindings/ws")
        query, headers = ws.get("query"), ws.get("headers")
        return Handshake(
            method=optional_text(ws.get("method"), f"{where}/bindings/ws/method") or "GET",
            query=None if query is None else self.embedding.embed(query, f"{where}/bindings/ws/query"),
            headers=None if headers is None else self.embedding.embed(headers, f"{where}/bindings/ws/headers"),
        )

    def parameters(self, declared: dict[str, Any], where: str) -> tuple[Parameter, ...]:
        """What the address has in braces, then what the handshake takes in its query and headers."""
        found: list[Parameter] = []
        declared_parameters = optional_mapping(declared.get("parameters"), f"{where}/parameters")
        for name, raw in sorted(declared_parameters.items()):
            parameter = mapping(self.deref(raw, f"{where}/parameters/{name}"), f"{where}/parameters/{name}")
            schema: dict[str, Any] = {"type": "string"}
            schema |= {key: parameter[key] for key in ("enum", "default", "examples") if key in parameter}
            description = optional_text(parameter.get("description"), f"{where}/parameters/{name}/description")
            found.append(Parameter(name, "path", required=True, schema=schema, style="simple", description=description))
        handshake = self.handshake(declared, where)
        for location, members in (("query", handshake.query), ("header", handshake.headers)):
            found.extend(_members(dict(members or {}), location, where))
        return tuple(found)


def _members(schema: dict[str, Any], location: str, where: str) -> Iterator[Parameter]:
    """The properties of a handshake's schema as parameters, each standing alone."""
    required = strings(schema.get("required"), f"{where}/bindings/ws/{location}/required")
    definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    properties = optional_mapping(schema.get("properties"), f"{where}/bindings/ws/{location}")
    for name, value in sorted(properties.items()):
        own = {**mapping(value, f"{where}/bindings/ws/{location}/{name}"), **definitions}
        description = optional_text(own.get("description"), where)
        style = "form" if location == "query" else "simple"
        yield Parameter(name, location, name in required, own, style, style == "form", description)


def _names(actions: tuple[Action, ...], wanted: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for action in actions if action.action == wanted for name in action.messages))


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """JSON merge patch of the upper value onto the lower one."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if is_mapping(old) and is_mapping(value) else value
    return merged
