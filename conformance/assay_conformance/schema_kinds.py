"""Which JSON types a schema allows, and which values a text on the wire may stand for under it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from assay_contracts import Schema, pointers
from assay_contracts.json_types import is_list, is_mapping

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)
_DEEPEST = 8


def resolved(schema: Schema, root: Schema | None = None) -> Schema:
    """The schema with a `$ref` at its top followed, as far as it leads within itself."""
    root = root or schema
    for _ in range(20):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            break
        target = pointers.follow(root, reference)
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def kinds_of(schema: Schema, root: Schema | None = None, depth: int = 0) -> frozenset[str]:
    """The JSON types that a schema allows, through references, choices and enumerations; empty when it names none."""
    root = root or schema
    top = resolved(schema, root)
    named: Any = top.get("type")
    if isinstance(named, str):
        return frozenset({named})
    if is_list(named):
        return frozenset(str(item) for item in named)
    if "const" in top:
        return frozenset({kind_of(top["const"])})
    if is_list(top.get("enum")):
        return frozenset(map(kind_of, top["enum"]))
    if depth > _DEEPEST:
        return frozenset()
    for key in ("anyOf", "oneOf"):
        if is_list(top.get(key)):
            return _union(kinds_of(part, root, depth + 1) for part in top[key] if is_mapping(part))
    parts = top.get("allOf")
    found = [kinds_of(part, root, depth + 1) for part in parts if is_mapping(part)] if is_list(parts) else []
    return next((kinds for kinds in found if kinds), frozenset[str]())


def _union(parts: Iterable[frozenset[str]]) -> frozenset[str]:
    """The types of a choice; empty when one of its alternatives names none."""
    found = list(parts)
    return frozenset[str]().union(*found) if found and all(found) else frozenset[str]()


def kind_of(value: Any) -> str:
    """The JSON type of a value; a whole number is an integer."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else "object" if isinstance(value, Mapping) else "array"


def readings(kinds: frozenset[str], text: str) -> list[Any]:
    """The values that a text stands for under these types, in their one notation; none when it stands for no value of them."""
    found: list[Any] = []
    if kinds & {"integer", "number"}:
        if INTEGER.fullmatch(text):
            found.append(int(text))
        elif "number" in kinds and NUMBER.fullmatch(text):
            found.append(float(text))
    if "boolean" in kinds and text in ("true", "false"):
        found.append(text == "true")
    if not kinds or "string" in kinds:
        found.append(text)
    return found
