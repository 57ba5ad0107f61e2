"""Operations as an OpenAPI 3.0 document spells them: null is `nullable`, an exclusive bound is a boolean, one type is no list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_drift.repair.edits import PatchOperation, patched

_NULL = {"type": "null"}


def lowered(document: Mapping[str, Any], operations: Sequence[PatchOperation]) -> list[PatchOperation]:
    """The same edits for the document as it is written in 3.0; its reading as 3.1 is what the operations are meant for."""
    found: list[PatchOperation] = []
    current: Mapping[str, Any] = document
    for operation in operations:
        for lower in _lowered(current, PatchOperation(operation.op, _written(current, operation.path), operation.value)):
            found.append(lower)
            if pointers.follow(current, lower.path.rpartition("/")[0]) is not pointers.MISSING:
                current = patched(current, [lower])
    return found


def _written(document: Mapping[str, Any], pointer: str) -> str:
    """A pointer without the alternative that a nullable schema is read as."""
    place, keys = "", list(pointers.split(pointer))
    while keys:
        here = pointers.follow(document, place)
        if keys[:2] == ["anyOf", "1"] and is_mapping(here) and "anyOf" not in here and here.get("nullable") is True:
            del keys[:2]
            continue
        place += pointers.join(keys.pop(0))
    return place


def _lowered(document: Mapping[str, Any], operation: PatchOperation) -> Iterator[PatchOperation]:
    holder, key = operation.path.rpartition("/")[0], pointers.last(operation.path)
    schema = pointers.follow(document, holder)
    if key == "type" and is_list(operation.value) and is_mapping(schema):
        yield from _type(holder, schema, [str(kind) for kind in operation.value])
    elif operation.op == "remove" and pointers.follow(document, operation.path) is pointers.MISSING:
        inclusive = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}.get(key)
        if inclusive is None:
            yield operation
    elif operation.op == "add" and key == "-" and operation.value is None and is_list(schema) and None in schema:
        return
    elif is_mapping(operation.value) and [*operation.value.get("anyOf", ())][1:] == [_NULL]:
        reference = operation.value["anyOf"][0]
        words = {name: value for name, value in operation.value.items() if name != "anyOf"}
        yield PatchOperation(operation.op, operation.path, {**words, "nullable": True, "allOf": [reference]})
    else:
        yield PatchOperation(operation.op, operation.path, _schema(operation.value))


def _type(holder: str, schema: Mapping[str, Any], kinds: list[str]) -> Iterator[PatchOperation]:
    others = [kind for kind in kinds if kind != "null"]
    if "null" in kinds and schema.get("nullable") is not True:
        yield PatchOperation("add", f"{holder}/nullable", value=True)
    if len(others) > 1:
        yield PatchOperation("remove", f"{holder}/type")
        yield PatchOperation("add", f"{holder}/anyOf", [{"type": kind} for kind in others])
    elif others and schema.get("type") != others[0]:
        yield PatchOperation("replace", f"{holder}/type", others[0])


def _schema(value: Any) -> Any:
    """A value of a patch, with the types of the schemas in it as 3.0 spells them."""
    if is_list(value):
        return [_schema(item) for item in value]
    if not is_mapping(value):
        return value
    found = {key: _schema(item) for key, item in value.items()}
    kinds = found.get("type")
    if is_list(kinds):
        others = [kind for kind in kinds if kind != "null"]
        found.pop("type")
        if len(others) == 1:
            found["type"] = others[0]
        elif others:
            found["anyOf"] = [{"type": kind} for kind in others]
        if "null" in kinds:
            found["nullable"] = True
    elif kinds == "null":
        found.pop("type")
        found["nullable"] = True
    return found


def in_one_spelling(value: Any) -> Any:
    """A document in which a reference or null is written as `anyOf` of the two, however 3.0 wrapped it.

    >>> in_one_spelling({"anyOf": [{"type": "null"}, {"allOf": [{"$ref": "#/a"}]}]})
    {'anyOf': [{'$ref': '#/a'}, {'type': 'null'}]}
    """
    if is_list(value):
        return [in_one_spelling(item) for item in value]
    if not is_mapping(value):
        return value
    found = {key: in_one_spelling(item) for key, item in value.items()}
    options = found.get("anyOf")
    if set(found) == {"anyOf"} and is_list(options) and len(options) == 2 and options[0] == _NULL and is_mapping(options[1]):
        wrapped = dict(options[1])
        parts = wrapped.pop("allOf", None)
        if is_list(parts) and len(parts) == 1:
            return {**wrapped, "anyOf": [parts[0], _NULL]}
    return found
