"""Schemas in one spelling: 3.0 and 3.1, `$ref`, `allOf`, nullable and single-branch unions all read the same.

A normal schema has its keywords in one spelling, and its subschemas are places in the document. So nothing is expanded before it is
compared, and every keyword has the pointer that it came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.errors import DocumentRefused
from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.schemas.anchors import meant_by

TYPES = frozenset({"null", "boolean", "object", "array", "number", "string"})
# The types whose values hold something: characters, items, properties. A number, a boolean and null hold nothing.
HOLDERS = frozenset({"object", "array", "string"})
# Subschemas that apply to one place each, in the order they are compared.
SINGLE = ("additionalProperties", "propertyNames", "items", "contains", "not", "if", "then", "else", "contentSchema")
SINGLE_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")
KEYED = ("properties", "patternProperties", "dependentSchemas")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
NOTES = ("title", "description", "example", "examples", "externalDocs", "xml", "$comment", "default", "deprecated")
_EMPTY: Mapping[str, Any] = {
    "minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False, "readOnly": False, "writeOnly": False,
    "deprecated": False, "nullable": False, "required": [], "properties": {}, "patternProperties": {}, "dependentRequired": {},
}  # fmt: skip
_TRUE_SUBSCHEMAS = ("additionalProperties", "items", "propertyNames", "unevaluatedProperties", "unevaluatedItems")
_XML_EMPTY: Mapping[str, Any] = {"attribute": False, "wrapped": False}


@dataclass(slots=True)
class NormalSchema:
    """One schema in normal form.

    `keywords` holds the assertions that need no subschema, `annotations` what asserts nothing. `subschemas` holds one schema for a
    keyword such as `items`, `named_subschemas` several by name, such as `properties`. `required` has the pointer of each list that
    names a property, and `where` the pointer of each keyword.
    """

    types: frozenset[str] = TYPES
    keywords: dict[str, Any] = field(default_factory=dict[str, Any])
    subschemas: dict[str, Node] = field(default_factory=dict[str, Node])
    named_subschemas: dict[str, dict[str, Node]] = field(default_factory=dict[str, dict[str, Node]])
    prefix_items: tuple[Node, ...] = ()
    unions: dict[str, tuple[Node, ...]] = field(default_factory=dict[str, tuple[Node, ...]])
    required: dict[str, str] = field(default_factory=dict[str, str])
    where: dict[str, str] = field(default_factory=dict[str, str])
    annotations: dict[str, Any] = field(default_factory=dict[str, Any])
    rejects_all: bool = False

    @property
    def properties(self) -> dict[str, Node]:
        """The declared properties."""
        return self.named_subschemas.get("properties", {})

    @property
    def only_types(self) -> bool:
        """Whether it constrains only the types."""
        return not (
            self.keywords
            or self.subschemas
            or self.named_subschemas
            or self.prefix_items
            or self.unions
            or self.required
            or self.rejects_all
        )

    @property
    def structured(self) -> bool:
        """Whether it describes objects or arrays."""
        return bool(self.named_subschemas or self.subschemas or self.prefix_items or self.unions)

    @property
    def only_alternatives(self) -> bool:
        """Whether it is one `oneOf` or `anyOf` and nothing else."""
        return len(self.unions) == 1 and not (
            self.keywords or self.subschemas or self.named_subschemas or self.prefix_items or self.required or self.rejects_all
        )

    @property
    def open(self) -> bool:
        """Whether undeclared properties are allowed and unconstrained."""
        return not ({"additionalProperties", "unevaluatedProperties"} & self.subschemas.keys())


class NormalSchemas:
    """The normal schemas of one document, each built once."""

    def __init__(self, document: ApiDocument) -> None:
        self.document = document
        self._known: dict[str, tuple[Any, NormalSchema]] = {}

    def of(self, place: Node) -> NormalSchema:
        """The normal schema of the schema at a place."""
        known = self._known.get(place.pointer)
        if known is None or known[0] is not place.value:
            schema = NormalSchema()
            self._add(schema, place, ())
            self._settle(schema, place)
            known = self._known[place.pointer] = (place.value, schema)
        return known[1]

    def resolved(self, place: Node) -> Node:
        """The place of a schema behind references and unions of one."""
        for _ in range(64):
            value = place.value
            if not is_mapping(value):
                return place
            if isinstance(value.get("$ref"), str) and (len(value) == 1 or not self.document.siblings_count):
                place = self.document.target(value["$ref"])
                continue
            alone = [key for key in ("allOf", "oneOf", "anyOf") if key in value]
            if len(value) == 1 and alone and is_list(value[alone[0]]) and len(value[alone[0]]) == 1:
                place = place.child(alone[0], 0)
                continue
            return place
        return place

    def circular(self, place: Node) -> bool:
        """Whether a schema comes back to itself on the same instance, which gives it no meaning."""
        start = self.resolved(place).pointer
        seen: set[str] = set()
        waiting = list(self._same_instance(self.resolved(place)))
        while waiting:
            schema = self.resolved(waiting.pop())
            if schema.pointer == start:
                return True
            if schema.pointer not in seen:
                seen.add(schema.pointer)
                waiting.extend(self._same_instance(schema))
        return False

    def _same_instance(self, place: Node) -> Iterator[Node]:
        if is_mapping(place.value):
            if isinstance(place.value.get("$ref"), str):
                yield self.document.target(place.value["$ref"])
            for key in ("allOf", "oneOf", "anyOf"):
                yield from (child for _, child in place.child(key).children())

    def _add(self, schema: NormalSchema, place: Node, trail: tuple[str, ...]) -> None:
        value = place.value
        if value is False:
            schema.rejects_all = True
            schema.where["never"] = place.pointer
            return
        if not is_mapping(value) or place.pointer in trail:
            return
        trail = (*trail, place.pointer)
        if isinstance(value.get("$ref"), str):
            self._add(schema, self.document.target(value["$ref"]), trail)
            if not self.document.siblings_count:
                return
        for index in range(len(value["allOf"]) if is_list(value.get("allOf")) else 0):
            self._add(schema, place.child("allOf", index), trail)
        types = self._types(value)
        if types is not None:
            schema.types = schema.types & types
            schema.where["type"] = place.pointer
            if types & {"number"} and _only_integers(value):
                self._word(schema, "integers", True, place.pointer)
        for key, raw in value.items():
            self._keyword(schema, place, key, raw, trail)

    def _types(self, value: Mapping[str, Any]) -> frozenset[str] | None:
        raw = value.get("type")
        if raw is None:
            return None
        names = {str(word) for word in raw} if is_list(raw) else {str(raw)}
        if value.get("nullable") is True and self.document.dialect == "3.0":
            names.add("null")
        if "file" in names:
            names = names - {"file"} | {"string"}
        if "any" in names:
            return TYPES
        return frozenset("number" if name == "integer" else name for name in names)

    def _keyword(self, schema: NormalSchema, place: Node, key: str, raw: Any, trail: tuple[str, ...]) -> None:
        if key in ("type", "$ref", "allOf", "nullable") or (key in _EMPTY and raw == _EMPTY[key]):
            return
        if key in _TRUE_SUBSCHEMAS and (raw is True or raw == {}):
            return
        if key == "additionalItems":
            # Only beside a list of schemas does the older spelling mean anything.
            if is_list(place.value.get("items")) and raw is not True and raw != {}:
                schema.subschemas["items"] = Node(f"{place.pointer}/{key}", raw)
                schema.where["items"] = place.pointer
            return
        if key == "dependencies" and is_mapping(raw):
            needed = {name: dependency for name, dependency in raw.items() if is_list(dependency) and dependency}
            if needed:
                self._word(schema, "dependentRequired", needed, place.pointer)
            schema.named_subschemas.setdefault("dependentSchemas", {}).update(
                {name: place.child(key, name) for name, dependency in raw.items() if not is_list(dependency)}
            )
            return
        below = Node(f"{place.pointer}/{key}", raw)
        if key == "required":
            if is_list(raw):
                schema.required.update({str(name): place.pointer for name in raw})
        elif key in KEYED and is_mapping(raw):
            kept = schema.named_subschemas.setdefault(key, {})
            for name, child in below.children():
                kept[name] = _both(kept[name], child) if name in kept else child
        elif key in SINGLE or key in SINGLE_UNEVALUATED:
            if is_list(raw):
                schema.prefix_items = tuple(child for _, child in below.children())
            else:
                schema.subschemas[key] = _both(schema.subschemas[key], below) if key in schema.subschemas else below
            schema.where[key] = place.pointer
        elif key == "prefixItems" and is_list(raw):
            schema.prefix_items = tuple(child for _, child in below.children())
            schema.where[key] = place.pointer
        elif key in ("anyOf", "oneOf") and is_list(raw):
            self._union(schema, place, key, tuple(child for _, child in below.children()), trail)
        elif key in NOTES or key.startswith("x-") or key in ("$schema", "$id", "$defs", "definitions", "$anchor", "$dynamicAnchor"):
            kept_note = {k: v for k, v in raw.items() if _XML_EMPTY.get(k) != v} if key == "xml" and is_mapping(raw) else raw
            if kept_note not in ({}, None) and key not in ("$defs", "definitions"):
                schema.annotations[key] = kept_note
                schema.where[key] = place.pointer
        else:
            self._bound(schema, place, key, raw)

    def _bound(self, schema: NormalSchema, place: Node, key: str, raw: Any) -> None:
        value = place.value
        if key in ("exclusiveMinimum", "exclusiveMaximum") and isinstance(raw, bool):
            limit = value.get("minimum" if key == "exclusiveMinimum" else "maximum")
            if raw and isinstance(limit, int | float):
                self._word(schema, key, limit, place.pointer)
            return
        if key in ("minimum", "maximum") and value.get("exclusive" + key.capitalize()) is True:
            return
        if key in ("$dynamicRef", "$recursiveRef"):
            raw = [raw, canonical(meant_by(self.document.content, str(raw).rpartition("#")[2]))]
        if key == "const":
            key, raw = "enum", [raw]
        if key == "enum":
            if not is_list(raw):
                raise DocumentRefused(f"the enum at {place.pointer}", expected="an array of values", actual=canonical(raw)[:40])
            raw = _ordered(raw)
            if value.get("nullable") is True and self.document.dialect == "3.0" and None not in raw:
                raw = _ordered([*raw, None])
        self._word(schema, key, raw, place.pointer)

    def _word(self, schema: NormalSchema, key: str, raw: Any, pointer: str) -> None:
        old = schema.keywords.get(key)
        if old is not None:
            if key in UPPER:
                raw = min(old, raw)
            elif key in LOWER:
                raw = max(old, raw)
            elif key == "enum":
                raw = [value for value in old if value in raw]
            elif key == "pattern" and old != raw:
                raw = f"(?=.*(?:{old}))(?=.*(?:{raw}))"
        schema.keywords[key] = raw
        schema.where[key] = pointer

    def _union(self, schema: NormalSchema, place: Node, key: str, branches: tuple[Node, ...], trail: tuple[str, ...]) -> None:
        nulls = [branch for branch in branches if _is_null(self.resolved(branch).value)]
        rest = tuple(branch for branch in branches if branch not in nulls)
        if nulls and "type" not in place.value and len(rest) == 1:
            self._add(schema, rest[0], trail)
            schema.types = schema.types | {"null"}
            if "enum" in schema.keywords and None not in schema.keywords["enum"]:
                schema.keywords["enum"] = _ordered([*schema.keywords["enum"], None])
            return
        if len(branches) == 1:
            self._add(schema, branches[0], trail)
            return
        schemas = [self.of(branch) for branch in branches] if _plain(branches) else []
        if schemas and all(option.only_types or option.keywords == {"integers": True} for option in schemas):
            found = frozenset[str]().union(*(option.types for option in schemas))
            if found >= TYPES - {"null"} and not any(option.keywords for option in schemas if option.types != frozenset({"number"})):
                # To list every type but null is how "anything" is spelled where null has no name.
                return
            schema.types = schema.types & found
            schema.where["type"] = place.pointer
            if "number" in schema.types and all(option.keywords for option in schemas if "number" in option.types):
                self._word(schema, "integers", True, place.pointer)
            return
        known = schema.unions.get(key)
        schema.unions[key] = branches if known is None else (*known, *branches)
        schema.where[key] = place.pointer

    def _settle(self, schema: NormalSchema, place: Node) -> None:
        """Keep only what can make a difference, so that spellings which mean the same are the same."""
        value = place.value
        nullable = is_mapping(value) and value.get("nullable") is True and self.document.dialect == "3.0"
        # Beside a type `nullable` is about that type, and what else the schema requires may still reject null.
        if nullable and "type" not in value and schema.types != TYPES:
            schema.types = schema.types | {"null"}
            if "enum" in schema.keywords and None not in schema.keywords["enum"]:
                schema.keywords["enum"] = _ordered([*schema.keywords["enum"], None])
        if not schema.keywords.get("contains", True) or "contains" not in schema.subschemas:
            schema.keywords.pop("minContains", None)
            schema.keywords.pop("maxContains", None)
        elif schema.keywords.get("minContains") == 1:
            schema.keywords.pop("minContains")
        for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if exclusive in schema.keywords and inclusive in schema.keywords:
                loose = (
                    schema.keywords[inclusive] < schema.keywords[exclusive]
                    if inclusive == "minimum"
                    else schema.keywords[inclusive] > schema.keywords[exclusive]
                )
                schema.keywords.pop(inclusive if loose or schema.keywords[inclusive] == schema.keywords[exclusive] else exclusive)
        if "if" in schema.subschemas and not ({"then", "else"} & schema.subschemas.keys()):
            schema.subschemas.pop("if")
        if "if" not in schema.subschemas:
            schema.subschemas.pop("then", None)
            schema.subschemas.pop("else", None)
        if schema.keywords.get("enum") and schema.types != TYPES and not schema.structured:
            schema.keywords["enum"] = [value for value in schema.keywords["enum"] if kind_of(value) in schema.types]


def kind_of(value: Any) -> str:
    """The JSON type of a value, integers being numbers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if is_list(value) else "object"


def canonical(value: Any) -> str:
    """A value as text that equal values share."""
    return json.dumps(value, sort_keys=True, default=str)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON, where true is not 1."""
    if one is other:
        return True
    if one != other:
        return False
    try:
        return orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS) or _kinds_alike(
            one, other
        )
    except TypeError:
        return _kinds_alike(one, other)


def _kinds_alike(one: Any, other: Any) -> bool:
    """Whether two values that Python calls equal have the same kinds all the way down."""
    if is_mapping(one):
        return all(_kinds_alike(value, other[key]) for key, value in one.items())
    if is_list(one):
        return all(map(_kinds_alike, one, other))
    return isinstance(one, bool) == isinstance(other, bool)


def _only_integers(value: Mapping[str, Any]) -> bool:
    names = value["type"] if is_list(value["type"]) else [value["type"]]
    return "integer" in names and "number" not in names


def _ordered(values: list[Any]) -> list[Any]:
    return sorted({canonical(value): value for value in values}.values(), key=canonical)


def _is_null(value: Any) -> bool:
    return is_mapping(value) and (value.get("type") in ("null", ["null"]) or value.get("const", 0) is None or value.get("enum") == [None])


def _plain(branches: tuple[Node, ...]) -> bool:
    """Whether every branch could be nothing but a type."""
    return all(is_mapping(branch.value) and "type" in branch.value and not _DEEP & branch.value.keys() for branch in branches)


_DEEP = frozenset({"properties", "allOf", "anyOf", "oneOf", "$ref", "enum", "const", "format", "pattern"})


def _both(first: Node, second: Node) -> Node:
    """Two schemas that hold at once; the pointer is that of the later one."""
    if first.value == second.value:
        return first
    return Node(second.pointer, {"allOf": [first.value, second.value]})
