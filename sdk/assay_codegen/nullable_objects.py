"""Objects that may be null, which become plain objects where each reference to them can say that it may be null."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from assay_contracts.json_types import is_mapping

from assay_codegen.schema_nodes import Schema, component, listed, nodes, types

_WORDS = frozenset({"type", "properties", "required", "description", "title"})
_NAMED = frozenset({"properties", "patternProperties"})
_INNER = frozenset({"items", "additionalProperties", "prefixItems", "allOf", "anyOf", "oneOf"})


def nullable_objects(schemas: Mapping[str, Schema], untouched: Collection[str]) -> frozenset[str]:
    """The objects that may be null and that only properties and items of arrays refer to, none of them in `untouched` schemas."""
    found = {name for name, schema in schemas.items() if name not in untouched and _is_nullable_object(schema)}
    if not found:
        return frozenset()
    references = Counter(component(node) for node in nodes(list(schemas.values())) if "$ref" in node)
    for name, schema in schemas.items():
        if name not in untouched:
            references.subtract(component(place) for place in _places(schema) if "$ref" in place)
    return frozenset(name for name in found if not references[name])


def _is_nullable_object(schema: Schema) -> bool:
    return {*schema} <= _WORDS and {*types(schema)} == {"object", "null"} and bool(schema.get("properties"))


def _places(schema: Schema) -> Iterator[Schema]:
    """The properties of a schema and those below it, and the items of its arrays."""
    waiting: list[Any] = [schema]
    while waiting:
        node = waiting.pop()
        if not is_mapping(node):
            continue
        for word in node.keys() & _NAMED:
            waiting += node[word].values() if is_mapping(node[word]) else ()
        for word in node.keys() & _INNER:
            waiting += listed(node, word) or [node[word]]
        properties = node.get("properties")
        places = [*(properties.values() if is_mapping(properties) else ()), node.get("items")]
        yield from (place for place in places if is_mapping(place))
