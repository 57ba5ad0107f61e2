"""Where things stand in a bundled document: through references, by the path of a validator, and by the pointer of a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.references import reference_texts

_MOST_HOPS = 64
_APPLICATORS = ("allOf", "anyOf", "oneOf")
_CONDITIONAL = ("then", "else")


@dataclass(frozen=True, slots=True)
class SchemaPlace:
    """Where a schema is written, and where it is referred to when the last step to it was a reference."""

    pointer: str
    referrer: str | None = None


def landed(document: Mapping[str, Any], pointer: str) -> str:
    """The place that a pointer leads to when what stands there is only a reference to another place."""
    for _ in range(_MOST_HOPS):
        value = pointers.follow(document, pointer)
        reference = value.get("$ref") if is_mapping(value) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return pointer
        pointer = pointers.join(*pointers.split(reference))
    return pointer


def below(document: Mapping[str, Any], pointer: str, *keys: str) -> str:
    """The place below another, with references followed before every step."""
    for key in keys:
        pointer = landed(document, pointer) + pointers.join(key)
    return pointer


def along(document: Mapping[str, Any], start: str, path: Sequence[str | int]) -> SchemaPlace | None:
    """The schema that a validator came to along its keywords; None where it went by an anchor."""
    pointer, referrer = start, None
    for key in path:
        referrer = None
        if key == "$ref" and isinstance(reference := pointers.follow(document, f"{pointer}/$ref"), str):
            if not reference.startswith("#/"):
                return None
            referrer, pointer = pointer, pointers.join(*pointers.split(reference))
        else:
            pointer += pointers.join(key)
        if pointers.follow(document, pointer) is pointers.MISSING:
            return None
    return SchemaPlace(pointer, referrer)


def holders(document: Mapping[str, Any], start: str, place: str) -> list[str]:
    """Every schema that speaks of the object at a pointer with `*` for items: of alternatives all."""
    found = list(_parts(document, start))
    for key in pointers.split(place):
        found = list(
            dict.fromkeys(part for outer in found for child in _children(document, outer, key) for part in _parts(document, child))
        )
    return found


def property_holders(document: Mapping[str, Any], start: str, place: str, value: Mapping[str, Any]) -> list[str]:
    """The schemas that have to know a property so that an object may have it: those that are closed, else the one that knows most of it.

    >>> schema = {"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}, "additionalProperties": False}]}
    >>> property_holders({"s": schema}, "/s", "", {"b": 1, "c": 2})
    ['/s/allOf/1']
    """
    ranked: list[tuple[tuple[int, int], str]] = []
    closed: list[tuple[tuple[int, int], str]] = []
    for pointer in holders(document, start, place):
        schema = pointers.follow(document, pointer)
        if not is_mapping(schema):
            continue
        properties = schema.get("properties")
        known = properties if is_mapping(properties) else {}
        constant = sum(1 for name, child in known.items() if is_mapping(child) and name in value and _differs(child, value[name]))
        rank = (-constant, len(known.keys() & value.keys()) + bool(known))
        ranked.append((rank, pointer))
        if schema.get("additionalProperties") is False:
            closed.append((rank, pointer))
    best = closed or ranked
    highest = max((rank for rank, _ in best), default=(0, 0))
    chosen = [pointer for rank, pointer in best if rank == highest]
    return chosen if closed else chosen[:1]


def reached_from(document: Mapping[str, Any], pointer: str) -> frozenset[str]:
    """The components that what stands at a place leads to, through any number of references."""
    waiting, reached = list(reference_texts(pointers.follow(document, pointer))), set[str]()
    while waiting:
        target = pointers.join(*pointers.split(waiting.pop()))
        if target not in reached:
            reached.add(target)
            value = pointers.follow(document, target)
            if value is not pointers.MISSING:
                waiting.extend(reference_texts(value))
    return frozenset(reached)


def _parts(document: Mapping[str, Any], pointer: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """The schemas of one place: itself, what it refers to, and what it is put together of."""
    schema = pointers.follow(document, pointer)
    if pointer in seen or not is_mapping(schema):
        return
    yield pointer
    seen = (*seen, pointer)
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        yield from _parts(document, pointers.join(*pointers.split(reference)), seen)
    for word in _APPLICATORS:
        options = schema.get(word)
        for index in range(len(options)) if is_list(options) else ():
            yield from _parts(document, f"{pointer}/{word}/{index}", seen)
    for word in _CONDITIONAL:
        yield from _parts(document, f"{pointer}/{word}", seen)
    dependent = schema.get("dependentSchemas")
    for name in dependent if is_mapping(dependent) else ():
        yield from _parts(document, pointer + pointers.join("dependentSchemas", name), seen)


def _children(document: Mapping[str, Any], pointer: str, key: str) -> Iterator[str]:
    """The schemas of a property by its name, or of every item and value of a map for `*`."""
    schema = pointers.follow(document, pointer)
    named = schema.get("properties")
    if is_mapping(named) and key in named:
        yield pointer + pointers.join("properties", key)
    if key != "*":
        return
    for word in ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "contains"):
        if is_mapping(schema.get(word)):
            yield f"{pointer}/{word}"
    for word in ("patternProperties", "prefixItems"):
        inner = schema.get(word)
        names = list(inner) if is_mapping(inner) else range(len(inner)) if is_list(inner) else ()
        yield from (pointer + pointers.join(word, name) for name in names)


def _differs(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a schema allows constants alone, and a value is none of them."""
    options = [schema["const"]] if "const" in schema else schema.get("enum")
    return is_list(options) and value not in options
