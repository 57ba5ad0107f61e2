"""What the objects of an AsyncAPI document say once references are followed and traits are merged in."""

from __future__ import annotations

from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.places import ApiDocument, Node

# Formats of a payload that are JSON Schema, whatever they call it.
JSON_SCHEMA = ("application/vnd.aai.asyncapi", "application/schema", "application/vnd.oai.openapi")


class AsyncApiReading:
    """One document, read."""

    def __init__(self, document: ApiDocument) -> None:
        self.document = document
        self._merged: dict[str, Node] = {}

    def merged(self, place: Node) -> Node:
        """An operation or a message with its traits: what it says itself wins, and so does a later trait."""
        place = self.document.follow(place)
        traits = place["traits"]
        if not is_list(traits) or not traits:
            return place
        known = self._merged.get(place.pointer)
        if known is None:
            value: dict[str, Any] = {}
            for _, trait in place.child("traits").children():
                value = patched(value, self.document.follow(trait).value)
            value = patched(value, {key: value for key, value in place.value.items() if key != "traits"})
            known = self._merged[place.pointer] = Node(place.pointer, value)
        return known

    def part(self, place: Node, key: str) -> Node:
        """A member where it is written: in the object itself, or in the one trait that has it."""
        whole = self.merged(place)
        own = self.document.follow(place)
        traits = [self.document.follow(trait) for _, trait in own.child("traits").children()]
        holders = [trait for trait in (*traits, own) if trait[key] is not None]
        return holders[0].child(key) if len(holders) == 1 else whole.child(key)

    def message(self, place: Node) -> Node:
        """A message with its traits, its content type and what else it takes over told as if it were its own."""
        whole = self.merged(place)
        message = dict(whole.value) if is_mapping(whole.value) else {}
        message.setdefault("contentType", self.document.root["defaultContentType"])
        message["correlationId"] = self.document.follow(whole.child("correlationId")).value
        message["bindings"] = self.bindings(whole)
        return Node(whole.pointer, message)

    def bindings(self, holder: Node) -> dict[str, Any]:
        """The bindings of an object by protocol, references followed."""
        bindings = self.document.follow(holder.child("bindings"))
        return {name: self.document.follow(binding).value for name, binding in bindings.children() if not name.startswith("x-")}

    def binding(self, holder: Node, protocol: str) -> Node:
        """The binding of one protocol, where it is written."""
        return self.document.follow(self.document.follow(holder.child("bindings")).child(protocol))

    def messages(self, holder: Node, channel: Node) -> dict[str, Node]:
        """The messages of an operation by their name on the channel; all of the channel's when none are told."""
        listed = holder.child("messages")
        if not is_list(listed.value):
            return {name: self.document.follow(message) for name, message in channel.child("messages").children()}
        found: dict[str, Node] = {}
        for index, message in listed.children():
            reference = message["$ref"]
            found[str(reference).rsplit("/", 1)[-1] if reference else index] = self.document.follow(message)
        return found

    def schema(self, place: Node) -> Node:
        """The schema itself, out of a multi-format wrapper if it stands in one."""
        if is_mapping(place.value) and "schemaFormat" in place.value and "schema" in place.value:
            return place.child("schema")
        return place

    def format(self, place: Node) -> str:
        """The format that a schema is written in, without its version."""
        schema_format = place["schemaFormat"] if is_mapping(place.value) and "schema" in place.value else None
        return str(schema_format).split(";", 1)[0] if schema_format else JSON_SCHEMA[0]

    def readable(self, place: Node) -> bool:
        """Whether a schema is a JSON Schema."""
        return self.format(place).startswith(JSON_SCHEMA)


def patched(value: Any, patch: Any) -> Any:
    """A value after a JSON Merge Patch."""
    if not is_mapping(patch):
        return patch
    merged: dict[str, Any] = dict(value) if is_mapping(value) else {}
    for key, below in patch.items():
        if below is None:
            merged.pop(key, None)
        else:
            merged[key] = patched(merged.get(key), below)
    return merged


def as_object(place: Node) -> Node:
    """A query, or headers, that are not described, or not said to be an object, are one all the same."""
    if place.value is None:
        return Node(place.pointer, {"type": "object"})
    is_wrapper = is_mapping(place.value) and not {"type", "$ref"} & place.value.keys()
    return Node(place.pointer, {"type": "object", **place.value}) if is_wrapper else place
