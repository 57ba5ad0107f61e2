"""Why a validator rejects a value, as what the schema would have to allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_drift.repair.needs import Change
from assay_drift.repair.places import along

UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_ABOUT_PROPERTIES = ("additionalProperties", "unevaluatedProperties")
"""Keywords that only repeat that a property is undocumented."""
_DROPPED = {"format": Change.FORMAT, "pattern": Change.PATTERN, "multipleOf": Change.KEYWORD, "uniqueItems": Change.KEYWORD}
_ALTERNATIVES = ("anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Rejection:
    """What one error needs: the change, the schema that it changes, what it is about, and the value that needs it.

    `change` is None for what no edit of a schema expresses. `path` is where the value stands.
    """

    change: Change | None
    pointer: str
    name: str
    value: Any
    path: tuple[str | int, ...]


def rejections(document: Mapping[str, Any], start: str, errors: Sequence[jsonschema_rs.ValidationError]) -> Iterator[Rejection]:
    """What errors need of the document in which the schema stands at `start`."""
    for error in errors:
        yield from _rejection(document, start, error)


def _rejection(document: Mapping[str, Any], start: str, error: jsonschema_rs.ValidationError) -> Iterator[Rejection]:
    *holder, last = error.evaluation_path or [""]
    keyword, path, value = str(last), tuple(error.instance_path), error.instance
    if keyword in _ABOUT_PROPERTIES:
        return
    place = along(document, start, holder)
    if place is None:
        yield Rejection(None, start, keyword, value, path)
        return
    if keyword in _ALTERNATIVES:
        yield from _alternatives(document, start, place.pointer, keyword, error)
    elif value is None and keyword in ("type", "enum", "const") and place.referrer is not None:
        yield Rejection(Change.NULL, place.referrer, "", None, path)
    elif keyword == "type":
        yield Rejection(Change.TYPE, place.pointer, keyword, value, path)
    elif keyword in ("enum", "const"):
        yield Rejection(Change.VALUE, place.pointer, keyword, value, path)
    elif keyword == "required":
        name = str(getattr(error.kind, "property", ""))
        yield Rejection(Change.OPTIONAL, place.pointer, name, value, (*path, name))
    elif keyword in _DROPPED:
        yield Rejection(_DROPPED[keyword], place.pointer, keyword, value, path)
    elif keyword in (*UPPER, *LOWER):
        yield Rejection(Change.BOUND, place.pointer, keyword, _measure(value), path)
    else:
        yield Rejection(None, place.pointer, keyword, value, path)


def _measure(value: Any) -> Any:
    """What a bound is compared with: the number itself, or how long a string, a list or an object is."""
    return len(value) if isinstance(value, str) or is_list(value) or is_mapping(value) else value


def _alternatives(
    document: Mapping[str, Any], start: str, pointer: str, keyword: str, error: jsonschema_rs.ValidationError
) -> Iterator[Rejection]:
    """What the nearest alternative needs; another one where the value has a type that none allows."""
    path = tuple(error.instance_path)
    branches: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", None) or []
    if keyword == "oneOf" and sum(not branch for branch in branches) > 1:
        yield Rejection(Change.SEVERAL, pointer, keyword, error.instance, path)
        return
    depth = len(error.instance_path)
    candidates = [branch for branch in branches if branch and not any(_of_another_kind(found, depth) for found in branch)]
    if not candidates:
        yield Rejection(Change.ALTERNATIVE, pointer, keyword, error.instance, path)
        return
    nearest = min(candidates, key=lambda branch: (sum(_of_constant(found) for found in branch), len(branch)))
    # Where a branch lies in the way of another, widening it may make the value one of several.
    for found in nearest:
        yield from _rejection(document, start, found)


def _of_another_kind(error: jsonschema_rs.ValidationError, depth: int) -> bool:
    return str((error.evaluation_path or [""])[-1]) == "type" and len(error.instance_path) == depth


def _of_constant(error: jsonschema_rs.ValidationError) -> bool:
    return str((error.evaluation_path or [""])[-1]) in ("const", "enum")


def closed_names(errors: Sequence[jsonschema_rs.ValidationError]) -> set[str]:
    """The names of properties that a closed schema rejects."""
    return {
        str(name)
        for error in errors
        if str((error.evaluation_path or [""])[-1]) in _ABOUT_PROPERTIES
        for name in getattr(error.kind, "unexpected", ())
    }


def shown_place(path: Sequence[str | int]) -> str:
    """A pointer into a value with `*` for the items of a list."""
    return pointers.join(*("*" if isinstance(key, int) else key for key in path))
