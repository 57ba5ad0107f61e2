"""What a contract says about the things behind its paths: which operation creates, lists and deletes them, and where their name stands.

A place is a path up to and with one parameter, such as `/shops/{shop}/orders/{order}`. Its creator is a `POST` on the path before the
parameter whose response names what was created, in a property or in `Location`; its list is a `GET` there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assay_contracts import Contract, Operation, Schema, pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.body_values import at_indexes
from assay_conformance.schema_kinds import kinds_of
from assay_conformance.target import places_of

_DEPTH = 4
_NAMES = ("id", "uuid", "key", "slug", "code", "number", "name")
"""What the identity of a thing is usually called, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Source:
    """An operation that tells values of a path parameter; `pointer` leads to them in its response, None where `Location` does."""

    operation: Operation
    pointer: str | None


def creator_of(contract: Contract, place: str) -> Source | None:
    """The operation that creates what a place names."""
    for operation in _at(contract, _collection(place), "POST"):
        for status, response in operation.responses.items():
            if not status.startswith("2"):
                continue
            for schema in response.content.values():
                pointer = next((found for found in _named(schema, _identities(place)) if "*" not in found), None)
                if pointer is not None:
                    return Source(operation, pointer)
            if any(name.lower() == "location" for name in response.headers):
                return Source(operation, None)
    return None


def list_of(contract: Contract, place: str) -> Source | None:
    """The operation that lists what a place names."""
    for operation in _at(contract, _collection(place), "GET"):
        for status, response in operation.responses.items():
            for schema in response.content.values() if status.startswith("2") else ():
                pointer = next((found for found in _named(schema, _identities(place)) if found.count("*") == 1), None)
                if pointer is not None:
                    return Source(operation, pointer)
    return None


def deleter_of(contract: Contract, place: str) -> Operation | None:
    """The operation that deletes what a place names."""
    return next(iter(_at(contract, place, "DELETE")), None)


def _collection(place: str) -> str:
    return place[: place.rfind("/{")] if "/{" in place else place


def _at(contract: Contract, path: str, method: str) -> Iterator[Operation]:
    wanted = path.rstrip("/")
    return (item for item in contract.operations if item.method == method and item.path.rstrip("/") == wanted)


def _identities(place: str) -> tuple[str, ...]:
    """What the property may be called that holds the value of a place's parameter, the likeliest first."""
    name = places_of(place)[-1][1]
    return tuple(dict.fromkeys((_plain(name), *_NAMES)))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _named(schema: Schema, names: tuple[str, ...]) -> Iterator[str]:
    """Pointers to the properties of these names, the likeliest name first, then the nearest."""
    found = sorted(
        (names.index(_plain(pointer.rpartition("/")[2])), pointer.count("/"), pointer)
        for pointer in _leaves(schema, schema, "", 0)
        if _plain(pointer.rpartition("/")[2]) in names
    )
    yield from (pointer for _, _, pointer in found)


def _leaves(schema: Any, root: Schema, place: str, depth: int) -> Iterator[str]:
    """Pointers to every property that holds a string or a number."""
    if not is_mapping(schema) or depth > _DEPTH:
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        yield from _leaves(pointers.follow(root, reference), root, place, depth + 1)
    for key in ("allOf", "anyOf", "oneOf"):
        parts = schema.get(key)
        for part in parts if is_list(parts) else ():
            yield from _leaves(part, root, place, depth + 1)
    properties = schema.get("properties")
    for name, part in properties.items() if is_mapping(properties) else ():
        here = place + pointers.join(name)
        if _is_scalar(part, root):
            yield here
        else:
            yield from _leaves(part, root, here, depth + 1)
    if is_mapping(schema.get("items")):
        yield from _leaves(schema["items"], root, f"{place}/*", depth + 1)


def _is_scalar(schema: Any, root: Schema) -> bool:
    return is_mapping(schema) and not kinds_of(schema, root).isdisjoint(("string", "integer", "number"))


def identity_in(body: Any, source: Source, location: str | None) -> str | None:
    """The value of the parameter that the response of a source names; None where it names none."""
    if source.pointer is None:
        return location.rstrip("/").rpartition("/")[2].partition("?")[0] or None if location else None
    value = at_indexes(body, source.pointer, (0,))
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
