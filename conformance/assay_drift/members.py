"""The members that a schema documents, and what a value has of them and beside them.

A pointer has `*` for the items of a list and for the keys of a map. A schema that contains itself is unfolded once: what lies deeper is
read as if it lay at the first of its places, so that one undocumented member is one finding, however deep it was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_conformance.validation import accepts
from assay_contracts import Schema, pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.references import is_literal, is_name_map
from assay_contracts.self_contained import SelfContained

_DEEPEST = 24
_BRANCHES = ("anyOf", "oneOf")
_CONDITIONAL = ("if", "then", "else")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One member of a value: its pointer, whether the schema documents it, what it holds, and the object that it is a member of."""

    pointer: str
    documented: bool
    value: Any
    within: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """A schema that applies to a place, and the references that led to it."""

    schema: Mapping[str, Any]
    names: tuple[str, ...]


class Members:
    """What one self-contained schema says about members."""

    def __init__(self, schema: Schema) -> None:
        self._root: Schema = _with_closed_alternatives(schema, schema.get("$defs"), names=False)
        self.documented: dict[str, bool] = {}
        """Every documented pointer, with whether an answer may ever have it."""
        self.schemas: dict[str, list[Mapping[str, Any]]] = {}
        """What is said of the value at each of them, alternatives and all."""
        self._declare("", self._root, {"#": ""}, answered=True)

    def read(self, value: Any) -> Iterator[Sighting]:
        """Every member of a value, outer before inner; nothing inside of an undocumented one."""
        yield from self._read(value, [self._root], "", {"#": ""}, 0)

    def normal(self, path: list[str | int]) -> str:
        """The pointer with `*` of a place in a value."""
        pointer = ""
        for key in path:
            named = pointer + pointers.join(key)
            pointer = (
                named if isinstance(key, str) and (named in self.documented or f"{pointer}/*" not in self.documented) else f"{pointer}/*"
            )
        return pointer

    def _declare(self, pointer: str, schema: Any, trail: Mapping[str, str], *, answered: bool) -> None:
        below = dict(trail)
        for part in list(self._parts(schema)):
            if any(name in trail and trail[name] != pointer for name in part.names) or pointer.count("/") > _DEEPEST:
                continue
            below.update(dict.fromkeys(part.names, pointer))
            for name, child in _mapping(part.schema.get("properties")).items():
                if child is not False:
                    self._member(pointer + pointers.join(name), child, below, answered=answered)
            for child in (*_mapping(part.schema.get("patternProperties")).values(), _open(part.schema), *_items(part.schema)):
                if is_mapping(child):
                    self._member(f"{pointer}/*", child, below, answered=answered)

    def _member(self, pointer: str, schema: Any, trail: Mapping[str, str], *, answered: bool) -> None:
        answered = answered and not any(part.schema.get("writeOnly") is True for part in self._parts(schema))
        known = self.documented.get(pointer, False)
        self.documented[pointer] = answered or known
        self.schemas.setdefault(pointer, []).extend(part.schema for part in self._parts(schema))
        self._declare(pointer, schema, trail, answered=answered)

    def _read(self, value: Any, schemas: list[Any], pointer: str, trail: Mapping[str, str], depth: int) -> Iterator[Sighting]:
        if type(value) not in (dict, list) or depth > 4 * _DEEPEST:
            return
        parts = [part for schema in schemas for part in self._parts(schema, value)]
        named = [name for part in parts for name in part.names]
        pointer = next((trail[name] for name in named if name in trail), pointer)
        trail = {**dict.fromkeys(named, pointer), **trail}
        found = [part.schema for part in parts]
        if is_list(value):
            children = [child for schema in found for child in _items(schema) if is_mapping(child)]
            for item in value:
                yield from self._read(item, children, f"{pointer}/*", trail, depth + 1)
            return
        closed = any(_speaks(schema) for schema in found)
        for name, item in _mapping(value).items():
            place, children = _declared(found, name, pointer)
            if place is None:
                if closed:
                    yield Sighting(pointer + pointers.join(name), documented=False, value=item, within=value)
                continue
            yield Sighting(place, documented=True, value=item, within=value)
            yield from self._read(item, children, place, trail, depth + 1)

    def _parts(self, schema: Any, value: Any = None, names: tuple[str, ...] = ()) -> Iterator[_Part]:
        """The schemas that apply to the same place; of alternatives those that a value fits, all when there is no value."""
        if not is_mapping(schema):
            return
        yield _Part(schema, names)
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in names:
            yield from self._parts(pointers.follow(self._root, reference), value, (*names, reference))
        for part in schema.get("allOf", ()):
            yield from self._parts(part, value, names)
        for word in _BRANCHES:
            branches = list(schema.get(word, ()))
            for part in branches if value is None else self._fitting(branches, value):
                yield from self._parts(part, value, names)
        for word in _CONDITIONAL:
            if word in schema:
                yield from self._parts(schema[word], value, names)
        for name, part in _mapping(schema.get("dependentSchemas")).items():
            if value is None or (is_mapping(value) and name in value):
                yield from self._parts(part, value, names)

    def _fitting(self, branches: list[Any], value: Any) -> list[Any]:
        """The alternatives that a value is one of; when it is none, those whose constants it has; when it has none, all."""
        valid = [branch for branch in branches if self._accepts(branch, value)]
        return valid or [branch for branch in branches if self._agrees(branch, value)] or branches

    def _accepts(self, branch: Any, value: Any) -> bool:
        if isinstance(branch, bool):
            return branch
        try:
            return accepts(branch, value)
        except ValueError:
            return False

    def _agrees(self, branch: Any, value: Any) -> bool:
        reported = False
        for part in self._parts(branch):
            for name, child in _mapping(part.schema.get("properties")).items():
                constant = _constants(child)
                if constant and is_mapping(value) and name in value:
                    if value[name] not in constant:
                        return False
                    reported = True
        return reported


def _with_closed_alternatives(value: Any, definitions: Any, *, names: bool) -> Any:
    """A copy of a schema in which every alternative stands alone and keeps its validator."""
    if is_list(value):
        return [_with_closed_alternatives(item, definitions, names=False) for item in value]
    if not is_mapping(value):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        if not names and (is_literal(key) or key == "examples"):
            found[key] = item
            continue
        below = _with_closed_alternatives(item, definitions, names=not names and is_name_map(key, item))
        if not names and key in _BRANCHES and is_list(below):
            below = [_closed(branch, definitions) if is_mapping(branch) else branch for branch in below]
        found[key] = below
    return found


def _closed(branch: Mapping[str, Any], definitions: Any) -> SelfContained:
    return SelfContained(branch if definitions is None else {**branch, "$defs": definitions})


def _declared(schemas: list[Mapping[str, Any]], name: str, pointer: str) -> tuple[str | None, list[Any]]:
    """Where a member is documented and by which schemas; None when it is not."""
    exact = [properties[name] for schema in schemas if name in (properties := _mapping(schema.get("properties")))]
    if exact:
        return pointer + pointers.join(name), exact
    loose: list[Any] = []
    for schema in schemas:
        loose += [child for pattern, child in _mapping(schema.get("patternProperties")).items() if _found(pattern, name)]
    loose = loose or [child for schema in schemas if (child := _open(schema)) is not None]
    return (f"{pointer}/*", loose) if loose else (None, [])


def _open(schema: Mapping[str, Any]) -> Any:
    """The schema of members that have no name of their own, where it says anything."""
    for word in ("additionalProperties", "unevaluatedProperties"):
        found = schema.get(word)
        if is_mapping(found) and found:
            return found
    return None


def _items(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    return (*(schema.get("prefixItems") or ()), schema.get("items"), schema.get("unevaluatedItems"), schema.get("contains"))


def _speaks(schema: Mapping[str, Any]) -> bool:
    """Whether a schema says which members there are: one that names none leaves them free."""
    return bool(schema.get("properties")) or False in (schema.get("additionalProperties"), schema.get("unevaluatedProperties"))


def _constants(schema: Any) -> list[Any]:
    if not is_mapping(schema):
        return []
    if "const" in schema:
        return [schema["const"]]
    found = schema.get("enum")
    return found if is_list(found) else []


def _found(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if is_mapping(value) else {}
