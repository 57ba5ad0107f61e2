"""The table of channels: where each is, how a session opens, and how its messages are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay_contracts import Channel, Contract, Parameter
from assay_contracts.json_types import is_list, is_mapping

from assay_codegen.naming import Allocator, pascal, steps
from assay_codegen.operations import version_of
from assay_codegen.pooling import Pool
from assay_codegen.streams import handshake_parameters, numbering_terms
from assay_codegen.structure import UnknownVariant
from assay_codegen.typescript.operations import ArgumentKey, WrittenOperation, argument_type
from assay_codegen.typescript.subprotocols import subprotocols
from assay_codegen.typescript.words import MethodNames, comment, literal, property_name, signs, union
from assay_codegen.typescript.writers import IMPORT, WRITERS, parameter_literal
from assay_codegen.views import Argument, ChannelView, ContractView, MessageView, StreamView

# What a client checks of a message; anything else in a schema is for those who write one.
_CHECKED = ("type", "const", "enum", "required")
_PREFIX = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class WrittenChannel:
    """One channel as code, the models that it names, and what of it could not be understood."""

    id: str
    name: str
    models: tuple[str, ...]
    source: str
    left_out: tuple[str, ...] = ()


def write_channels(
    contract: Contract, view: ContractView, pool: Pool, operations: Sequence[WrittenOperation]
) -> tuple[WrittenChannel, ...]:
    """Every channel of a view; schemas of parameters that refer to others are gathered in the pool."""
    declared = {channel.id: channel for channel in contract.channels}
    constants = {operation.id: f"operations.{operation.name}" for operation in operations}
    # The other names of the module are taken.
    names, types = MethodNames({"operations", "schemas", WRITERS}), Allocator()
    found: list[WrittenChannel] = []
    channels: tuple[StreamView | ChannelView, ...] = (*view.streams, *view.channels)
    for channel in channels:
        name = names.method(channel.id)
        writer = _Writer(contract, pool, declared[channel.id], name, types.take(pascal(name) + "Arguments"))
        if isinstance(channel, StreamView):
            found.append(writer.stream(channel, constants[channel.resync.id]))
        else:
            found.append(writer.channel(channel))
    return tuple(found)


def channel_module(channels: Sequence[WrittenChannel], schemas: Mapping[str, Any], variants: Iterable[UnknownVariant], header: str) -> str:
    """The module with the channels, and the schemas that their messages are checked by."""
    used = _reachable((model for channel in channels for model in channel.models), schemas)
    found = {name: checked(schemas[name]) for name in used}
    for variant in variants:
        if variant.name in found:
            # One with a known tag that breaks the schema of that tag is no unknown one.
            known = {"properties": {variant.property: {"enum": list(variant.known)}}}
            found[variant.name]["not"] = known
    checks = "".join(f"  {property_name(name)}: {literal(schema)},\n" for name, schema in found.items())
    sources = "\n".join(channel.source for channel in channels)
    words = [word for word in ("Channel", "Stream") if f": {word}<" in sources]
    imports = ['import * as operations from "./operations.js";'] if "operation: operations." in sources else []
    imports.append(f'import type {{ {", ".join([*words, "Schema"])} }} from "./runtime/index.js";')
    if f"{WRITERS}." in signs(sources):
        imports.append(IMPORT.rstrip())
    if "t." in sources:
        imports.append('import type * as t from "./types.js";')
    table = f"const schemas: {{ readonly [name: string]: Schema }} = {{\n{checks}}};\n"
    return f"{header}\n" + "\n".join(imports) + f"\n\n{table}\n{sources}"


def checked(schema: Any) -> Any:
    """A schema with nothing but what a client checks.

    >>> checked({"oneOf": [{"$ref": "#/components/schemas/Pond"}, {"type": "null"}], "description": "Where it lives."})
    {'anyOf': [{'$ref': 'Pond'}, {'type': 'null'}]}
    """
    if not is_mapping(schema):
        return schema if isinstance(schema, bool) else True
    found: dict[str, Any] = {word: schema[word] for word in _CHECKED if word in schema}
    reference = schema.get("$ref")
    if isinstance(reference, str) and "/" not in reference.removeprefix(_PREFIX):
        found["$ref"] = reference.removeprefix(_PREFIX)
    if is_mapping(schema.get("properties")):
        found["properties"] = {name: checked(declared) for name, declared in schema["properties"].items()}
    for word in ("items", "additionalProperties"):
        # What items behind a prefix are, or properties beside patterns, is not checked.
        if is_mapping(schema.get(word)) and not schema.keys() & {"prefixItems", "patternProperties"}:
            found[word] = checked(schema[word])
    choices = [[checked(option) for option in schema[word]] for word in ("anyOf", "oneOf") if is_list(schema.get(word))]
    if choices:
        found["anyOf"] = choices[0]
    parts = [checked(part) for part in schema["allOf"]] if is_list(schema.get("allOf")) else []
    parts += [{"anyOf": options} for options in choices[1:]]
    if parts:
        found["allOf"] = parts
    return found


def _reachable(models: Iterable[str], schemas: Mapping[str, Any]) -> list[str]:
    """The schemas that some refer to, with themselves, by name."""
    found: set[str] = set()
    waiting = [name for name in models if name in schemas]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(other for other in _references(checked(schemas[name])) if other in schemas)
    return sorted(found)


def _references(node: Any) -> Iterable[str]:
    if is_mapping(node):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif is_list(node):
        for item in node:
            yield from _references(item)


@dataclass(frozen=True, slots=True)
class _Writer:
    contract: Contract
    pool: Pool
    declared: Channel
    name: str
    arguments: str
    keys: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def channel(self, view: ChannelView) -> WrittenChannel:
        types = [_types(view.receives), _types(view.sends)]
        facts, arguments, notes = self.facts(view.address, view.arguments)
        facts["schema"] = literal({"anyOf": [{"$ref": model} for model in view.receives]})
        return self.written(
            view.summary, f"Channel<{self.arguments}, {', '.join(types)}, {self.close()}>", facts, arguments, view.receives, notes
        )

    def stream(self, view: StreamView, operation: str) -> WrittenChannel:
        terms: Mapping[str, Any] = self.declared.annotations["x-stream"]
        snapshot: Mapping[str, Any] = self.contract.operation(view.resync.id).annotations["x-snapshot"]
        messages = dict(zip(self.declared.sent, view.messages, strict=True))
        models = tuple(message.model for message in view.messages)
        facts, arguments, notes = self.facts(view.address, view.arguments)
        facts["schema"] = literal({"anyOf": [{"$ref": model} for model in models]})
        facts["type"] = literal(view.type_at)
        entities = {"state": terms["snapshot"]["state"], "step": terms["delta"]["changes"], "beat": ""}
        echo = _first(terms.get("tenancy"))
        places = {"sequence": terms["sequence"]["at"], "epoch": terms["sequence"].get("epoch", ""), "tenant": echo}
        read = {name: self.message(message, {**places, "entities": entities[message.kind]}) for name, message in messages.items()}
        facts["messages"] = "{\n" + "".join(f"    {property_name(name)}: {literal(how)},\n" for name, how in read.items()) + "  }"
        facts["identity"] = literal(terms["snapshot"]["identity"])
        facts["numbering"] = literal(numbering_terms(terms, self.pool, {name: message.model for name, message in messages.items()}))
        tenant = next((self.keys.get((item.location, item.wire)) for item in view.arguments if item.name == view.tenant_argument), None)
        if tenant is not None:
            facts["tenant"] = literal(tenant)
        if view.silence is not None:
            facts["silence"] = literal(round(view.silence * 1000))
        echo = _first(self.contract.operation(view.resync.id).annotations.get("x-tenancy"))
        places = {"sequence": snapshot["sequence"], "epoch": snapshot.get("epoch", ""), "tenant": echo, "entities": snapshot["state"]}
        state = self.message(view.state, places)
        resync: dict[str, object] = {"after": terms["resync"]["after"], "state": state}
        resync |= {word: steps(snapshot[word]) for word in ("changes", "truncated")}
        if view.changes.sequence:
            resync["changeSequence"] = steps(snapshot["sequence"])[-1:]
        facts["resync"] = f"{{ operation: {operation}, {literal(resync)[1:]}"
        types = [
            _types(models),
            _types(self.pool_models(self.declared.received)),
            self.close(),
            *map(_type, (view.state.model, view.entity)),
        ]
        written = f"Stream<{self.arguments}, {', '.join(types)}, {_type(view.changes.model)}>"
        return self.written(view.summary, written, facts, arguments, (*models, view.state.model), notes)

    def pool_models(self, messages: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.pool.take(self.declared.messages[name].payload, pascal(name), self.declared.id) for name in messages)

    def message(self, view: MessageView, places: Mapping[str, str]) -> dict[str, object]:
        """How a message is read; what it does not state is left out."""
        version: str = version_of(self.contract).get("at", "")
        facts: dict[str, object] = {"kind": view.kind, "schema": {"$ref": view.model}}
        stated = {"sequence": view.sequence, "tenant": view.tenant, "version": view.version, "entities": view.entities, "epoch": view.epoch}
        pointers = {"version": version, **places}
        return facts | {word: steps(pointers[word]) for word, expression in stated.items() if expression}

    def facts(self, address: str, arguments: Sequence[Argument]) -> tuple[dict[str, str], list[ArgumentKey], tuple[str, ...]]:
        """What every channel has, with its arguments: those of its address, since a browser sets no headers."""
        schemas: dict[tuple[str, str], Parameter] = {(item.location, item.name): item for item in handshake_parameters(self.declared)}
        names = Allocator()
        parameters: list[str] = []
        keys: list[ArgumentKey] = []
        for argument in arguments:
            if argument.location not in ("path", "query"):
                continue
            key = self.keys[argument.location, argument.wire] = names.take(argument.wire, "_")
            schema = schemas[argument.location, argument.wire].schema
            parameters.append(parameter_literal(argument, key, schema))
            type_ = argument_type(self.pool, schema, pascal(self.name), argument)
            keys.append(ArgumentKey(key, type_, argument.required, argument.description))
        facts: dict[str, str] = {"id": literal(self.declared.id), "address": literal(address)}
        if parameters:
            facts["parameters"] = "[\n" + "".join(f"    {item},\n" for item in parameters) + "  ]"
        offered = subprotocols(self.declared)
        if offered:
            facts["subprotocols"] = literal(offered)
        facts["closes"] = literal(self.closes())
        note = f"channel {self.declared.id}: its subprotocols are not understood; give the client a function `webSocket` that offers them"
        return facts, keys, () if offered is not None else (note,)

    def closes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for annotation in self.declared.annotations.values():
            close = annotation.get("close") if is_mapping(annotation) else None
            for code, terms in close.items() if is_mapping(close) else ():
                if is_mapping(terms) and code.isdecimal() and isinstance(terms.get("when"), str):
                    found[code] = terms["when"]
        return dict(sorted(found.items()))

    def close(self) -> str:
        closes = [f"{{ readonly code: {code}; readonly when: {literal(when)} }}" for code, when in self.closes().items()]
        return " | ".join(closes) if closes else "never"

    def written(
        self, summary: str, type_: str, facts: Mapping[str, str], keys: Iterable[ArgumentKey], models: Iterable[str], notes: tuple[str, ...]
    ) -> WrittenChannel:
        lines = "".join(f"  {key}: {value},\n" for key, value in facts.items()) + "  schemas,\n"
        inside = "".join(key.line for key in keys)
        arguments = f"export type {self.arguments} = {{\n{inside}}};\n\n" if inside else f"export type {self.arguments} = {{}};\n\n"
        source = arguments + comment(summary) + f"export const {self.name}: {type_} = {{\n{lines}}};\n"
        return WrittenChannel(self.declared.id, self.name, tuple(models), source, notes)


def _first(tenancy: Any) -> str:
    """Where messages state the tenant first."""
    echo = tenancy.get("echo") if is_mapping(tenancy) else None
    return echo[0] if is_list(echo) and echo else ""


def _type(model: str) -> str:
    return f"t.{model}"


def _types(models: Iterable[str]) -> str:
    found = [_type(model) for model in models]
    return union(found) if found else "never"
