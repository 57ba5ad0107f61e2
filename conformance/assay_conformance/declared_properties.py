"""The properties that a contract declares in the success bodies of an operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import Operation
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.schema_conjuncts import conjuncts


def declared_properties(operation: Operation) -> Iterator[str]:
    """The place of each property of its success bodies, such as `/items/*/id`, but of those that only requests have.

    A schema that contains itself is read once on each way, so a tree gives the properties of its first level.
    """
    for status, response in operation.responses.items():
        if status.startswith("2"):
            for schema in response.content.values():
                yield from _places(schema, schema, "", ())


def _places(schema: Any, root: Any, place: str, references: tuple[str, ...]) -> Iterator[str]:
    parts = list(conjuncts(schema, root, references))
    references = (*references, *(reference for part in parts if isinstance(reference := part.get("$ref"), str)))
    for part in parts:
        properties = part.get("properties")
        for name, below in properties.items() if is_mapping(properties) else ():
            if not is_mapping(below) or below.get("writeOnly") is not True:
                yield f"{place}/{name}"
                yield from _places(below, root, f"{place}/{name}", references)
        yield from _places(part.get("items"), root, f"{place}/*", references)
        for keyword in ("anyOf", "oneOf"):
            options = part.get(keyword)
            for option in options if is_list(options) else ():
                yield from _places(option, root, place, references)
