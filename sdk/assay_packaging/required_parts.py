"""A schema reduced to what every instance must have: its small instances are those of the whole, found in a fraction of the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

_DEFINITIONS = "#/$defs/"
# An object with one of these may need properties that it does not require by name.
_NEEDING = frozenset({"minProperties", "dependentRequired", "dependentSchemas", "propertyNames", "unevaluatedProperties"})
# Beside these, a schema is one of several of the same value.
_IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else")
# Values, in which nothing is a schema.
_VALUES = frozenset({"const", "enum", "default", "example", "examples", "required"})


def required_parts(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without optional properties, and without definitions that nothing refers to then."""
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    shared = _required_elsewhere(schema, definitions)
    reduced = _reduced({key: value for key, value in schema.items() if key != "$defs"}, shared)
    kept: dict[str, Any] = {}
    waiting = _references(reduced)
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in kept:
            kept[name] = _reduced(definitions[name], shared)
            waiting |= _references(kept[name])
    return {**reduced, "$defs": {name: kept[name] for name in sorted(kept)}} if kept else reduced


def _required_elsewhere(value: Any, definitions: Mapping[str, Any]) -> frozenset[str]:
    """The names that one of several schemas of the same value requires: another one of them may describe the property."""
    if is_list(value):
        return frozenset[str]().union(*(_required_elsewhere(item, definitions) for item in value))
    if not is_mapping(value):
        return frozenset()
    branches = [branch for key in _IN_PLACE if key in value for branch in (value[key] if is_list(value[key]) else [value[key]])]
    found: set[str] = set()
    beside_a_reference = "$ref" in value and not value.keys().isdisjoint({"properties", "required"})
    for schema in (value, *branches) if branches or beside_a_reference else ():
        reference: Any = schema.get("$ref") if is_mapping(schema) else None
        target: Any = definitions.get(_definition(reference)) if _is_local(reference) else schema
        for part in (schema, target):
            required: Any = part.get("required") if is_mapping(part) else None
            found |= set(required if is_list(required) else ())
    return frozenset(found).union(*(_required_elsewhere(item, definitions) for key, item in value.items() if key not in _VALUES))


def _reduced(value: Any, shared: frozenset[str]) -> Any:
    if is_list(value):
        return [_reduced(item, shared) for item in value]
    if not is_mapping(value):
        return value
    properties: Any = value.get("properties")
    found = {key: item if key in _VALUES else _reduced(item, shared) for key, item in value.items() if key != "properties"}
    if is_mapping(properties):
        required: Any = value.get("required")
        names = properties.keys() if _NEEDING & value.keys() else shared.union(required if is_list(required) else ())
        found["properties"] = {name: _reduced(item, shared) for name, item in properties.items() if name in names}
        found.setdefault("type", "object")
    return found


def _references(value: Any) -> set[str]:
    """The names of the definitions that a schema refers to."""
    if is_list(value):
        return set[str]().union(*map(_references, value))
    if not is_mapping(value):
        return set()
    reference: Any = value.get("$ref")
    own = {_definition(reference)} if _is_local(reference) else set[str]()
    properties: Any = value.get("properties")
    # A property may be named like a keyword.
    parts = list(properties.values()) if is_mapping(properties) else []
    parts += [item for key, item in value.items() if key not in _VALUES and key != "properties"]
    return own.union(*map(_references, parts))


def _is_local(reference: Any) -> bool:
    return isinstance(reference, str) and reference.startswith(_DEFINITIONS)


def _definition(reference: str) -> str:
    return _decoded(reference.removeprefix(_DEFINITIONS).partition("/")[0])


def _decoded(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")
