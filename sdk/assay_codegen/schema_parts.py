"""Schemas taken apart for the generator of models: plain objects as their properties, everything else whole.

Large documents declare the same property a hundred times, and the generator takes a millisecond for each. So every distinct
property goes through it once, and plain objects are put together from what it gives.
"""

from __future__ import annotations

import json
import keyword
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from pydantic import BaseModel

from assay_codegen.naming import Allocator, class_name, pascal, snake
from assay_codegen.shaping import bare

Schema = dict[str, Any]
COMPONENTS = "#/components/schemas/"
_PLAIN = frozenset({"type", "properties", "required", "description", "title"})
_OF_THE_PROPERTY = ("description", "readOnly", "writeOnly", "deprecated")
_OF_THE_FIELD = frozenset({"title", "readOnly", "writeOnly", "deprecated"})
_OF_SCALARS = frozenset(
    {"type", "const", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)
# Strings of which the generator writes the same literal as Python.
_QUOTABLE = re.compile(r"[ !#-&(-\[\]-~]*")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# `json.dumps` makes such a writer for every call.
_WRITER = json.JSONEncoder(sort_keys=True)
PLACEHOLDER = "PlainObjectOfThisContract"
"""What stands for the plain objects of a property in turn, with their numbers behind it."""
VALUES = "values of this contract"
"""What stands for the values of an enumeration of strings."""
_CHOICES = ("allOf", "anyOf", "oneOf")
# A field of such a name hides the type from the fields behind it, which the generator must see together.
_TYPE_NAMES = frozenset({"str", "int", "float", "bool", "bytes", "list", "dict", "set", "tuple", "date", "time", "datetime", "timedelta"})


@dataclass(frozen=True, slots=True)
class Property:
    """One distinct property: its schema without words, and whether it is required.

    `name` is that on the wire, empty where it has no influence on the type.
    """

    name: str
    schema: str
    required: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """A property of an object: under which name, what it is, which plain objects and values it stands for, and in which words."""

    name: str
    property: Property
    plain: tuple[str, ...]
    values: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class PlainObject:
    """An object that says nothing but its properties."""

    description: str
    properties: tuple[Declared, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """The schemas of a document: plain objects apart from those that the generator must see whole."""

    plain: Mapping[str, PlainObject]
    whole: Mapping[str, Schema]

    def packs(self) -> list[dict[Property, int]]:
        """The distinct properties with a number each, in packs in which no two could get one name."""
        packs: list[dict[Property, int]] = []
        used: dict[str, int] = defaultdict(int)
        numbers: dict[Property, int] = {}
        for plain in self.plain.values():
            for declared in plain.properties:
                distinct = declared.property
                if distinct in numbers:
                    continue
                numbers[distinct] = len(numbers)
                similar = _similar(distinct.name or anonymous(numbers[distinct]))
                if used[similar] == len(packs):
                    packs.append({})
                packs[used[similar]][distinct] = numbers[distinct]
                used[similar] += 1
        return packs

    def likely_taken(self) -> frozenset[str]:
        """The plain objects whose names the generator would make from those of properties."""
        names = {name for node in _nodes([*self.whole.values()]) if is_mapping(named := node.get("properties")) for name in named}
        names |= {declared.property.name for plain in self.plain.values() for declared in plain.properties}
        similar = {_similar(name).removesuffix("s") for name in names}
        return frozenset(name for name in self.plain if _similar(name).removesuffix("s") in similar)


def anonymous(number: int) -> str:
    """The name under which the generator sees a property whose own does not matter."""
    return f"property_{number}"


def take_apart(schemas: Mapping[str, Schema], stand_in: str) -> Parts:
    """The parts of some schemas; references to plain objects become types of the module `stand_in`."""
    lifted = _Lifting(dict(schemas), _referenced_inside(schemas))
    flat = lifted.flat()
    inherited = {name for node in _nodes(list(flat.values())) for part in _listed(node, "allOf") if (name := _component(part))}
    plain = {name for name, schema in flat.items() if name not in lifted.untouched | inherited and _is_plain(schema)}
    return Parts(
        {name: _plain_object(_standing_in(flat[name], plain, stand_in), stand_in) for name in flat if name in plain},
        {name: _standing_in(schema, plain, stand_in) for name, schema in flat.items() if name not in plain},
    )


@dataclass(slots=True)
class _Lifting:
    """Inline objects get a name of their owner and property, and are referred to.

    `untouched` schemas stay as they are, since some reference leads to a place inside them.
    """

    schemas: dict[str, Schema]
    untouched: frozenset[str]
    lifted: dict[str, Schema] = field(default_factory=dict[str, Schema])

    def flat(self) -> dict[str, Schema]:
        names = Allocator(self.schemas)
        found: dict[str, Schema] = {}
        for name, schema in self.schemas.items():
            found[name] = schema if name in self.untouched else self._inside(schema, name, names)
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
        for word in _CHOICES:
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
        if not _is_inline_object(schema):
            return self._inside(schema, owner, names)
        name = names.take(class_name(owner))
        own = {key: value for key, value in schema.items() if key not in _OF_THE_PROPERTY or key == "description"}
        if "type" in own:
            own["type"] = "object"
        self.lifted[name] = {}
        self.lifted[name] = self._inside(own, name, names)
        kept = {key: schema[key] for key in _OF_THE_PROPERTY if key in schema}
        return _nullable({"$ref": COMPONENTS + name}, kept, schema)


def _without_lone_part(schema: Schema) -> Schema:
    """`allOf` of one reference, which annotates what it refers to, as that reference."""
    parts = _listed(schema, "allOf")
    if len(parts) != 1 or not _component(parts[0]) or not {*schema} <= {"allOf", "type", "title", *_OF_THE_PROPERTY}:
        return schema
    return _nullable(parts[0], {key: value for key, value in schema.items() if key not in ("allOf", "type")}, schema)


def _without_lone_option(schema: Schema) -> Schema:
    """A choice without a choice, as what can be chosen."""
    word = next((word for word in ("anyOf", "oneOf") if word in schema), "")
    options = _flat_options(_listed(schema, word))
    if len(options) != 1 or not is_mapping(options[0]) or not {*schema} <= {word, *_OF_THE_PROPERTY}:
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
    if "null" in _types(schema):
        return {"anyOf": [reference, {"type": "null"}], **kept}
    return {**reference, **kept}


def _is_inline_object(schema: Schema) -> bool:
    if "$ref" in schema or not {*_types(schema)} <= {"object", "null"}:
        return False
    return bool(schema.get("properties")) or len(_listed(schema, "allOf")) > 1


def _is_plain(schema: Schema) -> bool:
    properties = schema.get("properties")
    if not {*schema} <= _PLAIN or not is_mapping(properties) or _types(schema) not in ((), ("object",)):
        return False
    similar = {_similar(name) for name in properties}
    return len(similar) == len(properties) and not any(snake(name).strip("_") in _TYPE_NAMES for name in properties)


def _similar(name: str) -> str:
    """What is left of a name of which the generator could make the same field as of another."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removeprefix("field")


def _plain_object(schema: Schema, stand_in: str) -> PlainObject:
    required = set(schema.get("required", ()))
    properties: list[Declared] = []
    for name, inner in schema["properties"].items():
        words = inner if is_mapping(inner) else {}
        typed = {**bare(words), **({"title": words["title"]} if "title" in words else {})}
        plain, values = tuple[str, ...](), tuple[str, ...]()
        if nameless := _is_field_name(name) and _is_simple(typed):
            typed, values = _without_values(typed)
        text = _WRITER.encode(typed)
        if nameless:
            text, plain = _with_placeholders(text, stand_in)
        distinct = Property("" if nameless else name, text, name in required)
        properties.append(Declared(name, distinct, plain, values, str(words.get("description") or "")))
    return PlainObject(str(schema.get("description") or ""), tuple(properties))


def _with_placeholders(text: str, stand_in: str) -> tuple[str, tuple[str, ...]]:
    """A schema with a placeholder for each plain object, and the plain objects in the order of their numbers."""
    if f'"{stand_in}.' not in text:
        return text, ()
    plain = list(dict.fromkeys(re.findall(rf'"{stand_in}\.(\w+)"', text)))
    return re.sub(rf'"{stand_in}\.(\w+)"', lambda found: f'"{stand_in}.{PLACEHOLDER}{plain.index(found[1])}"', text), tuple(plain)


def _without_values(schema: Schema) -> tuple[Schema, tuple[str, ...]]:
    """A schema with one value for all of its only enumeration or constant of strings, and those values."""
    options = _listed(schema, "anyOf") or [schema]
    listed = [(place, word) for place, option in enumerate(options) for word in ("const", "enum") if word in option]
    if len(listed) != 1:
        return schema, ()
    ((place, word),) = listed
    found: Any = options[place][word]
    values = found if is_list(found) else [found]
    if not values or not all(isinstance(value, str) and _QUOTABLE.fullmatch(value) for value in values):
        return schema, ()
    option = {**options[place], word: VALUES if word == "const" else [VALUES]}
    return option if options == [schema] else {**schema, "anyOf": [*options[:place], option, *options[place + 1 :]]}, tuple(values)


def _is_field_name(name: str) -> bool:
    """Whether a property is a field of its own name, whatever else is there."""
    return _FIELD_NAME.fullmatch(name) is not None and not keyword.iskeyword(name) and not hasattr(BaseModel, name)


def _is_simple(schema: Any, *, inside: bool = False) -> bool:
    """Whether the type of a property has no part for which the generator makes up a name."""
    if not is_mapping(schema):
        return False
    words = schema.keys() - _OF_THE_FIELD
    if words in ({"customTypePath"}, {"$ref"}):
        return True
    if "items" in words:
        return words <= {"items", "type", "minItems", "maxItems"} and not inside and _is_simple(schema["items"], inside=True)
    if "anyOf" in words:
        return words == {"anyOf"} and not inside and all(_is_simple(option, inside=True) for option in schema["anyOf"])
    return "type" in words and words <= ({"type", "const", "enum"} if inside else _OF_SCALARS)


def _standing_in(node: Any, plain: set[str], stand_in: str) -> Any:
    """A schema that takes plain objects as types that are imported."""
    if is_list(node):
        return [_standing_in(item, plain, stand_in) for item in node]
    if not is_mapping(node):
        return node
    found = {key: _standing_in(value, plain, stand_in) if is_mapping(value) or is_list(value) else value for key, value in node.items()}
    if (name := _component(node)) in plain:
        del found["$ref"]
        found["customTypePath"] = f"{stand_in}.{name}"
    return found


def _referenced_inside(schemas: Mapping[str, Schema]) -> frozenset[str]:
    """The schemas to whose inside some reference leads."""
    references = (node.get("$ref") for node in _nodes(list(schemas.values())))
    deep = (pointers.split(text.removeprefix("#"))[2:] for text in references if isinstance(text, str) and text.startswith(COMPONENTS))
    return frozenset(steps[0] for steps in deep if len(steps) > 1)


def _component(node: Any) -> str:
    """The schema that a node refers to, empty for none."""
    reference = node.get("$ref") if is_mapping(node) else None
    if not isinstance(reference, str) or not reference.startswith(COMPONENTS):
        return ""
    return pointers.unescape(reference.removeprefix(COMPONENTS))


def _nodes(waiting: list[Any]) -> Iterator[Schema]:
    """Every object inside some JSON values."""
    while waiting:
        node = waiting.pop()
        if is_mapping(node):
            yield node
            waiting.extend(node.values())
        elif is_list(node):
            waiting.extend(node)


def _listed(schema: Schema, word: str) -> list[Any]:
    parts = schema.get(word)
    return parts if is_list(parts) else []


def _types(schema: Schema) -> tuple[str, ...]:
    declared: Any = schema.get("type")
    return (declared,) if isinstance(declared, str) else tuple(declared) if is_list(declared) else ()
