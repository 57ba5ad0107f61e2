"""OpenAPI 3.0 as 3.1, and schemas of older drafts as JSON Schema 2020-12.

Whoever reads a document reads it in one spelling: `nullable` is a type, an exclusive bound is a number, an `example`
of a schema is one of its `examples`, `format: binary` is a media type, and what stands beside a `$ref` that 3.0
ignores is gone. Pointers into the document stay what they were, but for the inside of what was nullable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.references import is_literal, is_name_map

LIFTED = "3.1.0"
"""The version that a lifted document says it has."""

_BOUNDS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
_COMBINED = frozenset({"allOf", "anyOf", "oneOf", "enum"})
_ENCODED = {"binary": ("contentMediaType", "application/octet-stream"), "byte": ("contentEncoding", "base64")}
_SCHEMAS_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
_SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_ONE_SCHEMA = frozenset(
    {"items", "additionalProperties", "additionalItems", "not", "if", "then", "else", "contains", "propertyNames"}
)  # fmt: skip


def lifted(document: dict[str, Any]) -> dict[str, Any]:
    """A bundled OpenAPI 3.0 document as OpenAPI 3.1; any other document as it is.

    >>> schemas = {"Name": {"type": "string", "nullable": True, "example": "Ada"}}
    >>> lifted({"openapi": "3.0.3", "components": {"schemas": schemas}})["components"]["schemas"]["Name"]
    {'type': ['string', 'null'], 'examples': ['Ada']}
    """
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.0."):
        return document
    return {**_object(document, names=False), "openapi": LIFTED}


def _object(value: Any, *, names: bool) -> Any:
    """A part of a document that is no schema; `names` when its keys are names that the author chose."""
    if is_list(value):
        return [_object(item, names=False) for item in value]
    if not is_mapping(value):
        return value
    if names:
        return {key: _object(item, names=False) for key, item in value.items()}
    if isinstance(value.get("$ref"), str):
        return {key: item for key, item in value.items() if key in ("$ref", "summary", "description")}
    return dict(_members(value))


def _members(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if key == "schema":
            yield key, lifted_schema(item)
        elif key == "schemas" and is_mapping(item):
            yield key, {name: lifted_schema(schema) for name, schema in item.items()}
        elif is_literal(key) or key == "examples" or key.startswith("x-"):
            yield key, item
        else:
            yield key, _object(item, names=is_name_map(key, item))


def lifted_schema(schema: Any) -> Any:
    """A Schema Object of OpenAPI 3.0 as JSON Schema 2020-12; its references stay as they are.

    >>> lifted_schema({"type": "number", "minimum": 0, "exclusiveMinimum": True})
    {'type': 'number', 'exclusiveMinimum': 0}
    """
    if not is_mapping(schema):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": schema["$ref"]}
    below: dict[str, Any] = {}
    for key, item in schema.items():
        if key in _SCHEMAS_BY_NAME and is_mapping(item):
            below[key] = {name: lifted_schema(part) for name, part in item.items()}
        elif key in _SCHEMA_LISTS and is_list(item):
            below[key] = [lifted_schema(part) for part in item]
        else:
            below[key] = lifted_schema(item) if key in _ONE_SCHEMA else item
    nullable = below.pop("nullable", False) is True
    if "example" in below:
        below.setdefault("examples", [below["example"]])
        del below["example"]
    return upgraded(_encoded(below), nullable=nullable)


def upgraded(schema: Mapping[str, Any], *, nullable: bool) -> dict[str, Any]:
    """The keywords of one schema as 2020-12 spells them; the schemas below it are taken as they are.

    `nullable` is whether the schema also allows null, as OpenAPI 3.0 says it. Arrays under `items`, `dependencies`
    and exclusive bounds that are booleans are those of older drafts.

    >>> upgraded({"type": "string", "enum": ["a"]}, nullable=True)
    {'type': ['string', 'null'], 'enum': ['a', None]}
    """
    found = dict(schema)
    if is_list(found.get("items")):
        found["prefixItems"] = found.pop("items")
        if "additionalItems" in found:
            found["items"] = found["additionalItems"]
    found.pop("additionalItems", None)
    dependencies = found.pop("dependencies", None)
    for name, dependency in dependencies.items() if is_mapping(dependencies) else ():
        keyword = "dependentRequired" if is_list(dependency) else "dependentSchemas"
        found[keyword] = {**found.get(keyword, {}), name: dependency}
    for exclusive, inclusive in _BOUNDS:
        if isinstance(found.get(exclusive), bool):
            limit = found.get(inclusive)
            if found.pop(exclusive) and limit is not None:
                found[exclusive] = found.pop(inclusive)
    return _nullable(found) if nullable else found


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    types = schema.get("type")
    if types is None:
        # Written beside a combination it is meant of the whole, whatever the letter of 3.0 says.
        return {"anyOf": [{"type": "null"}, schema]} if _COMBINED & schema.keys() else schema
    listed = types if is_list(types) else [types]
    schema["type"] = listed if "null" in listed else [*listed, "null"]
    if is_list(schema.get("enum")) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _encoded(schema: dict[str, Any]) -> dict[str, Any]:
    """Bytes in a string, which 3.0 says by a format and 2020-12 by a keyword of their own."""
    if schema.get("type") == "string" and schema.get("format") in _ENCODED:
        keyword, value = _ENCODED[schema["format"]]
        schema.setdefault(keyword, value)
        del schema["format"]
    return schema
