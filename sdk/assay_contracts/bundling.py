"""Bundling: a document and the files it refers to become one document whose references all stay inside it.

What another file holds is pulled into `components`, in the section that the referring place asks for and
under the name it has at home; of two different things with one name the later keeps the name of its file in
front. A component that is only a reference to another file gives that thing its own name. Inside an
annotation of the vocabulary a reference is replaced by the value, because annotations are read as they are;
inside anybody else's extension it stays a reference, also one that leads nowhere. Keys are
visited in sorted order, so the order in which somebody wrote them changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from assay_contracts import pointers
from assay_contracts.contract_folder import find_documents
from assay_contracts.errors import ContractError, DocumentMalformed, DocumentUnreadable, ReferenceBroken
from assay_contracts.json_types import is_list, is_mapping, kind, optional_mapping
from assay_contracts.reading import SourceFile
from assay_contracts.references import Library, Target, is_literal, is_name_map
from assay_contracts.upgrade_to_2020_12 import lifted
from assay_contracts.vocabulary import read_vocabulary
from assay_contracts.yaml_values import DEEPEST

_Place = tuple[Path, str]
# By pointer into the bundle: the document and the pointer there of what was brought in.
Origins = dict[str, tuple[SourceFile, str]]
# What a reference in this position is; everything else that is referred to is a schema.
_SECTIONS = {
    "parameters": "parameters",
    "responses": "responses",
    "headers": "headers",
    "requestBody": "requestBodies",
    "requestBodies": "requestBodies",
    "examples": "examples",
    "links": "links",
    "callbacks": "callbacks",
    "securitySchemes": "securitySchemes",
    "messages": "messages",
    "messageTraits": "messageTraits",
    "operationTraits": "operationTraits",
    "correlationId": "correlationIds",
    "correlationIds": "correlationIds",
}
# A reference right under one of these has no section to go to: its value is written out.
_WRITTEN_OUT = frozenset({"paths", "channels", "operations", "servers", "bindings", "info", "tags"})


@dataclass(frozen=True, slots=True)
class BundledDocument:
    """A document with everything it refers to inside it, and the files that it was made of."""

    file: SourceFile
    data: dict[str, Any]
    origins: Origins

    def source(self, pointer: str) -> tuple[SourceFile, str]:
        """The file in which a place of the bundle is written, and the pointer there."""
        keys = pointers.split(pointer)
        for length in range(len(keys), 0, -1) if self.origins else ():
            origin = self.origins.get(pointers.join(*keys[:length]))
            if origin is not None:
                return origin[0], origin[1] + pointers.join(*keys[length:])
        return self.file, pointer


def bundle(document: SourceFile, library: Library | None = None) -> BundledDocument:
    """The document with everything it refers to inside it; OpenAPI 3.0 is lifted to 3.1."""
    bundler = _Bundler(document, library or Library())
    return BundledDocument(document, lifted(bundler.run()), bundler.origins)


class _Bundler:
    def __init__(self, document: SourceFile, library: Library) -> None:
        if not is_mapping(document.data):
            raise DocumentMalformed(str(document.path), expected="a mapping", actual=kind(document.data))
        self.root = document
        self.data: dict[str, Any] = document.data
        self.library = library
        library.documents[document.path.resolve()] = document
        self.names: dict[tuple[str, _Place], str] = {}
        self.pulled: dict[str, dict[str, Any]] = {}
        self.waiting: list[Callable[[], None]] = []
        self.origins: Origins = {}
        self.homes: dict[Path, Path] = {}
        self.written: dict[_Place, str] = {}
        self.open: set[_Place] = set()
        self.landed: dict[tuple[str, Path], Target] = {}
        self.annotations = frozenset(name for name in read_vocabulary(find_documents()).annotations if name.startswith("x-"))

    def run(self) -> dict[str, Any]:
        self._adopt_named_components()
        self._adopt_written_out()
        bundled: dict[str, Any] = self._rewrite(self.data, self.root, (), names=False)
        while self.waiting:
            self.waiting.pop(0)()
        if self.pulled:
            own = bundled.get("components", {})
            bundled["components"] = own | {section: own.get(section, {}) | members for section, members in self.pulled.items()}
        return bundled

    def _adopt_named_components(self) -> None:
        components = self.data.get("components")
        for section, members in sorted(components.items()) if is_mapping(components) else ():
            for name, member in sorted(members.items()) if is_mapping(members) and not section.startswith("x-") else ():
                if is_mapping(member) and isinstance(member.get("$ref"), str) and len(member) == 1:
                    target = self._land(member["$ref"], self.root)
                    if target.document is not self.root:
                        self.names.setdefault((section, self._place(target)), name)

    def _adopt_written_out(self) -> None:
        """Channels, paths and the like that are written in another file: the bundle has them where the document names them."""
        for section in ("paths", "webhooks", "channels", "operations"):
            members = self.data.get(section)
            for name, member in sorted(members.items()) if is_mapping(members) else ():
                if is_mapping(member) and isinstance(member.get("$ref"), str):
                    target = self._land(member["$ref"], self.root)
                    if target.document is not self.root:
                        self.written.setdefault(self._place(target), pointers.join(section, name))

    def _rewrite(self, value: Any, document: SourceFile, at: tuple[str, ...], *, names: bool, foreign: bool = False) -> Any:
        if len(at) > DEEPEST:
            raise DocumentUnreadable(
                f"{document.path}: {pointers.join(*at[:4])}",
                expected=f"at most {DEEPEST} levels of nesting, with what is referred to written out",
                actual="more",
            )
        # Most values are scalars and stay as they are; at the deepest level even one of them is one too many.
        full = len(at) == DEEPEST
        if is_list(value):
            return [
                self._rewrite(item, document, (*at, str(index)), names=False, foreign=foreign)
                if full or is_mapping(item) or is_list(item)
                else item
                for index, item in enumerate(value)
            ]
        if not is_mapping(value):
            return value
        if not names and isinstance(value.get("$ref"), str):
            try:
                return self._reference(value, document, at)
            except ContractError:
                if not foreign:
                    raise
                return value
        found: dict[str, Any] = dict.fromkeys(value)
        for key in sorted(value):
            item = value[key]
            if not (full or is_mapping(item) or is_list(item)):
                found[key] = item
            elif not names and key == "mapping" and isinstance(value.get("propertyName"), str) and is_mapping(item):
                found[key] = {tag: self._mapped(target, document, at) for tag, target in sorted(item.items())}
            elif not names and (is_literal(key) or (key == "examples" and is_list(item))):
                found[key] = item
            else:
                named = not names and (is_name_map(key, item) or key == "examples")
                inside = foreign or (not names and key.startswith("x-") and key not in self.annotations)
                found[key] = self._rewrite(item, document, (*at, key), names=named, foreign=inside)
        return found

    def _reference(self, value: dict[str, Any], document: SourceFile, at: tuple[str, ...]) -> Any:
        siblings = {
            key: self._rewrite(item, document, (*at, key), names=is_name_map(key, item))
            for key, item in sorted(value.items())
            if key != "$ref"
        }
        named, pointer = self.library.locate(value["$ref"], document)
        target = self._land(value["$ref"], document)
        if not self.annotations.isdisjoint(at) or len(at) == 0:
            return self._written_out(target, at, siblings)
        if target.document is self.root:
            return {"$ref": f"#{pointer if named is self.root else target.pointer}"} | siblings
        home = self._written_at(target)
        if home is not None and home != pointers.join(*at):
            return {"$ref": f"#{home}"} | siblings
        section = _section(at, target.pointer)
        if section is None:
            return self._written_out(target, at, siblings)
        name = self._name(section, target)
        if at == ("components", section, name):
            return self._written_out(target, at, siblings)
        return {"$ref": "#" + pointers.join("components", section, name)} | siblings

    def _mapped(self, target: Any, document: SourceFile, at: tuple[str, ...]) -> Any:
        """What a discriminator maps a value to: a schema of another file by its place here, anything else as it is written."""
        if not isinstance(target, str) or (target.startswith("#") and document is self.root):
            return target
        components = self.data.get("components")
        if "#" not in target and is_mapping(components) and target in optional_mapping(components.get("schemas"), "components/schemas"):
            return target
        try:
            # A name, or an address that nothing is fetched from, is told by its last part.
            return self._reference({"$ref": target}, document, (*at, "mapping"))["$ref"]
        except (ContractError, KeyError):
            return target

    def _written_at(self, target: Target) -> str | None:
        """Where the bundle has the target because it has the whole that the target is part of."""
        keys = pointers.split(target.pointer)
        for length in range(len(keys), 0, -1) if self.written else ():
            home = self.written.get((self._place(target)[0], pointers.join(*keys[:length])))
            if home is not None:
                return home + pointers.join(*keys[length:])
        return None

    def _written_out(self, target: Target, at: tuple[str, ...], siblings: dict[str, Any]) -> Any:
        place = self._place(target)
        if place in self.open:
            raise ReferenceBroken(f"{target.document.path}: {target.pointer or '/'}", expected="references that end", actual="a circle")
        self.origins[pointers.join(*at)] = target.document, target.pointer
        self.open.add(place)
        try:
            written = self._rewrite(target.value, target.document, at, names=False)
        finally:
            self.open.discard(place)
        return {**written, **siblings} if siblings and is_mapping(written) else written

    def _land(self, reference: str, origin: SourceFile) -> Target:
        """Follow references through other files until one holds something, or a file is the bundled one."""
        target = self.landed.get((reference, origin.path))
        if target is None:
            target = self.landed[reference, origin.path] = self._followed(reference, origin)
        return target

    def _followed(self, reference: str, origin: SourceFile) -> Target:
        target = self.library.resolve(reference, origin)
        seen = {self._place(target)}
        while target.document is not self.root and is_mapping(target.value):
            onward = target.value.get("$ref")
            if not isinstance(onward, str) or len(target.value) > 1:
                break
            target = self.library.resolve(onward, target.document)
            if self._place(target) in seen:
                raise ReferenceBroken(f"{origin.path}: $ref {reference!r}", expected="references that end", actual="a circle")
            seen.add(self._place(target))
        return target

    def _name(self, section: str, target: Target) -> str:
        place = self._place(target)
        name = self.names.get((section, place))
        if name is None:
            name = self.names[section, place] = self._free_name(section, target)
        if name not in self.pulled.setdefault(section, {}):
            self.pulled[section][name] = None
            at = ("components", section, name)
            if pointers.follow(self.data, pointers.join(*at)) is pointers.MISSING:
                self.waiting.append(lambda: self._pull(at, target))
            else:
                del self.pulled[section][name]
        return name

    def _pull(self, at: tuple[str, str, str], target: Target) -> None:
        self.origins[pointers.join(*at)] = target.document, target.pointer
        self.pulled[at[1]][at[2]] = self._rewrite(target.value, target.document, at, names=False)

    def _free_name(self, section: str, target: Target) -> str:
        tokens = pointers.split(target.pointer)
        stem = target.document.path.stem
        name = tokens[-1] if tokens else stem
        taken = {used for (where, _), used in self.names.items() if where == section}
        own = pointers.follow(self.data, pointers.join("components", section))
        taken |= set(own) if is_mapping(own) else set[str]()
        candidates = chain((name, f"{stem}_{name}"), (f"{stem}_{name}_{number}" for number in count(2)))
        return next(candidate for candidate in candidates if candidate not in taken)

    def _place(self, target: Target) -> _Place:
        path = target.document.path
        if path not in self.homes:
            self.homes[path] = path.resolve()
        return self.homes[path], target.pointer


def _section(at: tuple[str, ...], pointer: str) -> str | None:
    """The section of `components` in which the target of a reference at this position belongs."""
    tokens = pointers.split(pointer)
    if len(tokens) == 3 and tokens[0] == "components":
        return tokens[1]
    if len(at) == 3 and at[0] == "components":
        return at[1]
    if at and at[-1] in ("correlationId", "requestBody"):
        return _SECTIONS[at[-1]]
    if len(at) >= 2:
        if at[-2] in _WRITTEN_OUT or at[-1] in _WRITTEN_OUT:
            return None
        if at[-2] == "traits":
            return "messageTraits" if "messages" in at else "operationTraits"
        if at[-2] in _SECTIONS and not _inside_schema(at[:-2]):
            return _SECTIONS[at[-2]]
    return "schemas"


def _inside_schema(at: tuple[str, ...]) -> bool:
    """Whether a position is below a schema, where a property may be called anything."""
    return any(key in ("schema", "schemas", "payload", "properties", "items") for key in at)
