"""What the gathered schemas are together: inheritance that narrows made flat, read-only properties optional, tagged choices explicit.

required -> without what only one direction carries
allOf    -> one flat object, where a part narrows what another says
oneOf    -> tagged by mapping, else by constants, else by names; and a variant for tags that a later version adds
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.subtypes import mapped_name

from assay_codegen.naming import Allocator, class_name, pascal
from assay_codegen.schema_facts import (
    Schema,
    Tag,
    as_tags,
    choices_in,
    combined,
    is_null,
    is_object,
    is_tag,
    narrows,
    referred_models,
    sorted_tags,
    tag_type,
    without_null,
)
from assay_codegen.shaping import DEFINITIONS

_DEEPEST = 40
_LITERAL = frozenset({"enum", "const", "required", "type", "discriminator", "description"})


@dataclass(frozen=True, slots=True)
class UnknownVariant:
    """The model of a tagged choice for tags that this version of the contract does not know."""

    name: str
    property: str
    known: tuple[Tag, ...]
    base: str = ""


VariantKey = tuple[str, tuple[Tag, ...], str]


@dataclass(slots=True)
class Structure:
    """The schemas of a client by model name, made ready for types."""

    schemas: dict[str, Schema]
    wire_names: Mapping[str, str]
    names: Allocator
    variants: dict[VariantKey, UnknownVariant] = field(default_factory=dict[VariantKey, UnknownVariant])

    def structured_schemas(self) -> dict[str, Schema]:
        """Every schema, with the variants for unknown tags among them."""
        for name in list(self.schemas):
            self.schemas[name] = self._with_named_alternatives(self.schemas[name], name)
        self._write_tags()
        schemas = {name: self._structured(schema, name) for name, schema in self.schemas.items()}
        # What a variant takes over from its base may hold tagged choices of its own.
        waiting = 0
        while waiting < len(self.variants):
            variant = list(self.variants.values())[waiting]
            schemas[variant.name] = self._structured(self._variant(variant), variant.name)
            waiting += 1
        for base in {variant.base for variant in self.variants.values()} - {"", *referred_models(schemas)}:
            del schemas[base]
        return schemas

    def _variant(self, variant: UnknownVariant) -> Schema:
        """The model of an unknown variant: its tag, and what the base of all variants declares."""
        base = self._flat(self.resolve({"$ref": DEFINITIONS + variant.base})) if variant.base else {}
        tag: Schema = {"type": tag_type(variant.known), "description": "A value that this version of the contract does not know."}
        properties = {variant.property: tag, **base.get("properties", {})} if is_object(base) else {}
        return {
            "type": "object",
            "description": f"A variant that this version of the contract does not know, by its `{variant.property}`.",
            "properties": {**properties, variant.property: tag},
            "required": [variant.property, *(name for name in base.get("required", ()) if name in properties and name != variant.property)],
        }

    def _with_named_alternatives(self, node: Any, owner: str) -> Any:
        """A schema whose tagged choices refer to each alternative, also to one that is written in place."""
        if is_list(node):
            return [self._with_named_alternatives(item, owner) for item in node]
        if not is_mapping(node):
            return node
        found: Schema = {}
        for key, value in node.items():
            if key in ("properties", "patternProperties") and is_mapping(value):
                found[key] = {name: self._with_named_alternatives(inner, owner + pascal(name)) for name, inner in value.items()}
            else:
                found[key] = value if key in _LITERAL else self._with_named_alternatives(value, owner)
        word = next((word for word in ("oneOf", "anyOf") if is_list(found.get(word))), None)
        if word is not None and (property := self._tag_in_place(found, found[word])):
            found[word] = [self._named_alternative(option, property, owner) for option in found[word]]
        return found

    def _tag_in_place(self, choice: Schema, options: list[Any]) -> str | None:
        """The property that tells alternatives apart of which some are written in place."""
        objects = [option for option in options if not is_null(option)]
        if len(objects) < 2 or all("$ref" in option for option in objects if is_mapping(option)):
            return None
        resolved = [self._flat(self.resolve(option)) for option in objects]
        if not all(is_object(option) and "properties" in option for option in resolved):
            return None
        discriminator = choice.get("discriminator")
        name = discriminator.get("propertyName") if is_mapping(discriminator) else self._common_constant(resolved)
        return name if isinstance(name, str) and all(self._constants(branch, name) for branch in resolved) else None

    def _named_alternative(self, option: Any, property: str, owner: str) -> Any:
        if "$ref" in option or is_null(option):
            return option
        (value, *_) = self._constants(self._flat(option), property)
        model = self.names.take(class_name(owner + pascal(str(value))))
        self.schemas[model] = option
        return {"$ref": DEFINITIONS + model}

    def _write_tags(self) -> None:
        """Each alternative of a tagged choice states its tag as a constant, whatever told it."""
        stated: dict[tuple[str, str], set[Tag]] = {}
        for choice in choices_in(list(self.schemas.values())):
            word = "oneOf" if "oneOf" in choice else "anyOf"
            discriminator = choice.get("discriminator")
            tags = self._tags(
                [option for option in choice[word] if not is_null(option)], discriminator if is_mapping(discriminator) else {}
            )
            if tags is None:
                continue
            for value, option in tags[1].items():
                stated.setdefault((pointers.split(option["$ref"])[-1], tags[0]), set()).add(value)
        for (model, name), values in stated.items():
            schema = self.schemas[model]
            properties = {**schema.get("properties", {})}
            words = {key: value for key, value in self.resolve(properties.get(name)).items() if key == "description"}
            properties[name] = {**words, "type": tag_type(values), "enum": sorted_tags(values)}
            required: list[str] = schema.get("required", [])
            self.schemas[model] = {**schema, "properties": properties, "required": [*required, *({name} - set(required))]}

    def _structured(self, node: Any, owner: str) -> Any:
        if is_list(node):
            return [self._structured(item, owner) for item in node]
        if not is_mapping(node):
            return node
        schema = self._flat(node)
        found: Schema = {}
        for key, value in schema.items():
            if key in _LITERAL:
                found[key] = value
            elif key in ("properties", "patternProperties") and is_mapping(value):
                named = value
                found[key] = {name: self._structured(inner, owner + pascal(name)) for name, inner in named.items()}
            else:
                found[key] = self._structured(value, owner)
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
        everyone = without_null([*opened, *([own] if "properties" in own or "required" in own else [])])
        if not all(is_object(part) for part in everyone) or not narrows(everyone):
            return schema
        properties: Schema = {}
        required: dict[str, None] = {}
        rest: Schema = {}
        for part in everyone:
            for name, inner in part.get("properties", {}).items():
                properties[name] = combined(properties[name], inner) if name in properties else inner
            required.update(dict.fromkeys(part.get("required", ())))
            rest.update({key: value for key, value in part.items() if key not in ("properties", "required", "description", "title")})
        rest.update({key: value for key, value in own.items() if key not in ("properties", "required")})
        return {**rest, "type": "object", "properties": properties, "required": [name for name in required if name in properties]}

    def _tagged(self, schema: Schema, owner: str) -> Schema:
        """A choice of tagged objects, with a variant for tags that are not known; other choices without `discriminator`."""
        declared = schema.pop("discriminator", None)
        word = next((word for word in ("oneOf", "anyOf") if is_list(schema.get(word))), None)
        if word is None:
            return schema
        options = schema[word]
        objects = [option for option in options if not is_null(option)]
        discriminator = declared if is_mapping(declared) else {}
        tags = self._tags(objects, discriminator)
        if tags is None:
            return schema
        name, values = tags
        choice: Schema = {"oneOf": objects}
        base = discriminator.get("base")
        below = pointers.split(base["$ref"])[-1] if is_mapping(base) else ""
        unknown = {"$ref": DEFINITIONS + self._unknown(owner, name, values, below).name}
        nulls = [option for option in options if is_null(option)]
        return {**{key: value for key, value in schema.items() if key != word}, "anyOf": [choice, unknown, *nulls]}

    def _tags(self, options: list[Any], discriminator: Schema) -> tuple[str, dict[Tag, Schema]] | None:
        """The property that tells alternatives apart, and the alternative of each of its values."""
        is_named = isinstance(discriminator.get("propertyName"), str)
        if len(options) < (1 if is_named else 2) or not all(is_mapping(option) and "$ref" in option for option in options):
            return None
        resolved = [self._flat(self.resolve(option)) for option in options]
        if not all(is_object(option) for option in resolved):
            return None
        name = discriminator.get("propertyName")
        if not isinstance(name, str):
            name = self._common_constant(resolved)
            if name is None:
                return None
        declared: Any = discriminator.get("mapping")
        mapping = cast("dict[str, str]", declared) if is_mapping(declared) else {}
        found: dict[Tag, Schema] = {}
        for option, schema in zip(cast("list[Schema]", options), resolved, strict=True):
            model = pointers.split(option["$ref"])[-1]
            wire = self.wire_names.get(model, model)
            mapped = [value for value, target in mapping.items() if mapped_name(target, {wire: schema})]
            constants = self._constants(schema, name)
            # One enumeration of all values for every alternative tells none from another.
            shared = len(constants) > 1 and any(
                set(constants) & set(self._constants(other, name)) for other in resolved if other is not schema
            )
            for value in as_tags(mapped, constants) or (constants if constants and not shared else [wire]):
                if value in found:
                    return None
                found[value] = option
        return name, found

    def _common_constant(self, resolved: list[Schema]) -> str | None:
        names = [name for name in resolved[0].get("properties", {}) if self._constants(resolved[0], name)]
        return next(
            (name for name in names if all(self._constants(branch, name) and name in branch.get("required", ()) for branch in resolved)),
            None,
        )

    def _constants(self, schema: Schema, name: str) -> list[Tag]:
        """The values that a property is held to, where they are strings or integers."""
        for part in (schema, *(self.resolve(part) for part in schema.get("allOf", ()))):
            declared = self.resolve(part.get("properties", {}).get(name))
            values = [declared["const"]] if "const" in declared else declared.get("enum")
            for option in declared.get("anyOf", ()):
                # An enumeration is open by now.
                values = option.get("enum", values) if is_mapping(option) else values
            if is_list(values) and values and all(is_tag(value) for value in values):
                return list(values)
        return []

    def _unknown(self, owner: str, name: str, known: Iterable[Tag], base: str) -> UnknownVariant:
        key = (name, tuple(sorted_tags(known)), base)
        if key not in self.variants:
            self.variants[key] = UnknownVariant(self.names.take(f"Unknown{owner}"), name, key[1], base)
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
