"""Tagged alternatives: which of many can share an instance, read from the values that one property may have.

An object that must carry `kind: "a"` is no instance of an alternative whose `kind` is `"b"`. Reading that from an index makes a
choice of hundreds of alternatives as cheap as its length, where comparing every pair is not.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from assay_containment.keyword_facts import required_of, values_of
from assay_containment.schemas import SchemaNode, Unresolved
from assay_containment.shapes import Branch, conjuncts

Values = frozenset[Hashable]


class Tags:
    """The values that places allow by property, each place read once."""

    def __init__(self) -> None:
        self._allowed: dict[SchemaNode, Mapping[str, Values]] = {}
        self._indexes: dict[tuple[SchemaNode, ...], _Index] = {}

    def sharing(self, branch: Branch, options: Sequence[SchemaNode]) -> list[SchemaNode]:
        """The options that may share an object with a branch, in their order."""
        pinned = self.pinned(branch)
        if not pinned:
            return list(options)
        key = tuple(options)
        if key not in self._indexes:
            self._indexes[key] = _Index(key, [self.allowed(option) for option in key])
        return [option for option in self._indexes[key].candidates(pinned) if not self._apart(pinned, option)]

    def apart(self, branch: Branch, option: SchemaNode) -> bool:
        """Whether no object is an instance of both, by the values of one property."""
        return self._apart(self.pinned(branch), option)

    def pinned(self, branch: Branch) -> dict[str, Values]:
        """The values of the properties that every object of a branch has."""
        pinned: dict[str, Values] = {}
        needed = required_of(branch)
        for place in branch if needed else ():
            for name, values in self.allowed(place).items():
                if name in needed:
                    pinned[name] = pinned[name] & values if name in pinned else values
        return pinned

    def allowed(self, place: SchemaNode) -> Mapping[str, Values]:
        """The values that a place and what holds with it leave to a property, where they list scalars."""
        if place not in self._allowed:
            self._allowed[place] = _allowed(place)
        return self._allowed[place]

    def _apart(self, pinned: Mapping[str, Values], option: SchemaNode) -> bool:
        allowed = self.allowed(option)
        return any(name in allowed and not values & allowed[name] for name, values in pinned.items())


class _Index:
    """Options by the values of the property that most of them list."""

    def __init__(self, options: Sequence[SchemaNode], allowed: Sequence[Mapping[str, Values]]) -> None:
        counts: dict[str, int] = {}
        for names in allowed:
            for name in names:
                counts[name] = counts.get(name, 0) + 1
        self.options = options
        self.name = min(counts, key=lambda name: (-counts[name], name), default=None)
        self.by_value: dict[Hashable, list[int]] = {}
        self.untagged: list[int] = []
        for index, names in enumerate(allowed):
            if self.name is None or self.name not in names:
                self.untagged.append(index)
                continue
            for value in names[self.name]:
                self.by_value.setdefault(value, []).append(index)

    def candidates(self, pinned: Mapping[str, Values]) -> list[SchemaNode]:
        if self.name is None or self.name not in pinned:
            return list(self.options)
        found = {index for value in pinned[self.name] for index in self.by_value.get(value, ())}
        return [self.options[index] for index in sorted(found.union(self.untagged))]


def _allowed(place: SchemaNode) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for part in _certain(place):
        for name, schema in part.named("properties").items():
            for inner in _certain(schema):
                values = values_of(inner)
                if values is None or not all(value is None or isinstance(value, str | int | float) for value in values):
                    continue
                keys = frozenset(map(_key, values))
                found[name] = found[name] & keys if name in found else keys
    return found


def _certain(place: SchemaNode) -> list[SchemaNode]:
    try:
        return conjuncts(place)
    except Unresolved:
        return [place]


def _key(value: Any) -> Hashable:
    # JSON has one number 1, whether it is written 1 or 1.0, and it is not the boolean.
    return (isinstance(value, bool), value)
