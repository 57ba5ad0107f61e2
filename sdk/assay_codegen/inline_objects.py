"""Inline objects of schemas as schemas of their own, named after their owner and property."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_codegen.naming import Allocator, class_name, pascal
from assay_codegen.schema_nodes import COMPONENTS, Schema, component, listed, nodes, types

CHOICES = ("allOf", "anyOf", "oneOf")
OF_THE_PROPERTY = ("description", "readOnly", "writeOnly", "deprecated")
"""What annotates a property and has no part in its type."""


@dataclass(slots=True)
class Lifting:
    """Inline objects get a name of their owner and property, and are referred to.

    `untouched` schemas stay as they are, since some reference leads to a place inside them. `nullable` objects are objects, and
    what refers to them may be null.
    """

    schemas: dict[str, Schema]
    untouched: frozenset[str]
    nullable: frozenset[str] = frozenset()
    lifted: dict[str, Schema] = field(default_factory=dict[str, Schema])

    def flat(self) -> dict[str, Schema]:
        names = Allocator(self.schemas)
        found: dict[str, Schema] = {}
        for name, schema in self.schemas.items():
            own = {**schema, "type": "object"} if name in self.nullable else schema
            found[name] = own if name in self.untouched else self._inside(own, name, names)
        return found | self.lifted

    def _inside(self, schema: Schema, owner: str, names: Allocator) -> Schema:
        """A schema without inline objects below it."""
        found = dict(schema)
        for word in ("properties", "patternProperties"):
            if is_mapping(named := schema.get(word)):
                found[word] = {name: self._reference(inner, owner + pascal(name), names) for name, inner in named.items()}
        for word, suffix in (("items", "Item"), ("additionalProperties", "Value")):
            if is_mapping(inner := schema.get(word)):
                found[word] = self._reference(inner, owner + suffix, names)
        if is_list(prefix := schema.get("prefixItems")):
            found["prefixItems"] = [self._reference(item, f"{owner}Item", names) for item in prefix]
        for word in CHOICES:
            if is_list(parts := schema.get(word)):
                # Parts of one object are no types of their own.
                enter = self._inside if word == "allOf" or "properties" in schema else self._reference
                parts = _flat_options(parts) if word == "anyOf" else parts
                found[word] = [enter(part, owner, names) if is_mapping(part) else part for part in parts]
        return found

    def _reference(self, schema: Any, owner: str, names: Allocator) -> Any:
        """A reference to a schema that needs a name, any other schema without inline objects below it."""
        if not is_mapping(schema):
            return schema
        schema = _without_lone_option(_without_lone_part(schema))
        if component(schema) in self.nullable:
            kept = {key: value for key, value in schema.items() if key != "$ref"}
            return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}], **kept}
        if not _is_inline_object(schema):
            return self._inside(schema, owner, names)
        name = names.take(class_name(owner))
        own = {key: value for key, value in schema.items() if key not in OF_THE_PROPERTY or key == "description"}
        if "type" in own:
            own["type"] = "object"
        self.lifted[name] = {}
        self.lifted[name] = self._inside(own, name, names)
        kept = {key: schema[key] for key in OF_THE_PROPERTY if key in schema}
        return _nullable({"$ref": COMPONENTS + name}, kept, schema)


def _without_lone_part(schema: Schema) -> Schema:
    """`allOf` of one reference, which annotates what it refers to, as that reference."""
    parts = listed(schema, "allOf")
    if len(parts) != 1 or not component(parts[0]) or not {*schema} <= {"allOf", "type", "title", *OF_THE_PROPERTY}:
        return schema
    return _nullable(parts[0], {key: value for key, value in schema.items() if key not in ("allOf", "type")}, schema)


def _without_lone_option(schema: Schema) -> Schema:
    """A choice without a choice, as what can be chosen."""
    word = next((word for word in ("anyOf", "oneOf") if word in schema), "")
    options = _flat_options(listed(schema, word))
    if len(options) != 1 or not is_mapping(options[0]) or not {*schema} <= {word, *OF_THE_PROPERTY}:
        return schema
    return {**options[0], **{key: value for key, value in schema.items() if key != word}}


def _flat_options(options: list[Any]) -> list[Any]:
    """The options of a choice, with those of choices among them in their place."""
    inner = (
        next(iter(option.values())) if is_mapping(option) and option.keys() <= {"anyOf", "oneOf"} and len(option) == 1 else [option]
        for option in options
    )
    return [option for listed in inner if is_list(listed) for option in listed]


def _nullable(reference: Schema, kept: Schema, schema: Schema) -> Schema:
    if "null" in types(schema):
        return {"anyOf": [reference, {"type": "null"}], **kept}
    return {**reference, **kept}


def _is_inline_object(schema: Schema) -> bool:
    if "$ref" in schema or not {*types(schema)} <= {"object", "null"}:
        return False
    return bool(schema.get("properties")) or len(listed(schema, "allOf")) > 1


def referenced_inside(schemas: Mapping[str, Schema]) -> frozenset[str]:
    """The schemas to whose inside some reference leads."""
    references = (node.get("$ref") for node in nodes(list(schemas.values())))
    deep = (pointers.split(text.removeprefix("#"))[2:] for text in references if isinstance(text, str) and text.startswith(COMPONENTS))
    return frozenset(steps[0] for steps in deep if len(steps) > 1)
