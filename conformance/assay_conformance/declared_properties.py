"""The properties that a contract declares in the success bodies of an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_values import at


def declared_properties(operation: Operation) -> Iterator[str]:
    """The place of each property of its success bodies, such as `/items/*/id`, but of those that only requests have."""
    for status, response in operation.responses.items():
        if status.startswith("2"):
            for schema in response.content.values():
                yield from _members(schema, schema.get("$defs", {}), "", 0)


def _members(schema: Mapping[str, Any], known: Mapping[str, Any], place: str, depth: int) -> Iterator[str]:
    if depth > 12:
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        yield from _members(at(known, "/" + reference.removeprefix("#/$defs/")), known, place, depth + 1)
    for name, member in schema.get("properties", {}).items():
        if member.get("writeOnly") is True:
            continue
        yield f"{place}/{name}"
        yield from _members(member, known, f"{place}/{name}", depth + 1)
    if isinstance(schema.get("items"), Mapping):
        yield from _members(schema["items"], known, f"{place}/*", depth + 1)
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield from _members(part, known, place, depth + 1)
