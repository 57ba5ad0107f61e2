"""The schemas that become models, gathered from answers, parameters and messages under one name each."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, cast

from assay_codegen.naming import class_name, pascal, steps
from assay_codegen.shaping import DEFINITIONS, bare, components, definition, renamed, shaped


class Pool:
    """Schemas by the name of their model."""

    def __init__(self, version_pointer: str | None) -> None:
        self._version_step = steps(version_pointer)[-1] if version_pointer else None
        self.schemas: dict[str, dict[str, Any]] = {}

    def take(self, schema: Mapping[str, Any], name: str, prefix: str = "") -> str:
        """Gather a self-contained schema and give the name of its model; `name` is for one that has none of its own.

        `prefix` marks schemas that bear a name which already means something else, such as those of another document.
        """
        definitions = {key: shaped(each, self._version_step) for key, each in schema.get("$defs", {}).items()}
        root = {key: each for key, each in schema.items() if key != "$defs"}
        if set(root) == {"$ref"}:
            name = definition(root["$ref"])
        else:
            definitions[name] = shaped(root, self._version_step)
        names = self._names(definitions, prefix)
        for key, each in definitions.items():
            self.schemas.setdefault(names[key], renamed(each, names))
        return names[name]

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema behind a reference."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].removeprefix(DEFINITIONS)]
        return schema

    def at(self, name: str, pointer: str) -> Mapping[str, Any]:
        """The schema of a place in the payloads of a model, unresolved."""
        found: Mapping[str, Any] = self.schemas[name]
        for step in steps(pointer):
            found = self.resolve(found)["properties"][step]
        return found

    def name_items(self, name: str, pointer: str, item: str) -> str:
        """The reference to the schema of a list's items; an inline one gets the name `item`."""
        listed = self.resolve(self.at(name, pointer))
        items = cast("dict[str, Any]", listed["items"])
        if "$ref" not in items:
            while item in self.schemas:
                item += "_"
            self.schemas[item] = dict(items)
            items.clear()
            items["$ref"] = DEFINITIONS + item
        return str(items["$ref"])

    def has(self, name: str, pointer: str) -> bool:
        """Whether payloads of a model have that place."""
        try:
            self.at(name, pointer)
        except KeyError:
            return False
        return True

    def document(self) -> dict[str, Any]:
        """Everything gathered, as a document of components."""
        schemas = {name: components(self.schemas[name]) for name in sorted(self.schemas)}
        return {
            "openapi": "3.1.0",
            "info": {"title": "models", "version": "1"},
            "paths": {},
            "components": {"schemas": schemas},
        }

    def _names(self, definitions: Mapping[str, dict[str, Any]], prefix: str) -> dict[str, str]:
        names: dict[str, str] = {}
        for key in definitions:
            names[key] = self._free(class_name(key), names.values())
        prefixed: set[str] = set()
        while True:
            clashes = [
                key
                for key, each in definitions.items()
                if names[key] in self.schemas and bare(renamed(each, names)) != bare(self.schemas[names[key]])
            ]
            if not clashes:
                return names
            for key in clashes:
                if prefix and key not in prefixed:
                    names[key] = pascal(prefix) + names[key]
                    prefixed.add(key)
                else:
                    names[key] = self._free(names[key], (*names.values(), *self.schemas))

    @staticmethod
    def _free(name: str, taken: Iterable[str]) -> str:
        used = set(taken)
        return next(each for each in itertools.chain((name,), (f"{name}{count}" for count in itertools.count(2))) if each not in used)
