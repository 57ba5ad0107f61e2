"""References: which members are `$ref`s and which are only data that look like one, and what each leads to.

Only two forms are followed: a pointer into the same document (`#/components/schemas/Page`) and a file given
relative to the document that names it (`../shared/problem.yaml#/Problem`). Nothing is ever fetched over a
network.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from assay_contracts import pointers
from assay_contracts.errors import DocumentMissing, ReferenceBroken
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.reading import SourceFile, read_document

# Under these keys lie values of the API itself, in which "$ref" is a word like any other.
_LITERALS = frozenset({"example", "const", "enum", "default", "mapping"})
# The keys of these mappings are names that an author chose, not keywords.
_NAME_MAPS = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas", "parameters",
     "responses", "headers", "requestBodies", "securitySchemes", "links", "callbacks", "pathItems",
     "messages", "channels", "operations", "servers", "paths", "content", "encoding", "variables",
     "messageTraits", "operationTraits", "replies", "replyAddresses", "correlationIds", "channelBindings",
     "messageBindings"}
)  # fmt: skip
_SCHEMA_NAME_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions"})


def is_literal(key: str) -> bool:
    """Whether the value under a keyword is data, in which nothing is a reference."""
    return key in _LITERALS


def is_name_map(key: str, value: Any) -> bool:
    """Whether the keys of the value under a keyword are names; `headers` may also be a schema of its own."""
    if key not in _NAME_MAPS:
        return False
    return (
        key in _SCHEMA_NAME_MAPS or not is_mapping(value) or not (isinstance(value.get("$ref"), str) or isinstance(value.get("type"), str))
    )


@dataclass(frozen=True, slots=True)
class Reference:
    """A `$ref` as it is written: where, and what it says."""

    pointer: str
    text: str


def references(value: Any, pointer: str = "", *, names: bool = False, extensions: Container[str] | None = None) -> tuple[Reference, ...]:
    """Every reference of a document or a part of one, in the order in which they are written.

    `extensions` names those extensions (`x-...`) that are looked into; None looks into all of them.
    """
    found: list[Reference] = []
    _gather(value, pointer, found, extensions, names=names)
    return tuple(found)


def _gather(value: Any, pointer: str, found: list[Reference], extensions: Container[str] | None, *, names: bool = False) -> None:
    if is_list(value):
        for index, item in enumerate(value):
            if is_mapping(item) or is_list(item):
                _gather(item, f"{pointer}/{index}", found, extensions)
        return
    for key, item in value.items() if is_mapping(value) else ():
        if not (is_mapping(item) or is_list(item)):
            if key == "$ref" and isinstance(item, str) and not names:
                found.append(Reference(f"{pointer}/$ref", item))
        elif names:
            _gather(item, f"{pointer}/{pointers.escape(key)}", found, extensions)
        elif key == "examples":
            _gather_examples(item, f"{pointer}/{key}", found)
        elif not is_literal(key) and (extensions is None or not key.startswith("x-") or key in extensions):
            _gather(item, f"{pointer}/{pointers.escape(key)}", found, extensions, names=is_name_map(key, item))


def _gather_examples(value: Any, pointer: str, found: list[Reference]) -> None:
    """Named examples may be references; a list of examples, and the value of each, are data."""
    for key, item in value.items() if is_mapping(value) else ():
        if is_mapping(item) and isinstance(item.get("$ref"), str):
            found.append(Reference(pointer + pointers.join(key, "$ref"), item["$ref"]))


def reference_texts(value: Any) -> set[str]:
    """What the references of a value say, in no order and each once; extensions and all examples are data to it."""
    found: set[str] = set()
    waiting: list[tuple[Any, bool]] = [(value, False)]
    while waiting:
        here, names = waiting.pop()
        if is_list(here):
            waiting.extend((item, False) for item in here if is_mapping(item) or is_list(item))
        elif is_mapping(here):
            for key, item in here.items():
                if isinstance(item, str):
                    if key == "$ref" and not names:
                        found.add(item)
                elif names:
                    waiting.append((item, False))
                elif (is_mapping(item) or is_list(item)) and not _is_data(key):
                    waiting.append((item, is_mapping(item) and is_name_map(key, item)))
    return found


def rewritten(value: Any, to: Callable[[str], str], *, names: bool = False) -> Any:
    """A copy of a value with every reference that `reference_texts` finds replaced; what is data is not copied."""
    if is_list(value):
        return [rewritten(item, to) for item in value]
    if not is_mapping(value):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        if key == "$ref" and isinstance(item, str) and not names:
            found[key] = to(item)
        elif not names and _is_data(key):
            found[key] = item
        else:
            found[key] = rewritten(item, to, names=not names and is_name_map(key, item))
    return found


def _is_data(key: str) -> bool:
    return is_literal(key) or key == "examples" or key.startswith("x-")


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to: a pointer in a document, with the value there."""

    document: SourceFile
    pointer: str
    value: Any


@lru_cache(maxsize=8192)
def _parts(reference: str) -> SplitResult:
    """The parts of a reference; a large document names the same few thousand places again and again."""
    return urlsplit(reference)


@dataclass(slots=True)
class Library:
    """The documents read so far; each file is read once."""

    documents: dict[Path, SourceFile] = field(default_factory=dict[Path, SourceFile])
    beside: dict[tuple[Path, str], SourceFile] = field(default_factory=dict[tuple[Path, str], SourceFile])
    """What the file of a document and a path relative to it lead to: most references of a document name the same few files."""

    def read(self, path: Path) -> SourceFile:
        """The document of a file."""
        if path not in self.documents:
            known = path.resolve()
            if known not in self.documents:
                self.documents[known] = read_document(path)
            self.documents[path] = self.documents[known]
        return self.documents[path]

    def locate(self, reference: str, origin: SourceFile) -> tuple[SourceFile, str]:
        """The document and the pointer a reference names, without looking whether anything is there."""
        try:
            parts = _parts(reference)
        except ValueError as error:
            raise ReferenceBroken(f"{origin.path}: $ref {reference!r}", expected="a relative file", actual=str(error)) from None
        if parts.scheme or parts.netloc or parts.query or parts.path.startswith("/"):
            raise ReferenceBroken(
                f"{origin.path}: $ref {reference!r}",
                expected="#/pointer or a relative file",
                actual="an absolute or remote address",
                next_step="copy what it names into a file beside the contract",
            )
        document = origin
        if parts.path:
            try:
                document = self._read_beside(origin.path, parts.path)
            except DocumentMissing:
                raise ReferenceBroken(
                    f"{origin.path}: $ref {reference!r}",
                    expected="a file beside the contract",
                    actual="no such file",
                ) from None
        if parts.fragment and not parts.fragment.startswith("/"):
            raise ReferenceBroken(f"{origin.path}: $ref {reference!r}", expected="a pointer such as #/components/schemas/Page")
        return document, pointers.join(*pointers.split("#" + parts.fragment))

    def _read_beside(self, origin: Path, relative: str) -> SourceFile:
        known = self.beside.get((origin, relative))
        if known is None:
            known = self.beside[origin, relative] = self.read(origin.parent / unquote(relative))
        return known

    def resolve(self, reference: str, origin: SourceFile) -> Target:
        """The value a reference leads to; a value that is itself only a reference is returned as it is.

        A pointer may lead through a reference: `#/channels/yard/messages/opened` where the channel `yard` is written
        in another file. Raises `ReferenceBroken`.
        """
        return self._resolve(reference, origin, frozenset())

    def _resolve(self, reference: str, origin: SourceFile, crossed: frozenset[tuple[Path, str]]) -> Target:
        document, pointer = self.locate(reference, origin)
        if (document.path, pointer) in crossed:
            raise ReferenceBroken(f"{origin.path}: $ref {reference!r}", expected="references that end", actual="a circle")
        named = document, pointer
        here, value = "", document.data
        for key in pointers.split(pointer):
            child = pointers.step(value, key)
            passed = {(document.path, here)} if child is pointers.MISSING else set[tuple[Path, str]]()
            while child is pointers.MISSING and is_mapping(value) and isinstance(value.get("$ref"), str):
                behind = self._resolve(value["$ref"], document, crossed | {(named[0].path, named[1])})
                document, here, value = behind.document, behind.pointer, behind.value
                if (document.path, here) in passed:
                    break
                passed.add((document.path, here))
                child = pointers.step(value, key)
            if child is pointers.MISSING:
                raise ReferenceBroken(
                    f"{origin.path}: $ref {reference!r}",
                    expected=f"{named[1]} in {named[0].path.name}",
                    actual="nothing there",
                )
            here, value = f"{here}/{pointers.escape(key)}", child
        return Target(document, here, value)


def dangling(
    document: SourceFile, library: Library, extensions: Container[str] | None = None
) -> Iterator[tuple[SourceFile, Reference, ReferenceBroken]]:
    """Every reference that leads nowhere, in a document and in all documents it leads to.

    `extensions` names those extensions (`x-...`) in which a reference must lead somewhere; None means all of them.
    """
    waiting, seen = [document], {document.path.resolve()}
    while waiting:
        here = waiting.pop(0)
        for reference in references(here.data, extensions=extensions):
            try:
                target = library.resolve(reference.text, here)
            except ReferenceBroken as error:
                yield here, reference, error
                continue
            path = target.document.path.resolve()
            if path not in seen:
                seen.add(path)
                waiting.append(target.document)


def follow(document: dict[str, Any], reference: str) -> Any:
    """What a reference of a bundled document leads to, through other references where it must, or `MISSING`."""
    found = pointers.follow(document, reference)
    return found if found is not pointers.MISSING else _follow_through(document, reference, frozenset())


def _follow_through(document: dict[str, Any], reference: str, crossed: frozenset[str]) -> Any:
    if not reference.startswith("#") or reference in crossed:
        return pointers.MISSING
    crossed |= {reference}
    value: Any = document
    for key in pointers.split(reference):
        child = pointers.step(value, key)
        seen: set[str] = set()
        while child is pointers.MISSING and is_mapping(value) and isinstance(value.get("$ref"), str) and value["$ref"] not in seen:
            seen.add(value["$ref"])
            value = _follow_through(document, value["$ref"], crossed)
            child = pointers.step(value, key)
        if child is pointers.MISSING:
            return child
        value = child
    return value


def dereference(value: Any, document: dict[str, Any], where: str) -> Any:
    """A value of a bundled document behind any number of plain references."""
    seen: set[str] = set()
    while is_mapping(value) and isinstance(value.get("$ref"), str):
        reference: str = value["$ref"]
        if reference in seen:
            raise ReferenceBroken(where, expected="a value", actual=f"a circle of references through {reference}")
        seen.add(reference)
        value = follow(document, reference) if reference.startswith("#") else pointers.MISSING
        if value is pointers.MISSING:
            raise ReferenceBroken(where, expected=f"{reference} in the contract", actual="nothing there")
    return value
