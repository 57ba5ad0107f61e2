"""The properties that a contract declares in the success bodies of an operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import Operation, pointers
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


def declares(operation: Operation, place: str) -> bool:
    """Whether a property of its success bodies has this place; quicker than to list all of them."""
    keys = pointers.split(place)
    return any(
        _leads_on(schema, schema, keys, ())
        for status, response in operation.responses.items()
        if status.startswith("2")
        for schema in response.content.values()
    )


def _leads_on(schema: Any, root: Any, keys: tuple[str, ...], references: tuple[str, ...]) -> bool:
    """Whether the first key is a property of a schema, or `*` its items, and the others lead on from there."""
    if not keys:
        return True
    key, rest = keys[0], keys[1:]
    parts = list(conjuncts(schema, root, references))
    references = (*references, *(reference for part in parts if isinstance(reference := part.get("$ref"), str)))
    for part in parts:
        properties = part.get("properties")
        below = properties.get(key) if is_mapping(properties) else None
        if is_mapping(below) and below.get("writeOnly") is not True and _leads_on(below, root, rest, references):
            return True
        if below is not None and not is_mapping(below) and not rest:
            return True
        if key == "*" and rest and _leads_on(part.get("items"), root, rest, references):
            return True
        for keyword in ("anyOf", "oneOf"):
            options = part.get(keyword)
            if any(_leads_on(option, root, keys, references) for option in (options if is_list(options) else ())):
                return True
    return False


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
