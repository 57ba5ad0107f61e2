"""The schemas that hold together of one value, and the properties that they declare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping


def conjuncts(schema: Any, root: Any, references: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """A schema, what its reference leads to within `root`, and the parts of its `allOf`; nothing for a schema that is a boolean.

    A reference is followed once on each way, so that a schema that extends itself ends.

    >>> list(conjuncts({"$ref": "#/$defs/a"}, {"$defs": {"a": {"minimum": 1}}}))
    [{'$ref': '#/$defs/a'}, {'minimum': 1}]
    """
    if not is_mapping(schema):
        return
    yield schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#") and reference not in references:
        yield from conjuncts(pointers.follow(root, reference), root, (*references, reference))
    parts = schema.get("allOf")
    for part in parts if is_list(parts) else ():
        yield from conjuncts(part, root, references)


def declared_properties(schema: Any, root: Any) -> dict[str, Any]:
    """The schemas of the properties that an object declares, by name; its own win over those that it takes over.

    >>> declared_properties({"allOf": [{"properties": {"a": 1, "b": 2}}], "properties": {"a": 3}}, {})
    {'a': 3, 'b': 2}
    """
    found: dict[str, Any] = {}
    for part in reversed(list(conjuncts(schema, root))):
        properties = part.get("properties")
        found.update(properties if is_mapping(properties) else {})
    return found
