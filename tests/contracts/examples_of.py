"""The examples of contracts, for tests that hold them against something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts import Contract
from assay_contracts.json_types import is_list, is_mapping

Example = tuple[str, str, str, Any]
_NO_SCHEMAS = frozenset({"example", "examples", "const", "enum", "default", "if", "then", "else", "not"})


def response_examples(contract: Contract) -> Iterator[Example]:
    """Each example of a response body: operation, status, media type, body."""
    for operation in contract.operations:
        for status, response in operation.responses.items():
            for media, schema in response.content.items():
                for body in examples(schema):
                    yield operation.id, status, media, body


def examples(schema: Mapping[str, Any]) -> list[Any]:
    """The examples of a schema that stands alone, behind its reference where it is one."""
    target: Any = schema
    while "$ref" in target:
        target = schema["$defs"][target["$ref"].removeprefix("#/$defs/")]
    return list(target.get("examples", ()))


def subschemas(document: Any, pointer: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object of a document that has a `type`, with the pointer to it; examples, annotations and conditions are none."""
    if is_mapping(document):
        if isinstance(document.get("type"), str | list):
            yield pointer, document
        for key, value in document.items():
            if key not in _NO_SCHEMAS and not key.startswith("x-"):
                yield from subschemas(value, f"{pointer}/{key}")
    elif is_list(document):
        for index, value in enumerate(document):
            yield from subschemas(value, f"{pointer}/{index}")
