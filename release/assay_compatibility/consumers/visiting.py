"""Follows values through the schemas of a document, and counts each place that they pass."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.consumers.usage import Side, scalar_text
from assay_compatibility.errors import DocumentRefused
from assay_compatibility.places import ApiDocument, Node

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,), "object": (dict,),
    "null": (type(None),),
}  # fmt: skip
_LOOKAHEAD = 2
ALTERNATIVES = ("anyOf", "oneOf")


@dataclass(slots=True)
class Visitor:
    """Counts on one side what values, or whole schemas, pass in a document."""

    document: ApiDocument
    side: Side
    unread: bool = False
    _inside: set[str] = field(default_factory=set[str])

    def visit(self, schema: Node, value: Any) -> None:
        """Count every place of a schema that a value passes: its properties, items and the alternatives that it may be one of."""
        self._visit(schema, value, frozenset())

    def visit_unread(self, schema: Node) -> None:
        """Count every place of a schema whose value was sent, or received, without being recorded: it may hold anything."""
        if schema.value is not None:
            Visitor(self.document, self.side, unread=True).declare(schema)

    def types(self, schema: Node) -> frozenset[str]:
        """The types that a schema names, those of its alternatives included."""
        found = set[str]()
        for part in self.parts(schema, ALTERNATIVES):
            types = part["type"]
            found.update(str(name) for name in (types if is_list(types) else [types] if types else []))
        return frozenset(found)

    def property_of(self, schema: Node, name: str) -> Node | None:
        """The schema of a property, wherever a part or an alternative declares it."""
        places = (part.child("properties", name) for part in self.parts(schema, ALTERNATIVES))
        return next((place for place in places if place.value is not None), None)

    def declare(self, schema: Node, names: Collection[str] | None = None) -> None:
        """Count every place that a schema declares; with `names`, of properties only those of these names."""
        if schema.pointer in self._inside:
            return
        self._inside.add(schema.pointer)
        for part in self.parts(schema):
            self.side.meet(part.pointer)
            if self.unread:
                self.side.unread.add(part.pointer)
            for value in _constants(part):
                self.side.meet(part.pointer, value)
            for name, child in part.child("properties").children():
                if names is None or name in names:
                    self.declare(child, names)
            for word in ("items", "additionalProperties"):
                if is_mapping(part[word]):
                    self.declare(part.child(word), names)
            for word in ("anyOf", "oneOf", "prefixItems"):
                for _, child in part.child(word).children():
                    self.declare(child, names)

    def _visit(self, schema: Node, value: Any, above: frozenset[str]) -> None:
        if schema.pointer in above:
            return
        above |= {schema.pointer}
        self.side.meet(schema.pointer, scalar_text(value))
        for part in self._beside(schema):
            self._visit(part, value, above)
        named = self._discriminated(schema, value)
        if named is not None and not self._branches(schema):
            self._visit(named, value, above)
        for word in ALTERNATIVES:
            branches = [child for _, child in schema.child(word).children()]
            for branch in self._chosen(branches, named) or [child for child in branches if self.may_be(child, value)] or branches:
                self._visit(branch, value, above)
        if is_mapping(value):
            for name, item in value.items():
                self._visit_property(schema, str(name), item)
        elif is_list(value):
            prefix = [child for _, child in schema.child("prefixItems").children()]
            for index, item in enumerate(value):
                place = prefix[index] if index < len(prefix) else schema.child("items")
                if place.value is not None:
                    self._visit(place, item, frozenset())

    def _branches(self, schema: Node) -> list[Node]:
        return [child for word in ALTERNATIVES for _, child in schema.child(word).children()]

    def _chosen(self, branches: list[Node], named: Node | None) -> list[Node]:
        """The alternative that a discriminator names, if it is among them."""
        return [] if named is None else [branch for branch in branches if self.document.follow(branch).pointer == named.pointer]

    def _discriminated(self, schema: Node, value: Any) -> Node | None:
        """The schema that the discriminator names for a value; None without one, or for a value that it does not know."""
        discriminator = schema.child("discriminator")
        tag = value.get(discriminator["propertyName"]) if is_mapping(value) and is_mapping(discriminator.value) else None
        if not isinstance(tag, str):
            return None
        mapped = discriminator.child("mapping")[tag]
        reference = mapped if isinstance(mapped, str) else tag
        if "/" not in reference and "#" not in reference:
            reference = f"#/components/schemas/{reference}"
        try:
            return self.document.follow(self.document.target(reference))
        except DocumentRefused:
            return None

    def _visit_property(self, schema: Node, name: str, value: Any) -> None:
        declared = schema.child("properties", name)
        if declared.value is not None or not self._is_open(schema):
            # What is sent without being declared is met all the same: the new document may declare it.
            if declared.value is not None:
                self._visit(declared, value, frozenset())
            elif is_mapping(schema["properties"]):
                self.side.meet(declared.pointer)
            return
        for pattern, child in schema.child("patternProperties").children():
            if _matches(pattern, name):
                self._visit(child, value, frozenset())
        if is_mapping(schema["additionalProperties"]):
            self._visit(schema.child("additionalProperties"), value, frozenset())

    def _is_open(self, schema: Node) -> bool:
        return is_mapping(schema["additionalProperties"]) or is_mapping(schema["patternProperties"])

    def parts(self, schema: Node, alternatives: Collection[str] = ()) -> Iterator[Node]:
        """The schema, what it refers to and what it is composed of, each once; with keywords of alternatives, those as well."""
        waiting, seen = [schema], set[str]()
        while waiting:
            part = waiting.pop()
            if part.pointer not in seen and is_mapping(part.value):
                seen.add(part.pointer)
                yield part
                waiting += self._beside(part)
                waiting += [child for word in alternatives for _, child in part.child(word).children()]

    def _beside(self, schema: Node) -> list[Node]:
        """The schemas that hold for the same value: the target of a reference, and the parts of `allOf`."""
        found = [child for _, child in schema.child("allOf").children()]
        reference = schema["$ref"]
        if isinstance(reference, str):
            try:
                found.append(self.document.target(reference))
            except DocumentRefused:
                return found
        return found

    def may_be(self, schema: Node, value: Any, depth: int = _LOOKAHEAD) -> bool:
        """Whether nothing that is quickly seen excludes a value: type, constants, required properties, and those of properties."""
        for part in self.parts(schema):
            types = part["type"]
            allowed = [types] if isinstance(types, str) else types if is_list(types) else []
            if allowed and not any(_is_of(value, str(name)) for name in allowed) and not (value is None and part["nullable"] is True):
                return False
            constants = _constants(part)
            if constants and scalar_text(value) not in constants:
                return False
            if is_mapping(value):
                required = part["required"]
                if is_list(required) and any(name not in value for name in required):
                    return False
                for name, child in part.child("properties").children():
                    if depth and name in value and not self.may_be(child, value[name], depth - 1):
                        return False
        return True


def _constants(schema: Node) -> list[str]:
    values = [schema["const"]] if is_mapping(schema.value) and "const" in schema.value else schema["enum"]
    return [text for value in values if (text := scalar_text(value)) is not None] if is_list(values) else []


def _is_of(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(name, (object,)))


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False
