"""A JSON Schema as a flat list of properties, as a page shows it.

Every keyword of a schema ends in exactly one place: in a property's type, in its facts, in its words
(description, title, examples), or in properties of its own further down. Nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

Facts = tuple[tuple[str, Any], ...]

_NAMED = {"properties": "", "patternProperties": "matching ", "dependentSchemas": "when present: ", "$defs": "definition "}
_SINGLE = {
    "additionalProperties": "any other property",
    "unevaluatedProperties": "any other property",
    "propertyNames": "every name",
    "items": "each item",
    "unevaluatedItems": "every further item",
    "contains": "some item",
    "not": "never",
    "if": "when",
    "then": "then",
    "else": "otherwise",
}
_LISTED = {"oneOf": "exactly one", "anyOf": "at least one", "allOf": "all", "prefixItems": "item"}
_JOINED = {"oneOf": " or ", "anyOf": " or ", "allOf": " and "}
_WORDS = ("title", "description", "examples", "example")
_COMPONENTS = ("components", "schemas")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a type as it is read aloud; `reference` names the schema it leads to."""

    text: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """One line about a schema: the schema itself (`path` empty) or something within it."""

    path: str
    name: str
    depth: int
    required: bool
    type: tuple[Token, ...]
    facts: Facts
    description: str = ""
    title: str = ""
    examples: tuple[Any, ...] = ()
    literal: bool = False

    @property
    def label(self) -> str:
        """The type as plain text."""
        return "".join(token.text for token in self.type)


def read_properties(
    schema: Any, path: str = "", name: str = "", depth: int = 0, *, required: bool = False, literal: bool = False
) -> Iterator[Property]:
    """The schema itself, then everything within it, depth first and in the order it is written."""
    if not is_mapping(schema):
        yield Property(path, name, depth, required, (Token("anything" if schema is True else "nothing"),), (), literal=literal)
        return
    folded = set(_folded(schema))
    if not folded & set(_JOINED) and "$ref" not in schema:
        folded.add("type")
    demanded = schema.get("required")
    properties = schema.get("properties")
    named = set(properties) if is_mapping(properties) else set[str]()
    yield Property(
        path,
        name,
        depth,
        required,
        tuple(_type(schema)),
        tuple(_facts(schema, folded, named)),
        description=_text(schema.get("description")),
        title=_text(schema.get("title")),
        examples=_examples(schema),
        literal=literal,
    )
    for key, value in schema.items():
        if key in folded:
            continue
        if key in _NAMED and is_mapping(value):
            for property_name, below in value.items():
                here = f"{path}.{property_name}" if key == "properties" else f"{path}|{key}[{property_name}]"
                wanted = key == "properties" and is_list(demanded) and property_name in demanded
                plain = key == "properties"
                yield from read_properties(below, here.lstrip("."), _NAMED[key] + property_name, depth + 1, required=wanted, literal=plain)
        elif key in _SINGLE and is_mapping(value):
            yield from read_properties(value, f"{path}[]" if key == "items" else f"{path}|{key}", _SINGLE[key], depth + 1)
        elif key in _LISTED and is_list(value):
            for index, below in enumerate(value):
                yield from read_properties(below, f"{path}|{key}[{index}]", f"{_LISTED[key]}, {index + 1}", depth + 1)


def reference_name(reference: str) -> str:
    """What a `$ref` is called on a page."""
    tokens = pointers.split(reference)
    if tokens[:2] == _COMPONENTS:
        return "/".join(tokens[2:])
    return "/".join(tokens[1:]) if tokens[:1] == ("$defs",) else reference


def _folded(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The keywords beside `type` that are wholly said by the type: at most one, so that none hides another."""
    if "$ref" in schema:
        return ()
    for key in _JOINED:
        value = schema.get(key)
        if is_list(value) and value and all(_is_reference(branch) for branch in value):
            return (key,)
    items, kinds = schema.get("items"), schema.get("type")
    if kinds == "array" or (is_list(kinds) and "array" in kinds):
        plain = is_mapping(items) and set(items) == {"type"} and isinstance(items["type"], str) and items["type"] != "array"
        if plain or _is_reference(items):
            return ("items",)
    return ()


def _is_reference(value: Any) -> bool:
    return is_mapping(value) and set(value) == {"$ref"}


def _type(schema: Mapping[str, Any]) -> Iterator[Token]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference_name(reference)
        yield Token(name, name.split("/")[0])
        return
    folded = _folded(schema)
    for key, joint in _JOINED.items():
        branches = schema.get(key)
        if key in folded and is_list(branches):
            for index, branch in enumerate(branches):
                if index:
                    yield Token(joint)
                yield from _type(branch)
            return
    kinds = schema.get("type")
    words = [str(kind) for kind in kinds] if is_list(kinds) else [str(kinds)] if kinds else []
    if not words:
        inner = next((key for key in _JOINED if key in schema), None)
        yield Token(
            "value with properties" if "properties" in schema else "value" if inner or {"const", "enum"} & set(schema) else "anything"
        )
        return
    for index, word in enumerate(words):
        if index:
            yield Token(" or ")
        yield Token(word)
        items = schema.get("items")
        if word == "array" and is_mapping(items):
            yield Token(" of ")
            yield from _type(items)


def _facts(schema: Mapping[str, Any], folded: set[str], named: set[str]) -> Iterator[tuple[str, Any]]:
    """What bounds a value, in the order it is written."""
    for key, value in schema.items():
        if key in ("$ref", *_WORDS) or key in folded:
            continue
        if key == "required" and is_list(value):
            apart = [word for word in value if not (isinstance(word, str) and word in named)]
            if apart:
                yield key, apart
        elif (key in _NAMED or key in _SINGLE) and is_mapping(value):
            continue
        elif not (key in _LISTED and is_list(value)):
            yield key, value


def _examples(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    many = schema.get("examples")
    found = list(many) if is_list(many) else []
    if "example" in schema and schema["example"] not in found:
        found.append(schema["example"])
    return tuple(found)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
