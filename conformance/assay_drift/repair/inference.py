"""The smallest schema that says what values were: their types, and of objects their properties, without a promise beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assay_conformance.schema_kinds import INTEGER, NUMBER, kind_of
from assay_contracts.json_types import is_list, is_mapping

_DEEPEST = 12


def schema_of(values: Sequence[Any], depth: int = 0) -> dict[str, Any]:
    """A schema that all of the values are valid against.

    >>> schema_of([{"id": 1}, {"id": 2.5, "name": None}])
    {'type': 'object', 'properties': {'id': {'type': 'number'}, 'name': {'type': 'null'}}}
    """
    if not values:
        return {}
    kinds = kinds_of(values)
    schema: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    if depth >= _DEEPEST:
        return schema
    objects = [value for value in values if is_mapping(value)]
    names = list(dict.fromkeys(name for value in objects for name in value))
    if names:
        schema["properties"] = {name: schema_of([value[name] for value in objects if name in value], depth + 1) for name in names}
    items = [item for value in values if is_list(value) for item in value]
    if items:
        schema["items"] = schema_of(items, depth + 1)
    return schema


def kinds_of(values: Sequence[Any]) -> list[str]:
    """The JSON types of values, each once, `null` last; an integer is a number where there are others.

    >>> kinds_of([1, None, 2.5, "a"])
    ['number', 'string', 'null']
    """
    kinds = dict.fromkeys(kind_of(value) for value in values)
    if "number" in kinds and "integer" in kinds:
        kinds = dict.fromkeys("number" if kind == "integer" else kind for kind in kinds)
    return [kind for kind in kinds if kind != "null"] + [kind for kind in kinds if kind == "null"]


def schema_of_texts(texts: Sequence[str]) -> dict[str, Any]:
    """The schema of a header or a parameter that was written so.

    >>> schema_of_texts(["1", "20"]), schema_of_texts(["1", "two"])
    ({'type': 'integer'}, {'type': 'string'})
    """
    if texts and all(INTEGER.fullmatch(text) for text in texts):
        return {"type": "integer"}
    if texts and all(NUMBER.fullmatch(text) for text in texts):
        return {"type": "number"}
    return {"type": "boolean" if texts and all(text in ("true", "false") for text in texts) else "string"}
