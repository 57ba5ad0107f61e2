"""Where a value stands in a document, and what its references lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from assay_contracts.bundling import BundledDocument
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import MISSING, escape, split, step
from assay_contracts.reading import SourceFile
from assay_contracts.referenced_files import Neighbours

from assay_compatibility.errors import DocumentRefused


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
    file: SourceFile | None = None
    neighbours: Neighbours | None = None
    bundled: BundledDocument | None = None
    reached: frozenset[str] | None = None
    """The pointers that references lead to from all that is no component, once all of them were checked."""
    _targets: dict[str, Node] = field(default_factory=dict[str, Node])
    _crossed: set[str] = field(default_factory=set[str])

    @property
    def root(self) -> Node:
        """The whole of it."""
        return Node("", self.content)

    def written(self, pointer: str) -> tuple[str, SourceFile, str] | None:
        """Where a place is written: what the file is called, the file, and the pointer in it; None for what never was text."""
        if self.bundled is not None:
            file, inside = self.bundled.source(pointer)
            return short_path(file.path), file, inside
        name, inside = file_and_pointer(pointer)
        written_in = self.file_of(name)
        return None if written_in is None else (self.name_of(name), written_in, inside)

    def name_of(self, neighbour: str) -> str:
        """What people and code hosts call a neighbour, or with an empty name the document itself."""
        return self.source if self.neighbours is None else self.neighbours.source.file(neighbour)

    def file_of(self, neighbour: str) -> SourceFile | None:
        """The file that a neighbour was read from, or with an empty name the document itself; None for what never was text."""
        return self.file if not neighbour or self.neighbours is None else self.neighbours.files.get(neighbour)

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
        where = self.name_of(name) if name else self.source
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


def short_path(path: Path) -> str:
    """A path, named from the working directory where it lies below it."""
    full, here = path.resolve(), Path.cwd()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else full.as_posix()


def file_and_pointer(pointer: str) -> tuple[str, str]:
    """The neighbour that a place's pointer leads into, empty for the document itself, and the pointer inside it."""
    if not pointer or pointer.startswith("/"):
        return "", pointer
    name, _, inside = pointer.partition("#")
    return name, inside
