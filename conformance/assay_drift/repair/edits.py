"""Needs as edits of a document: RFC 6902 operations against the bundled document as it stands."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_drift.repair.inference import kinds_of, schema_of, schema_of_texts
from assay_drift.repair.needs import Change, Need
from assay_drift.repair.rejections import UPPER

_REPLACED_BY = {"exclusiveMaximum": "maximum", "exclusiveMinimum": "minimum"}


@dataclass(frozen=True, slots=True)
class PatchOperation:
    """One operation of a JSON Patch (RFC 6902): `add`, `replace` or `remove`."""

    op: str
    path: str
    value: Any = None

    def as_json(self) -> dict[str, Any]:
        """The operation as RFC 6902 writes it."""
        return {"op": self.op, "path": self.path} | ({} if self.op == "remove" else {"value": self.value})


@dataclass(frozen=True, slots=True)
class NewResponse:
    """What a response of a status that was not declared looked like: its media type and body, or a declared response that it is one of."""

    media: str | None
    body: Any
    has_body: bool
    like: str = ""


def patch_of(need: Need, values: Sequence[Any], document: Mapping[str, Any]) -> tuple[PatchOperation, ...]:
    """The operations that meet a need; none where the document meets it already."""
    return tuple(_WRITERS[need.change](need, list(values), document))


def pointer_of(need: Need, document: Mapping[str, Any]) -> str:
    """The place that a need is about, as reports and `--accept` name it."""
    holder = need.pointer
    match need.change:
        case Change.OPTIONAL:
            required = pointers.follow(document, f"{holder}/required")
            return f"{holder}/required/{required.index(need.name)}" if is_list(required) and need.name in required else holder
        case Change.PROPERTY:
            return holder + pointers.join("properties", need.name)
        case Change.STATUS:
            return holder + pointers.join("responses", need.name)
        case Change.HEADER:
            return holder + pointers.join("headers", need.name)
        case Change.MEDIA_TYPE:
            return holder + pointers.join("content", need.name)
        case (
            Change.TYPE
            | Change.VALUE
            | Change.BOUND
            | Change.FORMAT
            | Change.PATTERN
            | Change.KEYWORD
            | Change.SEVERAL
            | Change.ALTERNATIVE
        ):
            return holder + pointers.join(need.name)
        case Change.HEADER_OPTIONAL:
            return f"{holder}/required"
        case Change.PARAMETER:
            return f"{holder}/parameters"
        case Change.NULL | Change.CODE | Change.ANNOTATION:
            return holder


def patched(document: Mapping[str, Any], operations: Sequence[PatchOperation]) -> dict[str, Any]:
    """A copy of a document with operations applied in order; what they do not touch is shared with the original.

    >>> patched({"a": [1]}, [PatchOperation("add", "/a/-", 2), PatchOperation("add", "/b", 3)])
    {'a': [1, 2], 'b': 3}
    """
    result: Any = document
    for operation in operations:
        result = _changed(result, pointers.split(operation.path), operation)
    return dict(result)


def _changed(value: Any, keys: tuple[str, ...], operation: PatchOperation) -> Any:
    if not keys:
        return copy.deepcopy(operation.value)
    key, rest = keys[0], keys[1:]
    if is_list(value):
        items = list(value)
        index = len(items) if key == "-" else int(key)
        if rest:
            items[index] = _changed(items[index], rest, operation)
        elif operation.op == "add":
            items.insert(index, copy.deepcopy(operation.value))
        elif operation.op == "remove":
            del items[index]
        else:
            items[index] = copy.deepcopy(operation.value)
        return items
    members = dict(value)
    if rest:
        members[key] = _changed(members[key], rest, operation)
    elif operation.op == "remove":
        del members[key]
    else:
        members[key] = copy.deepcopy(operation.value)
    return members


Writer = Callable[[Need, list[Any], Mapping[str, Any]], list[PatchOperation]]


def _put(document: Mapping[str, Any], holder: str, keys: tuple[str, ...], value: Any) -> PatchOperation:
    """Set what keys below a place lead to; the first container that is missing is written with what goes into it."""
    place = holder
    for position, key in enumerate(keys):
        here = place + pointers.join(key)
        if pointers.follow(document, here) is pointers.MISSING and key != "-":
            for inner in reversed(keys[position + 1 :]):
                value = [value] if inner == "-" else {inner: value}
            return PatchOperation("add", here, value)
        place = here
    return PatchOperation("add" if keys[-1] == "-" else "replace", place, value)


def _property(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    return [_put(document, need.pointer, ("properties", need.name), schema_of(values))]


def _optional(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    required = pointers.follow(document, f"{need.pointer}/required")
    if not is_list(required) or need.name not in required:
        return []
    if len(required) == 1:
        return [PatchOperation("remove", f"{need.pointer}/required")]
    return [PatchOperation("remove", f"{need.pointer}/required/{required.index(need.name)}")]


def _type(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    place = f"{need.pointer}/type"
    declared = pointers.follow(document, place)
    if declared is pointers.MISSING:
        return []
    old = [str(item) for item in declared] if is_list(declared) else [str(declared)]
    added = [kind for kind in kinds_of(values) if kind not in old and not (kind == "integer" and "number" in old)]
    kept = [kind for kind in old if not (kind == "integer" and "number" in added)]
    kinds = [kind for kind in (*kept, *added) if kind != "null"] + ["null"] * ("null" in (*kept, *added))
    return [PatchOperation("replace", place, kinds[0] if len(kinds) == 1 else kinds)] if added else []


def _null(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    schema = pointers.follow(document, need.pointer)
    if not is_mapping(schema) or "$ref" not in schema:
        return []
    words = {key: value for key, value in schema.items() if key != "$ref"}
    return [PatchOperation("replace", need.pointer, {**words, "anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]})]


def _value(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    schema = pointers.follow(document, need.pointer)
    if "const" in schema:
        options = [schema["const"], *values]
        return [PatchOperation("remove", f"{need.pointer}/const"), PatchOperation("add", f"{need.pointer}/enum", options)]
    return [PatchOperation("add", f"{need.pointer}/enum/-", value) for value in values]


def _bound(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    limit = max(values) if need.name in UPPER else min(values)
    if need.name in _REPLACED_BY:
        return [
            PatchOperation("remove", need.pointer + pointers.join(need.name)),
            PatchOperation("add", need.pointer + pointers.join(_REPLACED_BY[need.name]), limit),
        ]
    return [PatchOperation("replace", need.pointer + pointers.join(need.name), limit)]


def _dropped(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    return [PatchOperation("remove", need.pointer + pointers.join(need.name))]


def _alternative(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    return [PatchOperation("add", f"{need.pointer}/{need.name}/-", schema_of(values))]


def _several(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    options = pointers.follow(document, f"{need.pointer}/oneOf")
    return [PatchOperation("remove", f"{need.pointer}/oneOf"), PatchOperation("add", f"{need.pointer}/anyOf", options)]


def _status(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    first: NewResponse = values[0]
    if first.like and all(value.like == first.like for value in values):
        response: dict[str, Any] = {"$ref": f"#{first.like}"}
    else:
        response = {"description": _phrase(need.name)}
        content = {
            media: {"schema": schema_of([value.body for value in values if value.media == media])}
            for media in dict.fromkeys(value.media for value in values if value.has_body and value.media)
        }
        if content:
            response["content"] = content
    return [_put(document, need.pointer, ("responses", need.name), response)]


def _phrase(status: str) -> str:
    try:
        return f"{HTTPStatus(int(status)).phrase}."
    except ValueError:
        return f"Status {status}."


def _media_type(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    known = [value.body for value in values if value.body is not None]
    return [_put(document, need.pointer, ("content", need.name), {"schema": schema_of(known)} if known else {})]


def _header(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    return [_put(document, need.pointer, ("headers", need.name), {"schema": schema_of_texts([str(value) for value in values])})]


def _header_optional(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    return [PatchOperation("remove", f"{need.pointer}/required")]


def _parameter(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    parameter = {"name": need.name, "in": "query", "schema": schema_of_texts([str(value) for value in values])}
    return [_put(document, need.pointer, ("parameters", "-"), parameter)]


def _code(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    return [PatchOperation("add", f"{need.pointer}/-", need.name)]


def _annotation(need: Need, values: list[Any], document: Mapping[str, Any]) -> list[PatchOperation]:
    return [PatchOperation("remove", need.pointer)]


_WRITERS: dict[Change, Writer] = {
    Change.PARAMETER: _parameter,
    Change.STATUS: _status,
    Change.MEDIA_TYPE: _media_type,
    Change.HEADER: _header,
    Change.HEADER_OPTIONAL: _header_optional,
    Change.CODE: _code,
    Change.PROPERTY: _property,
    Change.OPTIONAL: _optional,
    Change.TYPE: _type,
    Change.NULL: _null,
    Change.ALTERNATIVE: _alternative,
    Change.SEVERAL: _several,
    Change.VALUE: _value,
    Change.BOUND: _bound,
    Change.FORMAT: _dropped,
    Change.PATTERN: _dropped,
    Change.KEYWORD: _dropped,
    Change.ANNOTATION: _annotation,
}
