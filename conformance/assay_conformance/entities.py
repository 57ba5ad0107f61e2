"""Entities as two answers are compared: the properties that the contract names, times as the instants that they are.

A server may add properties of its own and change them with every answer, and may write one instant in several ways.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from assay_contracts import Schema, pointers
from assay_contracts.json_types import is_list, is_mapping

_DEEPEST = 12
_SHORTEST_TIME = len("2026-11-01T00:00:00Z")


def named_properties(schema: Schema, pointer: str) -> frozenset[str] | None:
    """The properties that a schema names for the objects at a pointer, `*` standing for an index; None where it names none."""
    found: set[str] = set()
    for part in _parts(schema, schema, tuple(pointers.split(pointer)), 0):
        properties = part.get("properties")
        found.update(properties if is_mapping(properties) else ())
    return frozenset(found) or None


def _parts(schema: Any, root: Schema, keys: tuple[str, ...], depth: int) -> list[Mapping[str, Any]]:
    """Every schema that speaks of the value at a path."""
    if not is_mapping(schema) or depth > _DEEPEST:
        return []
    found: list[Mapping[str, Any]] = []
    reference = schema.get("$ref")
    if isinstance(reference, str):
        found += _parts(pointers.follow(root, reference), root, keys, depth + 1)
    for key in ("allOf", "anyOf", "oneOf"):
        parts = schema.get(key)
        for part in parts if is_list(parts) else ():
            found += _parts(part, root, keys, depth + 1)
    if not keys:
        return [*found, schema]
    properties = schema.get("properties")
    below: Any = schema.get("items") if keys[0] == "*" else properties.get(keys[0]) if is_mapping(properties) else None
    return found + _parts(below, root, keys[1:], depth + 1)


def comparable(entity: Mapping[str, Any], names: frozenset[str] | None) -> dict[str, Any]:
    """An entity as it is compared: what the contract names of it, with times in one notation."""
    return {name: _canonical(value) for name, value in entity.items() if names is None or name in names}


def _canonical(value: Any) -> Any:
    if isinstance(value, str):
        return _instant(value) if len(value) >= _SHORTEST_TIME and value[4] == "-" and value[10] in "Tt" else value
    return value


@lru_cache(maxsize=65536)
def _instant(text: str) -> str:
    """A time in UTC without superfluous zeros; any other text, and a time outside the years 1 to 9999, as it is."""
    try:
        moment = dt.datetime.fromisoformat(text)
        return text if moment.tzinfo is None else moment.astimezone(dt.UTC).isoformat()
    except (ValueError, OverflowError):
        return text
