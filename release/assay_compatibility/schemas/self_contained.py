"""A schema of any OpenAPI 3 document as a self-contained JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.upgrade_to_2020_12 import upgraded

from assay_compatibility.places import ApiDocument

LATEST = "https://json-schema.org/draft/2020-12/schema"
_DATA = frozenset({"enum", "const", "default", "example", "examples"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "dependencies"})


# What OpenAPI's registry says of formats of numbers, as bounds that any validator reads.
_RANGES: Mapping[str, dict[str, Any]] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    "float": {"minimum": -3.4028235e38, "maximum": 3.4028235e38},
}


def self_contained(schema: Any, document: ApiDocument, *, most: int) -> dict[str, Any] | None:
    """The schema with the parts that its references reach, or None where they are more than that many."""
    names: dict[str, str] = {}
    parts: dict[str, Any] = {}
    waiting: list[str] = []

    def refer(reference: str) -> str:
        if reference not in names:
            names[reference] = f"part{len(names)}"
            waiting.append(reference)
        return f"#/$defs/{names[reference]}"

    copy: Any = _spelled(schema, document, refer)
    while waiting:
        if len(names) > most:
            return None
        reference = waiting.pop()
        parts[names[reference]] = _spelled(document.target(reference).value, document, refer)
    if not is_mapping(copy):
        copy = {} if copy else {"not": {}}
    return {**copy, "$schema": LATEST, **({"$defs": dict(sorted(parts.items()))} if parts else {})}


def _spelled(value: Any, document: ApiDocument, refer: Any) -> Any:
    if not is_mapping(value):
        return value if isinstance(value, bool) else True
    if isinstance(value.get("$ref"), str) and not document.siblings_count:
        return {"$ref": refer(value["$ref"])}
    copy: dict[str, Any] = {}
    for key, inner in value.items():
        if key in ("nullable", "$defs", "definitions", "discriminator", "xml", "externalDocs") or key.startswith("x-"):
            continue
        if key == "$ref" and isinstance(inner, str):
            copy[key] = refer(inner)
        elif key in _DATA or isinstance(inner, str | int | float | bool) or inner is None:
            copy[key] = inner
        elif key in _NAMED and is_mapping(inner):
            copy[key] = {name: child if is_list(child) else _spelled(child, document, refer) for name, child in inner.items()}
        elif is_mapping(inner):
            copy[key] = inner if key == "dependentRequired" else _spelled(inner, document, refer)
        elif is_list(inner):
            copy[key] = [_spelled(child, document, refer) if is_mapping(child) else child for child in inner]
    return upgraded(copy, nullable=value.get("nullable") is True and document.dialect == "3.0")


def ranged(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the format of its numbers spelled as bounds, for the reading where formats are asserted."""
    name = schema.get("format")
    names = schema.get("type")
    numeric = {"integer", "number"} & set(names if is_list(names) else [names])
    if numeric and isinstance(name, str) and name in _RANGES:
        return {**schema, "allOf": [*schema.get("allOf", ()), _RANGES[name]]}
    return schema
