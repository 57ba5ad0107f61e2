"""Whether the schemas of a document are schemas at all: what models are made of is decided by looking into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts import Contract, pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_codegen.errors import NotGeneratable

_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
_IN_ORDER = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SINGLE = frozenset(
    {
        *("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)
_NAMES: tuple[tuple[type, str], ...] = ((str, "a string"), (int, "a number"), (float, "a number"), (list, "a list"), (dict, "an object"))


def reject_malformed_schemas(contract: Contract) -> None:
    """Raise NotGeneratable for a schema of the components, or one inside it, that is neither an object nor a boolean."""
    components = contract.openapi.get("components")
    schemas = components.get("schemas") if is_mapping(components) else None
    waiting: list[tuple[Any, tuple[str, ...]]] = []
    if is_mapping(schemas):
        waiting = [(schema, ("components", "schemas", name)) for name, schema in schemas.items()]
    while waiting:
        schema, keys = waiting.pop()
        if isinstance(schema, bool):
            continue
        if not is_mapping(schema):
            raise _malformed(keys, "an object or a boolean", schema)
        waiting.extend(_inner(schema, keys))


def _inner(schema: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for word, value in schema.items():
        if word in _BY_NAME:
            if not is_mapping(value):
                raise _malformed((*keys, word), "an object with a schema for each name", value)
            yield from ((inner, (*keys, word, name)) for name, inner in value.items())
        elif word in _IN_ORDER or (word == "items" and is_list(value)):
            if not is_list(value):
                raise _malformed((*keys, word), "a list of schemas", value)
            yield from ((inner, (*keys, word, str(place))) for place, inner in enumerate(value))
        elif word in _SINGLE:
            yield value, (*keys, word)


def _malformed(keys: tuple[str, ...], expected: str, value: Any) -> NotGeneratable:
    actual = next((name for kind, name in _NAMES if isinstance(value, kind)), "null")
    return NotGeneratable(pointers.join(*keys), expected=expected, actual=actual)
