"""What the gathered schemas are together: inheritance that narrows made flat, read-only properties optional, tagged choices explicit.

required -> without what only one direction carries
allOf    -> one flat object, where a part narrows what another says
oneOf    -> tagged by mapping, else by constants, else by names; and a variant for tags that a later version adds
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_codegen.naming import Allocator, pascal
from assay_codegen.shaping import DEFINITIONS, bare

Schema = dict[str, Any]
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class UnknownVariant:
    """The model of a tagged choice for tags that this version of the contract does not know."""

    name: str
    property: str
    known: tuple[str, ...]


@dataclass(slots=True)
class Structure:
    """The schemas of a client by model name, made ready for types."""

    schemas: dict[str, Schema]
    wire_names: Mapping[str, str]
    names: Allocator
    variants: dict[tuple[str, tuple[str, ...]], UnknownVariant] = field(default_factory=dict[tuple[str, tuple[str, ...]], UnknownVariant])

    def made(self) -> dict[str, Schema]:
        """Every schema, with the variants for unknown tags among them."""
        self._write_tags()
        made = {name: self._made(schema, name) for name, schema in self.schemas.items()}
        for variant in self.variants.values():
            tag: Schema = {"type": "string", "description": "A value that this version of the contract does not know."}
            made[variant.name] = {
                "type": "object",
                "description": f"A variant that this version of the contract does not know, by its `{variant.property}`.",
                "properties": {variant.property: tag},
                "required": [variant.property],
            }
        return made

    def _write_tags(self) -> None:
        """Each alternative of a tagged choice states its tag as a constant, whatever told it."""
        stated: dict[str, tuple[str, set[str]]] = {}
        for choice in _choices(list(self.schemas.values())):
            word = "oneOf" if "oneOf" in choice else "anyOf"
            told = choice.get("discriminator")
            tags = self._tags([option for option in choice[word] if not _is_null(option)], told if is_mapping(told) else {})
            if tags is None:
                continue
            for value, option in tags[1].items():
                stated.setdefault(pointers.split(option["$ref"])[-1], (tags[0], set()))[1].add(value)
        for model, (name, values) in stated.items():
            schema = self.schemas[model]
            properties = {**schema.get("properties", {})}
            words = {key: value for key, value in self.resolve(properties.get(name)).items() if key == "description"}
            properties[name] = {**words, "type": "string", "enum": sorted(values)}
            required: list[str] = schema.get("required", [])
            self.schemas[model] = {**schema, "properties": properties, "required": [*required, *({name} - set(required))]}

    def _made(self, node: Any, owner: str) -> Any:
        if is_list(node):
            return [self._made(item, owner) for item in node]
        if not is_mapping(node):
            return node
        schema = self._flat(node)
        found: Schema = {}
        for key, value in schema.items():
            if key in ("enum", "const", "required", "type", "discriminator", "description"):
                found[key] = value
            elif key in ("properties", "patternProperties") and is_mapping(value):
                named = value
                found[key] = {name: self._made(inner, owner + pascal(name)) for name, inner in named.items()}
            else:
                found[key] = self._made(value, owner)
        self._loosen(found)
        return self._tagged(found, owner)

    def resolve(self, schema: Any) -> Schema:
        """The schema behind references, empty for one that leads nowhere or round in a circle."""
        for _ in range(_DEEPEST):
            if not is_mapping(schema):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                return schema
            steps = pointers.split(reference)[1:]
            target = pointers.follow(self.schemas.get(steps[0]), pointers.join(*steps[1:])) if steps else None
            schema = None if target is pointers.MISSING else target
        return {}

    def _loosen(self, schema: Schema) -> None:
        """A property that only requests or only responses carry is required of neither's model."""
        required, properties = schema.get("required"), schema.get("properties")
        if not is_list(required) or not is_mapping(properties):
            return
        named = properties
        kept = [name for name in required if not self._one_way(named.get(name))]
        schema["required"] = kept

    def _one_way(self, schema: Any) -> bool:
        return any(
            is_mapping(part) and part.get(word) is True for part in (schema, self.resolve(schema)) for word in ("readOnly", "writeOnly")
        )

    def _flat(self, schema: Schema, depth: int = 0) -> Schema:
        """A schema whose `allOf` parts narrow one another as one flat object; others as they are."""
        parts = schema.get("allOf")
        if not is_list(parts) or depth > _DEEPEST:
            return schema
        opened = [self._flat(self.resolve(part), depth + 1) for part in parts]
        own = {key: value for key, value in schema.items() if key != "allOf"}
        everyone = [*opened, *([own] if "properties" in own or "required" in own else [])]
        if not all(_is_object(part) for part in everyone) or not _narrows(everyone):
            return schema
        properties: Schema = {}
        required: dict[str, None] = {}
        rest: Schema = {}
        for part in everyone:
            for name, inner in part.get("properties", {}).items():
                properties[name] = _both(properties[name], inner) if name in properties else inner
            required.update(dict.fromkeys(part.get("required", ())))
            rest.update({key: value for key, value in part.items() if key not in ("properties", "required", "description", "title")})
        rest.update({key: value for key, value in own.items() if key not in ("properties", "required")})
        return {**rest, "type": "object", "properties": properties, "required": [name for name in required if name in properties]}

    def _tagged(self, schema: Schema, owner: str) -> Schema:
        """A choice of tagged objects, with a variant for tags that are not known; other choices without `discriminator`."""
        told = schema.pop("discriminator", None)
        word = next((word for word in ("oneOf", "anyOf") if is_list(schema.get(word))), None)
        if word is None:
            return schema
        options = schema[word]
        objects = [option for option in options if not _is_null(option)]
        discriminator = told if is_mapping(told) else {}
        tags = self._tags(objects, discriminator)
        if tags is None:
            return schema
        name, values = tags
        choice: Schema = {"oneOf": objects}
        unknown = {"$ref": DEFINITIONS + self._unknown(owner, name, tuple(values)).name}
        nulls = [option for option in options if _is_null(option)]
        return {**{key: value for key, value in schema.items() if key != word}, "anyOf": [choice, unknown, *nulls]}

    def _tags(self, options: list[Any], discriminator: Schema) -> tuple[str, dict[str, Schema]] | None:
        """The property that tells alternatives apart, and the alternative of each of its values."""
        if len(options) < 2 or not all(is_mapping(option) and "$ref" in option for option in options):
            return None
        resolved = [self._flat(self.resolve(option)) for option in options]
        if not all(_is_object(option) for option in resolved):
            return None
        name = discriminator.get("propertyName")
        if not isinstance(name, str):
            name = self._common_constant(resolved)
            if name is None:
                return None
        told: Any = discriminator.get("mapping")
        mapping = cast("dict[str, str]", told) if is_mapping(told) else {}
        found: dict[str, Schema] = {}
        for option, schema in zip(cast("list[Schema]", options), resolved, strict=True):
            model = pointers.split(option["$ref"])[-1]
            wire = self.wire_names.get(model, model)
            values = [value for value, target in mapping.items() if pointers.split(target)[-1:] == (wire,) or target == wire]
            values = values or self._constants(schema, name) or [wire]
            for value in values:
                if value in found:
                    return None
                found[value] = option
        return name, found

    def _common_constant(self, resolved: list[Schema]) -> str | None:
        names = [name for name in resolved[0].get("properties", {}) if self._constants(resolved[0], name)]
        return next(
            (name for name in names if all(self._constants(each, name) and name in each.get("required", ()) for each in resolved)), None
        )

    def _constants(self, schema: Schema, name: str) -> list[str]:
        """The values that a property is held to, where they are strings."""
        for part in (schema, *(self.resolve(part) for part in schema.get("allOf", ()))):
            declared = self.resolve(part.get("properties", {}).get(name))
            if isinstance(declared.get("const"), str):
                return [declared["const"]]
            listed: Any = declared.get("enum")
            if is_list(listed) and all(isinstance(value, str) for value in listed):
                return list(listed)
        return []

    def _unknown(self, owner: str, name: str, known: tuple[str, ...]) -> UnknownVariant:
        key = (name, tuple(sorted(known)))
        if key not in self.variants:
            self.variants[key] = UnknownVariant(self.names.take(f"Unknown{owner}"), name, key[1])
        return self.variants[key]


def read_only_places(structure: Structure, schema: Any) -> tuple[tuple[str, ...], ...]:
    """Where a body of a schema holds read-only properties: paths of names, `*` for items of arrays and values of maps."""
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[Any, tuple[str, ...]]] = [(schema, ())]
    while waiting:
        node, place = waiting.pop()
        resolved = structure.resolve(node)
        if len(place) > 6 or not resolved:
            continue
        for word in ("allOf", "anyOf", "oneOf"):
            waiting.extend((part, place) for part in resolved.get(word, ()))
        for name, inner in resolved.get("properties", {}).items():
            if any(is_mapping(part) and part.get("readOnly") is True for part in (inner, structure.resolve(inner))):
                found.append((*place, name))
            else:
                waiting.append((inner, (*place, name)))
        for word in ("items", "additionalProperties"):
            if is_mapping(resolved.get(word)):
                waiting.append((resolved[word], (*place, "*")))
    return tuple(sorted(set(found)))


def _is_null(option: Any) -> bool:
    return is_mapping(option) and option.get("type") == "null"


def _is_object(schema: Schema) -> bool:
    if "allOf" in schema and "type" not in schema and "properties" not in schema:
        return True
    return schema.get("type", "object") == "object" and not any(word in schema for word in ("anyOf", "oneOf", "const", "enum", "items"))


def _narrows(parts: list[Schema]) -> bool:
    """Whether a part speaks of a property that another declares otherwise, or requires what another leaves open."""
    declared: dict[str, Any] = {}
    required: dict[str, bool] = {}
    for part in parts:
        needs = set(part.get("required", ()))
        for name, inner in part.get("properties", {}).items():
            if name in declared:
                return True
            declared[name] = inner
            required[name] = name in needs
    return any(name in declared and not required[name] for part in parts for name in part.get("required", ()))


def _both(first: Any, second: Any) -> Any:
    """What holds for a property that two parts declare: the one that says more, or both together."""
    if bare(first) == bare(second) or not bare(second):
        return first
    if not bare(first):
        return second
    one, other = first, second
    composed = ("$ref", "allOf", "anyOf", "oneOf")
    if any(word in part for part in (one, other) for word in composed):
        return other
    return {**one, **other}


def _choices(nodes: list[Any]) -> Iterator[Schema]:
    """Every `oneOf` or `anyOf` inside some schemas."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if is_mapping(node):
            schema = node
            if any(is_list(schema.get(word)) for word in ("oneOf", "anyOf")):
                yield schema
            waiting.extend(schema.values())
        elif is_list(node):
            waiting.extend(node)
