"""Small questions about a schema that structure decides by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_codegen.errors import NotGeneratable
from assay_codegen.shaping import bare

Schema = dict[str, Any]
Tag = str | int
"""A value that tells one alternative from another."""


def is_tag(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def as_tags(mapped: list[str], constants: list[Tag]) -> list[Tag]:
    """The keys of a mapping as values of the property, which may be an integer."""
    numbered = any(isinstance(value, int) for value in constants) and all(value.lstrip("-").isdecimal() for value in mapped)
    return [int(value) if numbered else value for value in mapped]


def tag_type(values: Iterable[Tag]) -> str:
    return "integer" if all(isinstance(value, int) for value in values) else "string"


def sorted_tags(values: Iterable[Tag]) -> list[Tag]:
    return sorted(values, key=lambda value: (isinstance(value, str), value))


def is_null(option: Any) -> bool:
    return is_mapping(option) and option.get("type") == "null"


def is_object(schema: Schema) -> bool:
    if "allOf" in schema and "type" not in schema and "properties" not in schema:
        return True
    return schema.get("type", "object") == "object" and not any(word in schema for word in ("anyOf", "oneOf", "const", "enum", "items"))


def without_null(parts: list[Schema]) -> list[Schema]:
    """Parts that hold together: an object or null that is an object in another part is an object."""
    if not any(part.get("type") == "object" for part in parts):
        return parts
    return [{**part, "type": "object"} if part.get("type") in (["object", "null"], ["null", "object"]) else part for part in parts]


def narrows(parts: list[Schema]) -> bool:
    """Whether a part speaks of a property that another declares otherwise, or requires what another leaves open."""
    declared: dict[str, Any] = {}
    required: dict[str, bool] = {}
    for part in parts:
        needs = set(part.get("required", ()))
        for name, inner in part.get("properties", {}).items():
            if name in declared:
                return True
            declared[name] = inner
            required[name] = name in needs
    return any(name in declared and not required[name] for part in parts for name in part.get("required", ()))


def combined(first: Any, second: Any) -> Any:
    """What holds for a property that two parts declare: the one that says more, or both together."""
    if bare(first) == bare(second) or not bare(second):
        return first
    if not bare(first):
        return second
    one, other = first, second
    composed = ("$ref", "allOf", "anyOf", "oneOf")
    if any(word in part for part in (one, other) for word in composed):
        return other
    return {**one, **other}


def referred_models(schemas: Mapping[str, Schema]) -> set[str]:
    """The schemas that others refer to."""
    found: set[str] = set()
    waiting: list[Any] = list(schemas.values())
    while waiting:
        node = waiting.pop()
        if is_mapping(node):
            if isinstance(reference := node.get("$ref"), str):
                found.add(_model_of(reference))
            waiting.extend(node.values())
        elif is_list(node):
            waiting.extend(node)
    return found


def _model_of(reference: str) -> str:
    keys = pointers.split(reference)
    if len(keys) < 2:
        raise NotGeneratable(
            f"$ref {reference!r}", expected="a reference to a schema", actual="the whole document",
            next_step="refer to a schema by its name, such as #/components/schemas/Node",
        )  # fmt: skip
    return keys[1]


def choices_in(nodes: list[Any]) -> Iterator[Schema]:
    """Every `oneOf` or `anyOf` inside some schemas."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if is_mapping(node):
            schema = node
            if any(is_list(schema.get(word)) for word in ("oneOf", "anyOf")):
                yield schema
            waiting.extend(schema.values())
        elif is_list(node):
            waiting.extend(node)
