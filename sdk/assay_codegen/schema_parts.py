"""Schemas taken apart for the generator of models: plain objects and aliases as what they are made of, everything else whole.

Large documents declare the same property a hundred times, and the generator takes milliseconds for each. So every distinct
property goes through it once, and plain objects and names of other types are put together from what it gives.
"""

from __future__ import annotations

import json
import keyword
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts.json_types import is_list, is_mapping
from pydantic import BaseModel

from assay_codegen.inline_objects import CHOICES, OF_THE_PROPERTY, Lifting, referenced_inside
from assay_codegen.naming import snake
from assay_codegen.nullable_objects import nullable_objects
from assay_codegen.schema_nodes import Schema, component, listed, nodes, types
from assay_codegen.shaping import bare

_PLAIN = frozenset({"type", "properties", "required", "description", "title"})
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
    """The schemas of a document: plain objects and names of simple types apart from those that the generator must see whole.

    The name of a type is declared like a required property that has this type.
    """

    plain: Mapping[str, PlainObject]
    aliases: Mapping[str, Declared]
    whole: Mapping[str, Schema]

    @property
    def apart(self) -> frozenset[str]:
        """The schemas that the generator does not see under their names."""
        return frozenset(self.plain.keys() | self.aliases.keys())

    def declared(self) -> Iterator[Declared]:
        """The properties of all plain objects, then the named types."""
        for plain in self.plain.values():
            yield from plain.properties
        yield from self.aliases.values()

    def packs(self) -> list[dict[Property, int]]:
        """The distinct properties with a number each, in packs in which no two could get one name."""
        packs: list[dict[Property, int]] = []
        used: dict[str, int] = defaultdict(int)
        numbers: dict[Property, int] = {}
        for declared in self.declared():
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
        """The schemas apart whose names the generator would make from those of properties."""
        names = {name for node in nodes([*self.whole.values()]) if is_mapping(named := node.get("properties")) for name in named}
        names |= {declared.property.name for declared in self.declared()}
        similar = {_similar(name).removesuffix("s") for name in names}
        return frozenset(name for name in self.apart if _similar(name).removesuffix("s") in similar)


def anonymous(number: int) -> str:
    """The name under which the generator sees a property whose own does not matter."""
    return f"property_{number}"


def take_apart(schemas: Mapping[str, Schema], stand_in: str) -> Parts:
    """The parts of some schemas; references to plain objects become types of the module `stand_in`."""
    untouched = referenced_inside(schemas)
    flat = Lifting(dict(schemas), untouched, nullable_objects(schemas, untouched)).flat()
    inherited = {name for node in nodes(list(flat.values())) for part in listed(node, "allOf") if (name := component(part))}
    alone = {name: schema for name, schema in flat.items() if name not in untouched | inherited}
    plain = {name for name, schema in alone.items() if _is_plain(schema)}
    aliases = _simple_aliases(alone, flat)
    apart = plain | aliases
    return Parts(
        {name: _plain_object(_standing_in(schema, apart, stand_in), stand_in) for name, schema in flat.items() if name in plain},
        {name: _alias(_standing_in(schema, apart, stand_in), stand_in) for name, schema in flat.items() if name in aliases},
        {name: _standing_in(schema, apart, stand_in) for name, schema in flat.items() if name not in apart},
    )


def _simple_aliases(alone: Mapping[str, Schema], schemas: Mapping[str, Schema]) -> set[str]:
    """The names of simple types that need no name of such a type that comes later, and that nothing narrows where it refers to them."""
    narrowed = {
        name for node in nodes(list(schemas.values())) if (name := component(node)) and node.keys() - {"$ref", "title", *OF_THE_PROPERTY}
    }
    waiting = {name: set(_components(schema)) for name, schema in alone.items() if name not in narrowed and _is_alias(schema)}
    objects = {name for name, schema in schemas.items() if "properties" in schema and schema.keys().isdisjoint(CHOICES)}
    found: set[str] = set()
    while fresh := {name for name, used in waiting.items() if used <= objects | found} - found:
        found |= fresh
    return found


def _is_alias(schema: Schema) -> bool:
    """Whether a schema is the name of a type that the generator writes like that of a property."""
    typed = {key: value for key, value in schema.items() if key not in ("description", "title")}
    if not typed.keys().isdisjoint({"$ref", "const", *OF_THE_PROPERTY}) or not _is_simple(typed):
        return False
    return all(types(node) not in (("object",), ("null",)) and len(types(node)) < 2 for node in nodes([typed]))


def _components(schema: Schema) -> Iterator[str]:
    return (name for node in nodes([schema]) if (name := component(node)))


def _is_plain(schema: Schema) -> bool:
    properties = schema.get("properties")
    if not {*schema} <= _PLAIN or not is_mapping(properties) or types(schema) not in ((), ("object",)):
        return False
    similar = {_similar(name) for name in properties}
    return len(similar) == len(properties) and not any(snake(name).strip("_") in _TYPE_NAMES for name in properties)


def _similar(name: str) -> str:
    """What is left of a name of which the generator could make the same field as of another."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removeprefix("field")


def _plain_object(schema: Schema, stand_in: str) -> PlainObject:
    required = set(schema.get("required", ()))
    declared = (
        _declared(name, inner if is_mapping(inner) else {}, stand_in, required=name in required)
        for name, inner in schema["properties"].items()
    )
    return PlainObject(str(schema.get("description") or ""), tuple(declared))


def _alias(schema: Schema, stand_in: str) -> Declared:
    return _declared("alias", schema, stand_in, required=True)


def _declared(name: str, schema: Schema, stand_in: str, *, required: bool) -> Declared:
    typed = {**bare(schema), **({"title": schema["title"]} if "title" in schema else {})}
    plain, values = tuple[str, ...](), tuple[str, ...]()
    if nameless := _is_field_name(name) and _is_simple(typed):
        typed, values = _without_values(typed)
    text = _WRITER.encode(typed)
    if nameless:
        text, plain = _with_placeholders(text, stand_in)
    return Declared(name, Property("" if nameless else name, text, required), plain, values, str(schema.get("description") or ""))


def _with_placeholders(text: str, stand_in: str) -> tuple[str, tuple[str, ...]]:
    """A schema with a placeholder for each plain object, and the plain objects in the order of their numbers."""
    if f'"{stand_in}.' not in text:
        return text, ()
    plain = list(dict.fromkeys(re.findall(rf'"{stand_in}\.(\w+)"', text)))
    return re.sub(rf'"{stand_in}\.(\w+)"', lambda found: f'"{stand_in}.{PLACEHOLDER}{plain.index(found[1])}"', text), tuple(plain)


def _without_values(schema: Schema) -> tuple[Schema, tuple[str, ...]]:
    """A schema with one value for all of its only enumeration or constant of strings, and those values."""
    options = listed(schema, "anyOf") or [schema]
    restricted = [(place, word) for place, option in enumerate(options) for word in ("const", "enum") if word in option]
    if len(restricted) != 1:
        return schema, ()
    ((place, word),) = restricted
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
    if (name := component(node)) in plain:
        del found["$ref"]
        found["customTypePath"] = f"{stand_in}.{name}"
    return found
