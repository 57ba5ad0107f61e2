"""The members that a schema declares, and every way in which one member can be wrong by its schema alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from assay_contracts import Header, Schema, pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.schema_conjuncts import conjuncts

from assay_mutants.edits import GONE, Change

_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Member:
    """One place in a JSON value: where it is (`*` for every item), its own schema standing alone, whether it must be there."""

    pointer: str
    schema: Schema
    required: bool

    def refuses(self, value: Any) -> bool:
        """Whether the schema forbids the value."""
        return not jsonschema_rs.is_valid(dict(self.schema), value, validate_formats=True)


def members(schema: Schema) -> tuple[Member, ...]:
    """Every member below a schema, in the order of their declaration."""
    return tuple(_walk("", schema, {"$defs": schema.get("$defs", {})}, required=True, seen=frozenset()))


def _walk(pointer: str, schema: Any, root: dict[str, Any], *, required: bool, seen: frozenset[str]) -> Iterator[Member]:
    parts = list(_parts(schema, root))
    references = frozenset(str(part["$ref"]) for part in parts if "$ref" in part)
    if len(pointers.split(pointer)) > _DEEPEST or references & seen or not is_mapping(schema):
        return
    if pointer:
        yield Member(pointer, {**schema, **root}, required)
    needed = {name for part in parts for name in part.get("required", ())}
    properties: dict[str, Any] = {}
    for part in reversed(parts):
        properties.update(part.get("properties", {}))
    for name, below in properties.items():
        yield from _walk(pointer + pointers.join(name), below, root, required=name in needed, seen=seen | references)
    items = next((part["items"] for part in parts if "items" in part), None)
    yield from _walk(f"{pointer}/*", items, root, required=False, seen=seen | references)


def _parts(schema: Any, root: dict[str, Any], references: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """The schemas that hold together of one value, that of the only alternative to `null` among them."""
    for part in conjuncts(schema, root, references):
        yield part
        references = (*references, part["$ref"]) if "$ref" in part else references
        for word in ("oneOf", "anyOf"):
            alternatives = [option for option in part.get(word, ()) if not is_mapping(option) or option.get("type") != "null"]
            if len(alternatives) == 1:
                yield from _parts(alternatives[0], root, references)


def _together(schema: Schema) -> dict[str, Any]:
    """The keywords of the schemas that hold together; a schema's own win over those that it takes over."""
    keywords: dict[str, Any] = {}
    for part in reversed(list(_parts(schema, {"$defs": schema.get("$defs", {})}))):
        keywords.update(part)
    return keywords


def corruptions(member: Member) -> Iterator[tuple[str, Change]]:
    """Each way to break the member's schema: the end of a sentence, and the change that does it. Only what the schema refuses is given."""
    schema = _together(member.schema)
    if member.required:
        yield "is-missing", lambda _: GONE
    if member.refuses(None):
        yield "is-null", lambda _: None
    yield from _types(member, schema)
    yield from _values(member, schema)
    yield from _bounds(member, schema)


def _types(member: Member, schema: dict[str, Any]) -> Iterator[tuple[str, Change]]:
    kind = schema.get("type")
    kinds = kind if is_list(kind) else [kind]
    if "string" in kinds and member.refuses(7):
        yield "is-a-number", lambda value: 7 if isinstance(value, str) else value
    if ("integer" in kinds or "number" in kinds) and member.refuses("7"):
        yield "is-text", lambda value: str(value) if _is_number(value) else value
    if "integer" in kinds and member.refuses(7.5):
        yield "is-a-fraction", lambda value: value + 0.5 if _is_number(value) else value
    if "boolean" in kinds and member.refuses("true"):
        yield "is-text", lambda value: str(value).lower() if isinstance(value, bool) else value
    if "object" in kinds and member.refuses([]):
        yield "is-a-list", lambda value: [value] if is_mapping(value) else value
    if "array" in kinds and member.refuses({}):
        yield "is-an-object", lambda value: {} if is_list(value) else value
    if "array" in kinds and member.refuses([None]):
        yield "holds-null", lambda value: [*value, None] if is_list(value) else value
    if "object" in kinds and schema.get("additionalProperties") is False:
        yield "has-an-undeclared-member", lambda value: {**value, "undeclared": 1} if is_mapping(value) else value


def _values(member: Member, schema: dict[str, Any]) -> Iterator[tuple[str, Change]]:
    sample = str(next(iter(schema.get("examples", [])), "x"))
    near = [sample[:-1], f"{sample}!", "", "!"]
    if "enum" in schema:
        foreign = next((text for text in ("undeclared", "UNDECLARED-2") if member.refuses(text)), None)
        if foreign is not None:
            yield "is-outside-its-enum", lambda _: foreign
    if "const" in schema:
        fixed = schema["const"]
        if isinstance(fixed, bool):
            yield "is-the-contrary", lambda value: (not value) if isinstance(value, bool) else value
        else:
            yield "is-not-what-is-fixed", lambda _: fixed + 1 if _is_number(fixed) else f"{fixed}-else"
    for word, ending in (("pattern", "breaks-its-pattern"), ("format", "breaks-its-format")):
        wrong = next((text for text in near if member.refuses(text)), None) if word in schema else None
        if wrong is not None and not (word == "format" and "pattern" in schema):
            yield ending, _texts(wrong)


def _bounds(member: Member, schema: dict[str, Any]) -> Iterator[tuple[str, Change]]:
    for word, step, ending in (
        ("minimum", -1, "is-below-its-minimum"),
        ("exclusiveMinimum", 0, "is-below-its-minimum"),
        ("maximum", 1, "is-above-its-maximum"),
        ("exclusiveMaximum", 0, "is-above-its-maximum"),
    ):
        if word in schema and member.refuses(schema[word] + step):
            yield ending, _numbers(schema[word] + step)
    if schema.get("minLength", 0) > 0:
        yield "is-too-short", lambda value: value[: schema["minLength"] - 1] if isinstance(value, str) else value
    if "maxLength" in schema:
        yield "is-too-long", lambda value: (value or "x") * (schema["maxLength"] + 1) if isinstance(value, str) else value
    if schema.get("minItems", 0) > 0:
        yield "holds-too-few", lambda value: value[: schema["minItems"] - 1] if is_list(value) else value
    if "maxItems" in schema:
        yield "holds-too-many", lambda value: _grown(value, schema["maxItems"] + 1) if is_list(value) else value


def _texts(other: str) -> Change:
    return lambda value: other if isinstance(value, str) else value


def _numbers(other: float) -> Change:
    return lambda value: other if _is_number(value) else value


def _grown(items: list[Any], count: int) -> list[Any]:
    """The list repeated until it has that many items; an empty one stays as it is."""
    return (items * (count // len(items) + 1))[:count] if items else items


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def refused_text(header: Header) -> str | None:
    """A header value that the header's schema refuses, as near to a right one as can be."""
    sample = str(next(iter(header.schema.get("examples", [])), "x"))
    kind = header.schema.get("type")
    for text in (f"{sample}!", sample[1:], "!", "soon"):
        value: object = int(text) if kind in ("integer", "number") and text.lstrip("-").isdecimal() else text
        if text and not jsonschema_rs.is_valid(dict(header.schema), value, validate_formats=True):
            return text
    return None
