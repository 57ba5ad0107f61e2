"""Rules of naming: one document speaks with one voice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_mapping
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import every_schema
from assay_contracts.lint.subject import Subject

_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")
_CAMEL = re.compile(r"[a-z][A-Za-z0-9]*")
_UPPER = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


@rule("schema-name-not-pascal-case", profile="house", level="warning", protects="model generators, which name classes after schemas")
def schema_name_not_pascal_case(subject: Subject) -> Iterator[Problem]:
    """The names of component schemas are in PascalCase."""
    components = subject.data.get("components")
    schemas = components.get("schemas") if is_mapping(components) else None
    for name in schemas if is_mapping(schemas) else ():
        if not _PASCAL.fullmatch(name):
            yield Problem(pointers.join("components", "schemas", name), f"the schema {name} is not named in PascalCase")


@rule("operation-id-not-camel-case", profile="house", level="warning", protects="client generators, which name methods after operations")
def operation_id_not_camel_case(subject: Subject) -> Iterator[Problem]:
    """Operation ids are in camelCase."""
    for operation in subject.operations():
        if "operationId" in operation.data and not _CAMEL.fullmatch(operation.id):
            yield Problem(f"{operation.pointer}/operationId", f"the operation id {operation.id} is not camelCase")


@rule("error-code-not-upper-case")
def error_code_not_upper_case(subject: Subject) -> Iterator[Problem]:
    """Error codes are in upper case, with words joined by `_`."""
    taxonomy = subject.data.get("x-error-taxonomy")
    codes = taxonomy.get("codes") if is_mapping(taxonomy) else None
    for code in codes if is_mapping(codes) else ():
        if not _UPPER.fullmatch(str(code)):
            yield Problem(pointers.join("x-error-taxonomy", "codes", code), f"the error code {code} is not in UPPER_CASE")


@rule("parameter-case-mixed", profile="house", level="warning", protects="readers, who would have to remember each name")
def parameter_case_mixed(subject: Subject) -> Iterator[Problem]:
    """The query and path parameters of a document are all in camelCase, or all in snake_case."""
    named = (
        (f"{pointer}/name", str(parameter.get("name")))
        for pointer, parameter in subject.parameters()
        if parameter.get("in") in ("query", "path")
    )
    yield from _mixed(named, "the parameter")


@rule("property-case-mixed", profile="house", level="warning", protects="readers, who would have to remember each name")
def property_case_mixed(subject: Subject) -> Iterator[Problem]:
    """The properties of the schemas of a document are all in camelCase, or all in snake_case."""
    named: list[tuple[str, str]] = []
    for pointer, schema in every_schema(subject):
        properties: Any = schema.get("properties")
        named += [(pointer + pointers.join("properties", name), name) for name in (properties if is_mapping(properties) else ())]
    yield from _mixed(named, "the member")


def _mixed(named: Iterable[tuple[str, str]], what: str) -> Iterator[Problem]:
    """Names of the rarer case, each at its first place; a name of one plain word is of both."""
    first: dict[str, str] = {}
    for where, name in named:
        first.setdefault(name, where)
    cases = {name: "snake_case" if "_" in name else "camelCase" for name in first if "_" in name or not name.islower()}
    counted = Counter(cases.values())
    for name, case in cases.items() if len(counted) > 1 else ():
        usual = "camelCase" if counted["camelCase"] >= counted["snake_case"] else "snake_case"
        if case != usual:
            yield Problem(first[name], f"{what} {name} is {case}, where {counted[usual]} others are {usual}")
