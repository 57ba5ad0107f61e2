"""Two schemas as values really travel between them, so that a proof about them is about what is exchanged.

Taken to the letter, an open object accepts every name, so each new property would refuse a value that was valid. Nobody
sends what a contract does not name. And a property that is read-only is in no request, one that is write-only in no response.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.schema_conjuncts import conjuncts

from assay_compatibility.classes import Direction

Schema = dict[str, Any]
# Beside one of these an object says something of names that it does not list.
_OF_OTHER_NAMES = ("patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames", "enum", "const")
_SAME_PLACE = ("items", "additionalProperties", "contains", "then", "else", "unevaluatedProperties", "unevaluatedItems")
_CHOICES = ("oneOf", "anyOf")


def as_exchanged(smaller: Schema, larger: Schema, direction: Direction, *, by_name: bool = False) -> tuple[Schema, Schema]:
    """Both schemas, the smaller one without the properties that only the larger one names; the arguments are unchanged.

    With `by_name` the alternatives of `oneOf` are told apart by the properties that they name, as careless documents mean
    them: an object has at least one property, and none that only another alternative names.
    """
    smaller, larger = copy.deepcopy(smaller), copy.deepcopy(larger)
    flag = "readOnly" if direction is Direction.REQUEST else "writeOnly"
    names = _hidden(smaller, smaller, flag) | _hidden(larger, larger, flag)
    if names:
        _leave_out(smaller, smaller, flag, names, absent=True)
        _leave_out(larger, larger, flag, names, absent=False)
    _Alignment(smaller, larger).align(smaller, larger)
    if by_name:
        _close(smaller, smaller)
        for schema in (smaller, larger):
            for place in list(_places(schema)):
                _part_by_name(place, schema)
    return smaller, larger


def _close(schema: Any, root: Schema) -> None:
    """Leave out the names that an open object does not list, and the empty object."""
    parts = list(conjuncts(_target(schema, root), root))
    if parts and _free(parts) and any(_properties(part) or _several(part, word) for part in parts for word in _CHOICES):
        parts[0].update({"unevaluatedProperties": False, "minProperties": max(1, parts[0].get("minProperties", 1))})


def _part_by_name(schema: Schema, root: Schema) -> None:
    """Let each alternative of `oneOf` reject what only the others name."""
    alternatives = [_target(branch, root) for branch in _several(schema, "oneOf")]
    names = [_named(branch, root) for branch in alternatives]
    above = set(_properties(schema))
    for index, branch in enumerate(alternatives):
        others = set[str]().union(*(own for other, own in enumerate(names) if other != index)) - names[index] - above
        if is_mapping(branch) and names[index] and _free(list(conjuncts(branch, root))):
            branch["properties"] = {**_properties(branch), **dict.fromkeys(sorted(others), False)}
            branch["minProperties"] = max(1, branch.get("minProperties", 1))


def _free(parts: list[Schema]) -> bool:
    """Whether an object takes any name that it does not list."""
    return not any(part.get(word, True) not in (True, {}) for part in parts for word in _OF_OTHER_NAMES)


class _Alignment:
    """One walk over both schemas, each pair of places once."""

    def __init__(self, smaller: Schema, larger: Schema) -> None:
        self.smaller, self.larger = smaller, larger
        self.met: set[tuple[int, int]] = set()

    def align(self, smaller: Any, larger: Any) -> None:
        """Forbid in the smaller schema what only the larger one names, here and below."""
        smaller, larger = _target(smaller, self.smaller), _target(larger, self.larger)
        key = (id(smaller), id(larger))
        if not is_mapping(smaller) or not is_mapping(larger) or key in self.met:
            return
        self.met.add(key)
        parts, others = list(conjuncts(smaller, self.smaller)), list(conjuncts(larger, self.larger))
        self._properties(smaller, parts, others)
        for one in parts:
            for other in others:
                for word in _SAME_PLACE:
                    if is_mapping(one.get(word)) and is_mapping(other.get(word)):
                        self.align(one[word], other[word])
                for first, second in zip(_several(one, "prefixItems"), _several(other, "prefixItems"), strict=False):
                    self.align(first, second)
        self._choices(smaller, larger, parts, others)

    def _properties(self, smaller: Schema, parts: list[Schema], others: list[Schema]) -> None:
        named: dict[str, list[Any]] = {}
        for part in parts:
            for name, schema in _properties(part).items():
                named.setdefault(name, []).append(schema)
        free = _free(parts)
        required = {str(name) for part in parts for name in _several(part, "required")}
        # A choice below may name the property too; there it is the alternative's own affair.
        chosen = {name for part in parts for word in _CHOICES for branch in _several(part, word) for name in _named(branch, self.smaller)}
        for name in [name for other in others for name in _properties(other)]:
            if name in named:
                continue
            if free and name not in required and name not in chosen:
                smaller.setdefault("properties", {})[name] = False
        for other in others:
            for name, schema in _properties(other).items():
                for mine in named.get(name, ()):
                    self.align(mine, schema)

    def _choices(self, smaller: Schema, larger: Schema, parts: list[Schema], others: list[Schema]) -> None:
        mine = [(word, branches) for part in parts for word in _CHOICES if (branches := _several(part, word))]
        theirs = [(word, branches) for part in others for word in _CHOICES if (branches := _several(part, word))]
        if mine and not theirs:
            for branch in (branch for _, branches in mine for branch in branches):
                self.align(branch, larger)
        if theirs and not mine and len(theirs) == 1:
            fresh = {name for branch in theirs[0][1] for name in _named(branch, self.larger)}
            self._properties(smaller, parts, [{"properties": dict.fromkeys(fresh, True)}])
        for (_, branches), (_, candidates) in zip(mine, theirs, strict=False):
            for index, branch in enumerate(branches):
                if branch not in candidates and index < len(candidates):
                    self.align(branch, candidates[index])


def _target(schema: Any, root: Schema) -> Any:
    """What a schema that is only a reference leads to."""
    for _ in range(64):
        if not (is_mapping(schema) and isinstance(schema.get("$ref"), str) and len(schema.keys() - {"$schema", "$defs"}) == 1):
            return schema
        schema = root.get("$defs", {}).get(schema["$ref"].rpartition("/")[2])
    return schema


def _named(schema: Any, root: Schema) -> set[str]:
    return {name for part in conjuncts(schema, root) for name in _properties(part)}


def _properties(schema: Schema) -> Schema:
    properties = schema.get("properties")
    return properties if is_mapping(properties) else {}


def _several(schema: Schema, word: str) -> list[Any]:
    listed = schema.get(word)
    return listed if is_list(listed) else []


def _hidden(schema: Any, root: Schema, flag: str) -> set[str]:
    """The names that somewhere in the schema are not part of this direction."""
    return {
        name
        for place in _places(schema)
        for name, child in _properties(place).items()
        if any(part.get(flag) is True for part in conjuncts(child, root))
    }


def _leave_out(schema: Schema, root: Schema, flag: str, names: set[str], *, absent: bool) -> None:
    for place in list(_places(schema)):
        properties = _properties(place)
        flagged = {name for name in names & properties.keys() if any(part.get(flag) is True for part in conjuncts(properties[name], root))}
        kept = properties.keys() - flagged
        for name in flagged:
            properties[name] = not absent
        if is_list(place.get("required")):
            place["required"] = [name for name in place["required"] if name not in names or name in kept]


def _places(value: Any) -> Iterator[Schema]:
    """Every object of a schema, wherever it stands."""
    if is_mapping(value):
        yield value
        for child in value.values():
            yield from _places(child)
    elif is_list(value):
        for child in value:
            yield from _places(child)
