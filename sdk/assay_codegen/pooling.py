"""The schemas that become models, gathered from answers, parameters and messages under one name each.

What differs between a document and a client is settled here. An enumeration of text is opened, since a reader must accept a
value that a later minor version adds. A schema version loses its pattern, since only its major counts and the runtime checks
that. A time loses its pattern, since it becomes a real time. Examples go, since they are no part of a type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_codegen.naming import pascal, steps

_PREFIX = "#/$defs/"
_NOT_TYPES = ("examples", "example", "$comment")


class Pool:
    """Schemas by the name of their model."""

    def __init__(self, version_pointer: str | None) -> None:
        self._version_step = steps(version_pointer)[-1] if version_pointer else None
        self.schemas: dict[str, dict[str, Any]] = {}

    def take(self, schema: Mapping[str, Any], name: str, prefix: str = "") -> str:
        """Gather a self-contained schema and give the name of its model; `name` is for one that has none of its own.

        `prefix` marks schemas that bear a name which already means something else, such as those of another document.
        """
        definitions = {key: self._shaped(each) for key, each in schema.get("$defs", {}).items()}
        root = {key: each for key, each in schema.items() if key != "$defs"}
        if set(root) == {"$ref"}:
            name = root["$ref"].removeprefix(_PREFIX)
        else:
            definitions[name] = self._shaped(root)
        names = self._names(definitions, prefix)
        for key, each in definitions.items():
            self.schemas.setdefault(names[key], _renamed(each, names))
        return names[name]

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema behind a reference."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].removeprefix(_PREFIX)]
        return schema

    def at(self, name: str, pointer: str) -> Mapping[str, Any]:
        """The schema of a place in the payloads of a model, unresolved."""
        found: Mapping[str, Any] = self.schemas[name]
        for step in steps(pointer):
            found = self.resolve(found)["properties"][step]
        return found

    def has(self, name: str, pointer: str) -> bool:
        """Whether payloads of a model have that place."""
        try:
            self.at(name, pointer)
        except KeyError:
            return False
        return True

    def document(self) -> dict[str, Any]:
        """Everything gathered, as a document of components."""
        schemas = {name: _at_components(self.schemas[name]) for name in sorted(self.schemas)}
        return {
            "openapi": "3.1.0",
            "info": {"title": "models", "version": "1"},
            "paths": {},
            "components": {"schemas": schemas},
        }

    def _names(self, definitions: Mapping[str, dict[str, Any]], prefix: str) -> dict[str, str]:
        names = {key: key for key in definitions}
        while True:
            clashes = [
                key
                for key, each in definitions.items()
                if names[key] == key and key in self.schemas and _bare(_renamed(each, names)) != _bare(self.schemas[key])
            ]
            if not clashes:
                return names
            for key in clashes:
                names[key] = pascal(prefix) + key

    def _shaped(self, node: Any, at: str = "") -> Any:
        if isinstance(node, list):
            return [self._shaped(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "properties" in node:
            properties = {key: self._shaped(each, key) for key, each in node["properties"].items()}
            rest = {key: each for key, each in node.items() if key != "properties"}
            return {**self._shaped(rest), "properties": properties}
        shaped = {key: self._shaped(each) for key, each in node.items() if key not in _NOT_TYPES}
        if shaped.get("format") in ("date-time", "date"):
            shaped.pop("pattern", None)
        if self._version_step is not None and at == self._version_step:
            return {"type": "string", "description": shaped.get("description", "The version of the payload.")}
        if shaped.get("type") == "string" and "enum" in shaped:
            values = shaped.pop("enum")
            shaped.pop("type")
            shaped["anyOf"] = [{"type": "string", "enum": values}, {"type": "string"}]
        return shaped


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(each, names) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: _renamed(each, names) for key, each in node.items()}
    reference = found.get("$ref")
    if isinstance(reference, str):
        key = reference.removeprefix(_PREFIX)
        found["$ref"] = _PREFIX + names.get(key, key)
    return found


def _bare(node: Any) -> Any:
    """A schema without its words, to tell whether two mean the same."""
    if isinstance(node, list):
        return [_bare(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _bare(each) for name, each in value.items()} if key == "properties" else _bare(value)
        for key, value in node.items()
        if key not in ("description", "title")
    }


def _at_components(node: Any) -> Any:
    if isinstance(node, list):
        return [_at_components(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: each.replace(_PREFIX, "#/components/schemas/", 1) if key == "$ref" and isinstance(each, str) else _at_components(each)
        for key, each in node.items()
    }
