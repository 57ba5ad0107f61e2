"""Which properties a body has in its direction: `writeOnly` ones are never in a response, `readOnly` ones never in a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Schema
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.schema_conjuncts import conjuncts, declared_properties

READ_ONLY, WRITE_ONLY = "readOnly", "writeOnly"
_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_VALUES = ("const", "enum", "default", "example", "examples", "required")


def without_absent(schema: Schema, mark: str) -> dict[str, Any]:
    """A self-contained schema that requires no property with the mark `readOnly` or `writeOnly`.

    >>> without_absent({"required": ["id", "secret"], "properties": {"secret": {"writeOnly": True}}}, "writeOnly")["required"]
    ['id']
    """
    return _Direction(schema, mark).schema(schema, {})


class _Direction:
    def __init__(self, root: Schema, mark: str) -> None:
        self._root, self._mark = root, mark

    def schema(self, node: Mapping[str, Any], inherited: Mapping[str, Any]) -> dict[str, Any]:
        """One schema; `inherited` are the properties that the schemas around it in an `allOf` declare."""
        declared = {**inherited, **declared_properties(node, self._root)}
        result: dict[str, Any] = {}
        for keyword, value in node.items():
            if keyword == "required" and is_list(value):
                result[keyword] = [name for name in value if not self._marked(declared.get(str(name)))]
            elif keyword in _VALUES:
                result[keyword] = value
            elif keyword in _MAPS and is_mapping(value):
                result[keyword] = {name: self._child(child, {}) for name, child in value.items()}
            else:
                result[keyword] = self._child(value, declared if keyword == "allOf" else {})
        return result

    def _child(self, value: Any, inherited: Mapping[str, Any]) -> Any:
        if is_list(value):
            return [self._child(item, inherited) for item in value]
        return self.schema(value, inherited) if is_mapping(value) else value

    def _marked(self, node: Any) -> bool:
        return any(part.get(self._mark) is True for part in conjuncts(node, self._root))
