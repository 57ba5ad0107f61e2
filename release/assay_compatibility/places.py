"""Where a value stands in a document, and what its references lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import MISSING, escape, split, step

from assay_compatibility.errors import DocumentRefused
from assay_compatibility.referenced_files import Neighbours


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the JSON Pointer that leads to it."""

    pointer: str
    value: Any

    def child(self, *keys: str | int) -> Node:
        """The place below it by these keys; an absent one has the value None."""
        pointer, value = self.pointer, self.value
        for key in keys:
            pointer = f"{pointer}/{escape(str(key))}"
            if is_mapping(value):
                value = value.get(str(key))
            elif is_list(value) and isinstance(key, int) and 0 <= key < len(value):
                value = value[key]
            else:
                value = None
        return Node(pointer, value)

    def __getitem__(self, key: str) -> Any:
        return self.value.get(key) if is_mapping(self.value) else None

    def children(self) -> Iterator[tuple[str, Node]]:
        """The members of an object or the elements of an array."""
        if is_mapping(self.value):
            for key, value in self.value.items():
                yield str(key), Node(f"{self.pointer}/{escape(str(key))}", value)
        elif is_list(self.value):
            for index, value in enumerate(self.value):
                yield str(index), Node(f"{self.pointer}/{index}", value)


@dataclass(slots=True)
class ApiDocument:
    """One parsed OpenAPI or AsyncAPI document."""

    content: dict[str, Any]
    kind: str
    dialect: str
    source: str = ""
    text: str = ""
    neighbours: Neighbours | None = None
    contract: str = ""
    _targets: dict[str, Node] = field(default_factory=dict[str, Node])
    _crossed: set[str] = field(default_factory=set[str])

    @property
    def root(self) -> Node:
        """The whole of it."""
        return Node("", self.content)

    @property
    def siblings_count(self) -> bool:
        """Whether keywords beside a `$ref` in a schema mean something: not in OpenAPI 3.0."""
        return self.dialect != "3.0"

    def target(self, reference: str) -> Node:
        """The place that a reference names, itself followed if it is a reference again.

        In another file its pointer has that file's name in front: `shared/problem.yaml#/Problem`.
        """
        found = self._targets.get(reference)
        if found is None:
            found = self._targets[reference] = self._find(reference)
        return found

    def _find(self, reference: str) -> Node:
        named = reference
        if not reference.startswith("#"):
            if self.neighbours is None:
                raise DocumentRefused(
                    f"$ref {reference}", expected="a reference inside the document", next_step="bundle the document first"
                )
            named = self.neighbours.named(reference)
        name, _, fragment = named.partition("#")
        fragment = unquote(fragment) if "%" in fragment else fragment
        where = self.source if not name or self.neighbours is None else self.neighbours.source.file(name)
        value: Any = self.neighbours.read(name) if name and self.neighbours is not None else self.content
        if fragment and not fragment.startswith("/"):
            raise DocumentRefused(f"{where}: $ref {reference}", expected="a JSON Pointer after #", actual=fragment)
        here = Node(f"{name}#" if name else "", value)
        for key in split(fragment):
            child = step(here.value, key)
            if child is MISSING and is_mapping(here.value) and isinstance(here.value.get("$ref"), str) and reference not in self._crossed:
                self._crossed.add(reference)
                try:
                    here = self.follow(here)
                finally:
                    self._crossed.discard(reference)
                child = step(here.value, key)
            if child is MISSING:
                raise DocumentRefused(f"$ref {reference}", expected=f"a value at {fragment} in {where}", actual="nothing there")
            here = Node(f"{here.pointer}/{escape(key)}", child)
        return here

    def at(self, pointer: str) -> tuple[Any, bool]:
        """The value that a pointer leads to, and whether there is one."""
        name, inside = file_and_pointer(pointer)
        value: Any = self.neighbours.contents.get(name) if name and self.neighbours is not None else self.content
        for key in split(inside):
            value = step(value, key)
            if value is MISSING:
                return None, False
        return value, True

    def follow(self, place: Node) -> Node:
        """The place itself, or what it refers to, for objects whose siblings of `$ref` mean nothing."""
        seen: set[str] = set()
        while is_mapping(place.value) and isinstance(place.value.get("$ref"), str):
            reference = place.value["$ref"]
            if reference in seen:
                raise DocumentRefused(f"$ref {reference}", expected="an end", actual="a circle of references")
            seen.add(reference)
            place = self.target(reference)
        return place


def file_and_pointer(pointer: str) -> tuple[str, str]:
    """The neighbour that a place's pointer leads into, empty for the document itself, and the pointer inside it."""
    if not pointer or pointer.startswith("/"):
        return "", pointer
    name, _, inside = pointer.partition("#")
    return name, inside
