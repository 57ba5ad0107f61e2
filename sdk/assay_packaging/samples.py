"""Values that a contract accepts: one instance of a schema, and one call of an operation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assay_codegen.views import OperationView
from assay_contracts import Operation
from assay_contracts.json_types import is_mapping

from assay_packaging.required_parts import required_parts

_KEYWORDS_OF_FILES = ("contentMediaType", "contentEncoding")


@dataclass(frozen=True, slots=True)
class Sample:
    """One instance of a schema."""

    value: Any


def sample(schema: Mapping[str, Any]) -> Sample | None:
    """A small instance of a schema, its example where it has one; None where none is known."""
    return _instance(json.dumps(required_parts(schema))) or _instance(json.dumps(schema))


@lru_cache(maxsize=256)
def _instance(schema: str) -> Sample | None:
    # An instance of a schema is a witness that not nothing is valid against it.
    from assay_containment import SchemaInvalid, contains

    # A string of its format is better than any string; not every format has a known string.
    for formats in ("assert", None):
        try:
            answer = contains(json.loads(schema), False, formats=formats)
        except SchemaInvalid:
            return None
        if answer.kind.value == "not-contained":
            return Sample(answer.witness)
    return None


def call_arguments(view: OperationView, operation: Operation) -> dict[str, Any] | None:
    """The arguments that a method must be given, with values that the contract accepts; None where one is not known.

    Values are what JSON holds, except that a file or a body of bytes is bytes.
    """
    schemas = {(parameter.location, parameter.name): parameter.schema for parameter in operation.parameters}
    arguments: dict[str, Any] = {}
    for argument in view.arguments:
        if argument.required:
            found = sample(schemas[argument.location, argument.wire])
            if found is None:
                return None
            # An empty path segment is rejected, since it is another path.
            arguments[argument.name] = "x" if found.value == "" and argument.location == "path" else found.value
    if view.body and view.body.required:
        body = _body(view, operation)
        if body is None:
            return None
        arguments[view.body.name] = body.value
    return arguments


def _body(view: OperationView, operation: Operation) -> Sample | None:
    if view.body is None or operation.request_body is None:
        return None
    if view.body.type == "bytes":
        return Sample(b"content")
    if view.body.media.startswith("text/"):
        return Sample("content")
    schema = operation.request_body.content.get(view.body.media, {})
    found = sample(schema)
    if found is not None and view.body.media.startswith("multipart/") and is_mapping(found.value):
        properties: Mapping[str, Any] = schema.get("properties", {})
        return Sample({name: b"content" if _is_file(properties.get(name)) else value for name, value in found.value.items()})
    return found


def _is_file(schema: Any) -> bool:
    return is_mapping(schema) and (schema.get("format") == "binary" or any(word in schema for word in _KEYWORDS_OF_FILES))
