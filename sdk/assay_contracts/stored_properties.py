"""Which properties one operation stores and another one reads.

The first is a `PUT`, a `PATCH` or a `POST`, the second the `GET` of the same thing.

A property counts when both sides declare it by one name, with the same types and format, and no side says that the server sets it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import is_json
from assay_contracts.model import Operation, Schema
from assay_contracts.pointers import join, last
from assay_contracts.schema_conjuncts import conjuncts, declared_properties

UPDATES = ("PUT", "PATCH")
_JSON_PATCH = "application/json-patch"
_ONE_NAME = re.compile(r"/\{[^/{}]+\}")
_OPAQUE = frozenset({"password", "binary", "byte", "duration"})
"""Formats of values that a server hides, encodes or writes in another way."""
_CHOICES = ("oneOf", "anyOf", "not", "if", "dependentRequired", "dependentSchemas", "dependencies")


@dataclass(frozen=True, slots=True)
class StoredProperties:
    """The properties that a request stores.

    `sent` is the pointer to the object in the request that has them, `read` to that in the response: empty for the whole body.
    `required` are those that each request must send, and `least` is how many it must send at least. `free` is whether a request may
    send any others of them.
    """

    sent: str
    read: str
    names: frozenset[str]
    required: frozenset[str]
    least: int
    free: bool


@dataclass(frozen=True, slots=True)
class _Object:
    """An object schema at a pointer of a body."""

    place: str
    parts: tuple[dict[str, Any], ...]
    properties: Mapping[str, Any]


def reader_of(operation: Operation, operations: Iterable[Operation]) -> Operation | None:
    """The operation that reads what another one writes: the `GET` of the same path, or of one name below the path of a `POST`.

    None where what it reads may be older than the write: its response is cached, or computed from numbers of an earlier time.
    """
    path = operation.path.rstrip("/")
    for item in operations:
        if item.method != "GET" or not item.path.startswith(path):
            continue
        below = item.path.removeprefix(path).removesuffix("/")
        if _ONE_NAME.fullmatch(below) if operation.method == "POST" else not below:
            longest = item.annotations.get("x-cache", {}).get("maxAge", {}).get("maximum", 0)
            may_lag = "x-freshness" in item.annotations or longest > 0
            return None if may_lag else item
    return None


def stored_properties(writer: Operation, reader: Operation) -> StoredProperties | None:
    """What `writer` stores and `reader` shows; None where the contract names no such property, or the write takes place later."""
    later = "202" in writer.responses or "x-job" in writer.annotations
    if later or writer.method not in (*UPDATES, "POST"):
        return None
    content = writer.request_body.content if writer.request_body is not None else dict[str, Schema]()
    bodies = [schema for media, schema in content.items() if is_json(media) and not media.startswith(_JSON_PATCH)]
    response = _success_schema(reader)
    if not bodies or response is None:
        return None
    hidden = _server_set(reader)
    found: StoredProperties | None = None
    for sent in _objects(bodies[0]):
        for read in _objects(response):
            names = frozenset(_shared(sent, read, bodies[0], response, hidden))
            if names and (found is None or len(names) > len(found.names)):
                found = _stored(sent, read, names)
    return found


def kept_properties(operation: Operation, operations: Iterable[Operation]) -> frozenset[str]:
    """What a change leaves as it is unless it names it.

    For a `PATCH` they are the properties that it stores; for a `PUT`, which replaces what it can name, those that
    the creation of the thing must send and the `PUT` cannot. Empty where every request sends all of them.
    """
    known = tuple(operations)
    reader = reader_of(operation, known)
    stored = stored_properties(operation, reader) if reader is not None else None
    if stored is None or reader is None:
        return frozenset()
    if operation.method == "PATCH":
        spared = stored.free and len(stored.names) > max(len(stored.required), stored.least, 1)
        return stored.names if spared else frozenset()
    collection = operation.path.rstrip("/").rpartition("/")[0]
    creator = next((item for item in known if item.method == "POST" and item.path.rstrip("/") == collection), None)
    created = stored_properties(creator, reader) if creator is not None else None
    if created is None or created.read != stored.read or not operation.path.rstrip("/").endswith("}"):
        return frozenset()
    return created.required - _named(operation)


def tells_identity(creator: Operation, reader: Operation) -> bool:
    """Whether the success of a creation names what was created, as the path of the reader wants it."""
    names = _identities(reader)
    for status, response in creator.responses.items():
        if status.startswith("2"):
            if any(name.lower() == "location" for name in response.headers):
                return True
            objects = [item for schema in response.content.values() for item in _objects(schema)]
            if any(_plain(name) in names for item in objects for name in item.properties):
                return True
    return False


def _stored(sent: _Object, read: _Object, names: frozenset[str]) -> StoredProperties:
    required = {str(name) for part in sent.parts for name in (part["required"] if is_list(part.get("required")) else ())}
    least = max((part["minProperties"] for part in sent.parts if isinstance(part.get("minProperties"), int)), default=0)
    free = required <= names and not any(key in part for part in sent.parts for key in _CHOICES)
    return StoredProperties(sent.place, read.place, names, frozenset(required & names), least, free)


def _success_schema(reader: Operation) -> Schema | None:
    """The schema of the first JSON body among the successes."""
    for status, response in sorted(reader.responses.items()):
        if status.startswith("2"):
            for media, schema in response.content.items():
                if is_json(media):
                    return schema
    return None


def _objects(schema: Any) -> Iterator[_Object]:
    """The object that a body is, and those that are properties of it."""
    whole = _object(schema, schema, "")
    yield whole
    for name, part in whole.properties.items():
        below = _object(part, schema, join(name))
        if below.properties:
            yield below


def _object(schema: Any, root: Any, place: str) -> _Object:
    chosen = _alternative(schema, root)
    return _Object(place, tuple(conjuncts(chosen, root)), declared_properties(chosen, root))


def _alternative(schema: Any, root: Any) -> Any:
    """The one alternative of a schema besides null; the schema itself where there is no such one."""
    for part in conjuncts(schema, root):
        for key in ("anyOf", "oneOf"):
            options = part.get(key)
            others = [item for item in options if is_mapping(item) and item.get("type") != "null"] if is_list(options) else []
            if len(others) == 1:
                return others[0]
    return schema


def _shared(sent: _Object, read: _Object, sent_root: Any, read_root: Any, hidden: frozenset[str]) -> Iterator[str]:
    for name, schema in sent.properties.items():
        if name not in read.properties or read.place + join(name) in hidden or _plain(name) in hidden:
            continue
        one, two = _facts(schema, sent_root), _facts(read.properties[name], read_root)
        if one is not None and two is not None and one[0] == two[0] and (one[1] == two[1] or not (one[1] and two[1])):
            yield name


def _facts(schema: Any, root: Any) -> tuple[frozenset[str], str] | None:
    """The types of a property without null, and its format; None where its value can say nothing."""
    parts = [*conjuncts(schema, root), *conjuncts(_alternative(schema, root), root)]
    merged = {key: value for part in reversed(parts) for key, value in part.items()}
    settled = "const" in merged or (is_list(merged.get("enum")) and len(set(map(repr, merged["enum"])) - {"None"}) < 2)
    if settled or "contentEncoding" in merged or any(merged.get(key) is True for key in ("readOnly", "writeOnly", "deprecated")):
        return None
    named = merged.get("type")
    kinds = frozenset(map(str, named)) if is_list(named) else frozenset({str(named)}) if named is not None else frozenset[str]()
    if not kinds and is_list(merged.get("enum")) and all(isinstance(value, str) for value in merged["enum"]):
        kinds = frozenset({"string"})
    kinds -= {"null"}
    style = str(merged.get("format", ""))
    return (kinds, style) if len(kinds) == 1 and style not in _OPAQUE else None


def _server_set(reader: Operation) -> frozenset[str]:
    """What a reader shows that nobody sends: its volatile places, and the name of the thing."""
    return frozenset(reader.volatile) | _identities(reader)


def _identities(reader: Operation) -> frozenset[str]:
    """What the property may be called that names the thing of a path, in small letters and digits."""
    segment = last(reader.path.rstrip("/"))
    return frozenset({"id", "uuid"}) | ({_plain(segment)} if segment.startswith("{") else frozenset[str]())


def _named(operation: Operation) -> frozenset[str]:
    """Every property that a request of an operation can name, at the top or one below."""
    content = operation.request_body.content if operation.request_body is not None else dict[str, Schema]()
    return frozenset(name for schema in content.values() for item in _objects(schema) for name in item.properties)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
