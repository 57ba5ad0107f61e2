"""Rules of portability: what one reader of a schema takes for granted and another does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay_contracts import pointers
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import every_schema, kinds
from assay_contracts.lint.subject import Subject

_KEYWORDS = frozenset(
    {
        "$id", "$schema", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor",
        "$vocabulary", "$comment", "$defs", "definitions", "dependencies", "allOf",
        "anyOf", "oneOf", "not", "if", "then", "else",
        "dependentSchemas", "prefixItems", "items", "contains", "properties", "patternProperties",
        "additionalProperties", "additionalItems", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "type",
        "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum",
        "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
        "uniqueItems", "maxContains", "minContains", "maxProperties", "minProperties", "required",
        "dependentRequired", "title", "description", "default", "deprecated", "readOnly",
        "writeOnly", "examples", "format", "contentEncoding", "contentMediaType", "contentSchema",
        "example", "nullable", "discriminator", "xml", "externalDocs",
    }
)  # fmt: skip
_LARGEST = 2**53 - 1
_UNPORTABLE = {
    "lookaround": re.compile(r"\(\?(?:[=!]|<[=!])"),
    "a back reference": re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]"),
    "an inline flag": re.compile(r"\(\?[a-zA-Z-]+[:)]"),
    "a named group in Python's way": re.compile(r"\(\?P[<=]"),
    "an anchor of one dialect (\\A, \\Z, \\z)": re.compile(r"(?<!\\)(?:\\\\)*\\[AZz]"),
    "a possessive or atomic group": re.compile(r"\(\?>|[*+?}]\+"),
}


@rule("parameter-without-style", profile="house", protects="generated clients: only two of six sent a filter and a list right by default")
def parameter_without_style(subject: Subject) -> Iterator[Problem]:
    """A query parameter that is a list or an object states `style` and `explode`."""
    for pointer, parameter in subject.parameters():
        compound = kinds(subject.data, parameter.get("schema")) & {"array", "object"}
        if parameter.get("in") == "query" and compound and not {"style", "explode"} <= parameter.keys():
            yield Problem(pointer, f"the parameter {parameter.get('name')} is {' or '.join(sorted(compound))}: say its style and explode")


@rule("nullable-keyword", protects="every reader of OpenAPI 3.1, which ignores it")
def nullable_keyword(subject: Subject) -> Iterator[Problem]:
    """No schema uses `nullable`, a keyword of OpenAPI 3.0. Use the type `null`."""
    for pointer, schema in every_schema(subject):
        if "nullable" in schema:
            yield Problem(f"{pointer}/nullable", "nullable means nothing in OpenAPI 3.1 and AsyncAPI 3: add null to the type")


@rule("integer-beyond-doubles", level="warning", protects="JavaScript clients, which round integers beyond 2^53")
def integer_beyond_doubles(subject: Subject) -> Iterator[Problem]:
    """No integer is larger than a double can represent exactly."""
    for pointer, schema in every_schema(subject):
        most = schema.get("maximum")
        if schema.get("type") == "integer" and isinstance(most, (int, float)) and most > _LARGEST:
            yield Problem(f"{pointer}/maximum", f"{most} is beyond {_LARGEST}: JavaScript would round it; use a string")
        elif schema.get("format") in ("int64", "uint64") and most is None:
            yield Problem(
                f"{pointer}/format", f"{schema.get('format')} without a maximum reaches beyond {_LARGEST}: give one, or use a string"
            )


@rule("pattern-not-portable", profile="house", protects="pydantic, whose engine has no lookaround or back references, and browsers")
def pattern_not_portable(subject: Subject) -> Iterator[Problem]:
    """A pattern uses only syntax that has the same meaning in every regular expression engine."""
    for pointer, schema in every_schema(subject):
        pattern = schema.get("pattern")
        for what, sign in _UNPORTABLE.items() if isinstance(pattern, str) else ():
            if sign.search(pattern or ""):
                yield Problem(f"{pointer}/pattern", f"the pattern uses {what}, which not every engine has")


@rule("example-keyword", level="warning", protects="JSON Schema tools, which know only `examples`")
def example_keyword(subject: Subject) -> Iterator[Problem]:
    """A schema uses `examples`, as JSON Schema does. `example` is a deprecated keyword of OpenAPI."""
    for pointer, schema in every_schema(subject):
        if "example" in schema:
            yield Problem(f"{pointer}/example", "example in a schema is deprecated: write examples, a list")


@rule("integer-as-number-format", level="warning", protects="clients, which would read integers as floating point")
def integer_as_number_format(subject: Subject) -> Iterator[Problem]:
    """A number with the format of an integer has the type integer."""
    for pointer, schema in every_schema(subject):
        if schema.get("format") in ("int32", "int64") and schema.get("type") == "number":
            yield Problem(f"{pointer}/type", f"format {schema.get('format')} on a number: make the type integer")


@rule("unknown-schema-keyword", protects="every reader: a misspelled keyword is ignored without a warning")
def unknown_schema_keyword(subject: Subject) -> Iterator[Problem]:
    """Every keyword of a schema is defined by JSON Schema 2020-12 or by the document's standard, or is an extension."""
    for pointer, schema in every_schema(subject):
        for name in schema:
            if name not in _KEYWORDS and not name.startswith("x-"):
                yield Problem(pointer + pointers.join(name), f"{name!r} is no keyword of a schema: is a quote missing, or a letter?")
