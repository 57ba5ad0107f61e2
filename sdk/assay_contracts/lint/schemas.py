"""Walks over schemas: every schema of a document, and every subschema of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.subject import Subject
from assay_contracts.references import is_literal

_ONE = ("items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames",
        "unevaluatedItems", "unevaluatedProperties", "contentSchema")  # fmt: skip
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")

_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object", type(None): "null"}

Placed = tuple[str, dict[str, Any]]


def subschemas(schema: Any, pointer: str) -> Iterator[Placed]:
    """A schema and everything below it, without following references."""
    if not is_mapping(schema):
        return
    yield pointer, schema
    for key in _ONE:
        if key in schema:
            yield from subschemas(schema[key], f"{pointer}/{key}")
    for key in _LISTS:
        members = schema.get(key)
        for index, member in enumerate(members if is_list(members) else []):
            yield from subschemas(member, f"{pointer}/{key}/{index}")
    for key in _NAMED:
        named = schema.get(key)
        for name, member in named.items() if is_mapping(named) else ():
            yield from subschemas(member, pointer + pointers.join(key, name))


def roots(subject: Subject) -> tuple[Placed, ...]:
    """Every schema of a document that is not part of another."""
    if "roots" not in subject.derived:
        subject.derived["roots"] = tuple(_roots(subject.data, (), subject.kind))
    found: tuple[Placed, ...] = subject.derived["roots"]
    return found


def every_schema(subject: Subject) -> tuple[Placed, ...]:
    """Every schema of a document with every subschema."""
    if "every" not in subject.derived:
        subject.derived["every"] = tuple(placed for pointer, schema in roots(subject) for placed in subschemas(schema, pointer))
    found: tuple[Placed, ...] = subject.derived["every"]
    return found


def _roots(value: Any, at: tuple[str, ...], kind: str) -> Iterator[Placed]:
    if is_list(value):
        for index, item in enumerate(value):
            yield from _roots(item, (*at, str(index)), kind)
    elif is_mapping(value):
        for key, item in value.items():
            here = (*at, key)
            if _is_schema(here, kind):
                inner = item["schema"] if is_mapping(item) and "schemaFormat" in item and "schema" in item else item
                pointer = pointers.join(*here) + ("/schema" if inner is not item else "")
                if is_mapping(inner):
                    yield pointer, inner
            elif not (key.startswith("x-") and at[-1:] != ("headers",)) and not is_literal(key) and key != "examples":
                yield from _roots(item, here, kind)


def _is_schema(at: tuple[str, ...], kind: str) -> bool:
    if len(at) == 3 and at[:2] == ("components", "schemas"):
        return True
    if kind == "openapi":
        return at[-1] == "schema"
    return (
        at[-1] == "payload"
        or (at[-1] == "headers" and at[-3:-2] in (("messages",), ("messageTraits",), ("traits",)))
        or (len(at) > 2 and at[-2] == "ws" and at[-1] in ("query", "headers"))
    )


def reached(data: dict[str, Any], schema: Any, pointer: str) -> tuple[Any, ...]:
    """Every subschema that a pointer into an instance can lead to; `*` stands for each item."""
    found: list[Any] = [schema]
    for key in pointers.split(pointer):
        found = [below for here in found for below in _below(data, here, key)]
    return tuple(found)


def alternatives(data: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    """A schema behind its references, with every branch that may describe the same value, each once.

    Schemas refer to each other in circles, and a branch can be reached in many ways: without remembering them the walk
    would double with every step.
    """
    waiting: list[tuple[Any, bool]] = [(schema, False)]
    seen: set[int] = set()
    while waiting:
        here, opened = waiting.pop()
        if opened:
            yield here
        elif is_mapping(here) and id(here) not in seen:
            seen.add(id(here))
            branches: list[Any] = []
            for key in ("allOf", "anyOf", "oneOf"):
                members = here.get(key)
                branches += members if is_list(members) else []
            branches += [here[key] for key in ("then", "else") if key in here]
            waiting += [(branch, False) for branch in reversed(branches)]
            waiting.append((here, True))
            reference = here.get("$ref")
            if isinstance(reference, str) and reference.startswith("#"):
                waiting.append((pointers.follow(data, reference), False))


def _below(data: dict[str, Any], schema: Any, key: str) -> Iterator[Any]:
    for branch in alternatives(data, schema):
        properties = branch.get("properties")
        if key == "*":
            yield from (branch[name] for name in ("items",) if is_mapping(branch.get(name)))
            prefixed = branch.get("prefixItems")
            yield from prefixed if is_list(prefixed) else []
            if is_mapping(branch.get("additionalProperties")):
                yield branch["additionalProperties"]
        elif is_mapping(properties) and key in properties:
            yield properties[key]
        elif key.isdecimal() and is_mapping(branch.get("items")):
            yield branch["items"]
        elif is_mapping(branch.get("additionalProperties")):
            yield branch["additionalProperties"]


def kinds(data: dict[str, Any], schema: Any) -> frozenset[str]:
    """The JSON types that a schema names in any of its branches; none when it names no type."""
    found: set[str] = set()
    for branch in alternatives(data, schema):
        declared, values = branch.get("type"), branch.get("enum")
        named: list[Any] = declared if is_list(declared) else [declared]
        found.update(name for name in named if isinstance(name, str))
        listed = [branch["const"]] if "const" in branch else values if is_list(values) else []
        found.update(_KINDS[type(value)] for value in listed if type(value) in _KINDS)
    return frozenset(found)


def keyword(data: dict[str, Any], schema: Any, name: str) -> Any:
    """The value of a keyword in the first branch that has it, or None."""
    return next((branch[name] for branch in alternatives(data, schema) if name in branch), None)
