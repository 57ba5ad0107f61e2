"""The nodes of schemas: how they are walked, and what is read of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

Schema = dict[str, Any]
COMPONENTS = "#/components/schemas/"


def component(node: Any) -> str:
    """The schema that a node refers to, empty for none."""
    reference = node.get("$ref") if is_mapping(node) else None
    if not isinstance(reference, str) or not reference.startswith(COMPONENTS):
        return ""
    return pointers.unescape(reference.removeprefix(COMPONENTS))


def nodes(waiting: list[Any]) -> Iterator[Schema]:
    """Every object inside some JSON values."""
    while waiting:
        node = waiting.pop()
        if is_mapping(node):
            yield node
            waiting.extend(node.values())
        elif is_list(node):
            waiting.extend(node)


def listed(schema: Schema, word: str) -> list[Any]:
    """The list that stands at a keyword, empty where there is none."""
    parts = schema.get(word)
    return parts if is_list(parts) else []


def types(schema: Schema) -> tuple[str, ...]:
    """The types that a schema names."""
    declared: Any = schema.get("type")
    return (declared,) if isinstance(declared, str) else tuple(declared) if is_list(declared) else ()
