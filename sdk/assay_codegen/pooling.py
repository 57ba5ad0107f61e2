"""The schemas that become models, gathered from answers, parameters and messages under one name each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assay_codegen.inheritance import spread_bases
from assay_codegen.naming import Allocator, class_name, pascal, steps
from assay_codegen.shaping import DEFINITIONS, bare, components, definition, renamed, shaped
from assay_codegen.structure import Structure, UnknownVariant


class Pool:
    """Schemas by the name of their model.

    `reserved` are names of schemas of the document, which come before names that are made up here.
    """

    def __init__(self, version_pointer: str | None, reserved: Iterable[str] = ()) -> None:
        self._version_step = steps(version_pointer)[-1] if version_pointer else None
        self._reserved = {class_name(name) for name in reserved}
        self.names = Allocator()
        self.schemas: dict[str, dict[str, Any]] = {}
        self.wire_names: dict[str, str] = {}
        # A definition is one object for all schemas of a document that reach it: it is shaped and compared once.
        self._known: dict[str, list[tuple[Any, str]]] = {}

    def take(self, schema: Mapping[str, Any], name: str, prefix: str = "") -> str:
        """Gather a self-contained schema and give the name of its model; `name` is for one that has none of its own.

        `prefix` marks schemas that bear a name which already means something else, such as those of another document.
        """
        definitions: Mapping[str, Any] = schema.get("$defs", {})
        if schema.keys() <= {"$ref", "$defs"} and (model := self._model_behind(schema.get("$ref"), definitions)) is not None:
            return model
        names = {key: known for key, value in definitions.items() if (known := self._model_of(key, value)) is not None}
        fresh = {key: value for key, value in definitions.items() if key not in names}
        if fresh:
            self._gather(fresh, names, prefix)
        root = {key: value for key, value in schema.items() if key != "$defs"}
        if set(root) == {"$ref"} and (model := names.get(definition(root["$ref"]))) is not None:
            return model
        return self._take_root(renamed(shaped(root, self._version_step), names), name)

    def take_shape(self, name: str) -> str:
        """A free name for the typed dictionary of an argument."""
        return self.names.take(class_name(name), avoid=self._reserved)

    def _take_root(self, schema: dict[str, Any], name: str) -> str:
        wanted = class_name(name)
        if wanted not in self.wire_names and wanted in self.schemas and bare(self.schemas[wanted]) == bare(schema):
            return wanted
        model = self.names.take(wanted, avoid=self._reserved)
        self.schemas[model] = schema
        return model

    def _model_behind(self, reference: Any, definitions: Mapping[str, Any]) -> str | None:
        """The model that a reference leads to where it was gathered before, and with it all that it refers to."""
        if not isinstance(reference, str) or (key := definition(reference)) not in definitions:
            return None
        return self._model_of(key, definitions[key])

    def _model_of(self, key: str, value: Any) -> str | None:
        return next((model for known, model in self._known.get(key, ()) if known is value), None)

    def _gather(self, fresh: Mapping[str, Any], names: dict[str, str], prefix: str) -> None:
        shaped_schemas = spread_bases({key: shaped(value, self._version_step) for key, value in fresh.items()})
        wanted = {key: class_name(key) for key in shaped_schemas}
        # A definition of another document that means the same is the same model; it is compared under the names it would have.
        same = {key: name for key, name in wanted.items() if name in self.schemas and self.wire_names.get(name) == key}
        while same:
            trial = {**names, **wanted}
            other = [key for key, name in same.items() if bare(renamed(shaped_schemas[key], trial)) != bare(self.schemas[name])]
            if not other:
                break
            for key in other:
                del same[key]
                wanted[key] = f"\0{key}"
        for key in shaped_schemas:
            if key in same:
                names[key] = same[key]
                continue
            plain = class_name(key)
            names[key] = self.names.take(pascal(prefix) + plain if prefix and plain in self.names else plain)
            self.wire_names[names[key]] = key
        for key, value in fresh.items():
            self._known.setdefault(key, []).append((value, names[key]))
        for key, schema in shaped_schemas.items():
            self.schemas.setdefault(names[key], renamed(schema, names))

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema behind a reference."""
        return self.structure().resolve(schema)

    def at(self, name: str, pointer: str) -> Mapping[str, Any]:
        """The schema of a place in the payloads of a model, unresolved; KeyError where there is none."""
        structure = self.structure()
        found: Mapping[str, Any] = self.schemas[name]
        for step in steps(pointer):
            found = _property(structure, found, step)
        return found

    def name_items(self, name: str, pointer: str, item: str) -> str:
        """The reference to the schema of a list's items; an inline one gets the name `item`."""
        listed = self.resolve(self.at(name, pointer))
        items = listed["items"]
        if "$ref" not in items:
            model = self.names.take(class_name(item), avoid=self._reserved)
            self.schemas[model] = dict(items)
            items.clear()
            items["$ref"] = DEFINITIONS + model
        return str(items["$ref"])

    def has(self, name: str, pointer: str) -> bool:
        """Whether payloads of a model have that place."""
        try:
            self.at(name, pointer)
        except KeyError:
            return False
        return True

    def structure(self) -> Structure:
        """The schemas as they are together."""
        return Structure(self.schemas, self.wire_names, self.names)

    def document(self) -> tuple[dict[str, Any], tuple[UnknownVariant, ...]]:
        """Everything gathered, as a document of components, and its variants for unknown tags."""
        structure = self.structure()
        schemas = structure.structured_schemas()
        document = {
            "openapi": "3.1.0",
            "info": {"title": "models", "version": "1"},
            "paths": {},
            "components": {"schemas": {name: components(schemas[name]) for name in sorted(schemas)}},
        }
        return document, tuple(structure.variants.values())


def _property(structure: Structure, schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    resolved = structure.resolve(schema)
    properties: Mapping[str, Any] = resolved.get("properties", {})
    if name in properties:
        declared: Mapping[str, Any] = properties[name]
        return declared
    for part in resolved.get("allOf", ()):
        try:
            return _property(structure, part, name)
        except KeyError:
            continue
    raise KeyError(name)
