"""Rules of generator traps: what the standards allow and tools that people use with them trip over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import alternatives, every_schema, subschemas
from assay_contracts.lint.subject import Subject

_TOKEN = re.compile(r"(?:^|[-_.\]])(?:cursor|token)$|(?:Cursor|Token)$", re.IGNORECASE | re.ASCII)
_CONFINES = ("pattern", "enum", "const", "format")


@rule("default-response", profile="house", protects="client generators that type errors by status")
def default_response(subject: Subject) -> Iterator[Problem]:
    """No operation declares a `default` response. List statuses, or classes such as `4XX`."""
    for operation in subject.operations():
        responses = operation.data.get("responses")
        if is_mapping(responses) and "default" in responses:
            yield Problem(
                f"{operation.pointer}/responses/default", f"{operation.id} declares a default response: list the statuses, or 4XX and 5XX"
            )


@rule("unique-items-on-list", profile="house", protects="datamodel-code-generator, which generates a set and loses the order")
def unique_items_on_list(subject: Subject) -> Iterator[Problem]:
    """No list uses `uniqueItems`. Some generators turn it into a set, whose order varies."""
    for pointer, schema in every_schema(subject):
        if schema.get("uniqueItems") is True:
            yield Problem(f"{pointer}/uniqueItems", "uniqueItems makes some generators use a set: promise uniqueness as a clause")


@rule("nullable-query-parameter", profile="house", protects="openapi-core, which crashes on one")
def nullable_query_parameter(subject: Subject) -> Iterator[Problem]:
    """No query parameter allows null. A query has no null; the parameter is absent instead."""
    for pointer, parameter in subject.parameters():
        if parameter.get("in") == "query" and any(_admits_null(branch) for branch in alternatives(subject.data, parameter.get("schema"))):
            yield Problem(f"{pointer}/schema", f"the query parameter {parameter.get('name')} may be null: leave it out instead")


@rule("email-format-in-response", profile="house", level="warning", protects="pydantic clients, whose page parsing it dominates")
def email_format_in_response(subject: Subject) -> Iterator[Problem]:
    """No response uses `format: email`, because clients would validate again what the server validated."""
    starts: dict[str, Any] = {}
    for operation in subject.operations():
        responses = operation.data.get("responses")
        for status, raw in responses.items() if is_mapping(responses) else ():
            reference = raw.get("$ref") if is_mapping(raw) else None
            at = reference[1:] if isinstance(reference, str) else operation.pointer + pointers.join("responses", status)
            answer = subject.resolve(raw)
            content = answer.get("content") if is_mapping(answer) else None
            for media, value in content.items() if is_mapping(content) else ():
                starts[at + pointers.join("content", media, "schema")] = value.get("schema") if is_mapping(value) else None
    for pointer, below in _reachable(subject, starts):
        if below.get("format") == "email":
            yield Problem(f"{pointer}/format", "format: email in a response: use it in requests only, where the server validates it")


@rule("items-false", profile="house", protects="datamodel-code-generator, which types it as a list without items")
def items_false(subject: Subject) -> Iterator[Problem]:
    """`items: false` is used only after `prefixItems`, for a tuple."""
    for pointer, schema in every_schema(subject):
        if schema.get("items") is False and not schema.get("prefixItems"):
            yield Problem(f"{pointer}/items", "items: false without prefixItems: use maxItems: 0, or describe the tuple")


@rule("opaque-token-without-pattern", profile="house", protects="schemathesis, to which every unknown cursor is a valid request")
def opaque_token_without_pattern(subject: Subject) -> Iterator[Problem]:
    """An opaque token has a pattern, so that a forged token is distinguishable from a valid one."""
    for pointer, parameter in subject.parameters():
        branches = list(alternatives(subject.data, parameter.get("schema")))
        confined = any(key in branch for branch in branches for key in _CONFINES)
        text = any(branch.get("type") == "string" for branch in branches)
        if text and not confined and _TOKEN.search(str(parameter.get("name"))):
            yield Problem(f"{pointer}/schema", f"the token {parameter.get('name')} is any string at all: give it a pattern")


@rule("code-on-a-shared-problem-schema", profile="house", protects="pyright, and generators that reject narrowing in allOf")
def code_on_a_shared_problem_schema(subject: Subject) -> Iterator[Problem]:
    """A schema does not narrow a property of the schema that it extends with `allOf`."""
    for pointer, schema in every_schema(subject):
        members = schema.get("allOf")
        if not is_list(members):
            continue
        bases = {
            name
            for member in members
            if is_mapping(member) and "$ref" in member
            for branch in alternatives(subject.data, member)
            for name in _properties(branch)
        }
        own = [("", schema), *((f"/allOf/{n}", member) for n, member in enumerate(members) if "$ref" not in member)]
        for place, part in own:
            for name in sorted(bases & set(_properties(part))):
                yield Problem(
                    pointer + place + pointers.join("properties", name),
                    f"{name} narrows a property of the schema that this one extends: declare it in each schema instead of the base",
                )


def _properties(schema: Any) -> dict[str, Any]:
    found = schema.get("properties") if is_mapping(schema) else None
    return found if is_mapping(found) else {}


def _admits_null(schema: dict[str, Any]) -> bool:
    kinds, values = schema.get("type"), schema.get("enum")
    return (
        kinds == "null"
        or (is_list(kinds) and "null" in kinds)
        or schema.get("nullable") is True
        or (is_list(values) and None in values)
        or ("const" in schema and schema["const"] is None)
    )


def _reachable(subject: Subject, starts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every subschema that these schemas are made of, by pointer; what several of them refer to comes once."""
    waiting, seen = list(starts.items()), set(starts)
    while waiting:
        start, here = waiting.pop(0)
        for at, below in subschemas(here, start):
            yield at, below
            reference = below.get("$ref")
            if isinstance(reference, str) and reference.startswith("#") and reference[1:] not in seen:
                seen.add(reference[1:])
                waiting.append((reference[1:], pointers.follow(subject.data, reference)))
