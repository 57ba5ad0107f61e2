"""Seeded drifts: a contract, one edit that somebody forgot to write into it, and the response of a server that needs that edit.

Every drift is one kind at one place. The expected document is made here, by hand, from what the kind means: nothing of the repair is used.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from assay_conformance.evidence import Exchange, Request, Response
from assay_contracts import Contract, Operation, load_contract, parse_bundle, pointers
from assay_contracts.json_types import is_list, is_mapping

FOLDER = Path(__file__).parent
FOREIGN: tuple[Path, ...] = (
    FOLDER / "shop.yaml",
    FOLDER.parent / "implementations" / "node_plain" / "api.yaml",
    FOLDER / "library_3_0.yaml",
)
OURS = ("reliability@1.0.0", "windowing@2.1.0", "executive@1.1.0")
NOTHING: Any = object()


@dataclass(frozen=True)
class Place:
    """A property of a success body: where its schema is written, and where it stands in the body (`*` is a first item)."""

    operation: Operation
    pointer: str
    path: tuple[str | int, ...]
    body: Any
    headers: tuple[tuple[str, str], ...]
    status: int
    media: str
    referrer: str = ""
    written: str = ""

    @property
    def name(self) -> str:
        """The name of the property."""
        return next((key for key in reversed(self.path) if isinstance(key, str)), "")


@dataclass(frozen=True)
class Drift:
    """One seeded drift: the recorded exchange, and the document with the seeded edit; None where the server is at fault."""

    name: str
    contract: Contract
    exchange: Exchange
    expected: dict[str, Any] | None


@cache
def contract_of(source: str) -> Contract:
    """A contract, read once."""
    return load_contract(Path(source) if source.endswith(".yaml") else source)


def landed(document: Any, pointer: str) -> tuple[str, str]:
    """Where a pointer leads behind references, and the last place that referred to it."""
    referrer = ""
    while is_mapping(value := pointers.follow(document, pointer)) and isinstance(value.get("$ref"), str):
        referrer, pointer = pointer, value["$ref"].removeprefix("#")
    return pointer, referrer


def sample(document: Any, pointer: str, depth: int = 0) -> Any:
    """A value with every property that a schema names; `NOTHING` where none is found."""
    schema = pointers.follow(document, landed(document, pointer)[0])
    where = landed(document, pointer)[0]
    if not is_mapping(schema) or depth > 8:
        return NOTHING
    for key in ("examples", "enum"):
        if is_list(schema.get(key)) and schema[key] and not is_mapping(schema.get("properties")):
            return copy.deepcopy(schema[key][0])
    if "const" in schema:
        return schema["const"]
    for word in ("anyOf", "oneOf"):
        for index in range(len(schema.get(word, ()))):
            if (found := sample(document, f"{where}/{word}/{index}", depth + 1)) not in (NOTHING, None):
                return found
    kind = schema.get("type")
    kind = next((item for item in kind if item != "null"), "null") if is_list(kind) else kind
    if kind == "object" or "properties" in schema or "allOf" in schema:
        merged: dict[str, Any] = {}
        for index in range(len(schema.get("allOf", ()))):
            part = sample(document, f"{where}/allOf/{index}", depth + 1)
            merged |= part if is_mapping(part) else {}
        for name in schema.get("properties", {}):
            value = sample(document, where + pointers.join("properties", name), depth + 1)
            if value is not NOTHING:
                merged[name] = value
        return merged
    if kind == "array":
        item = sample(document, f"{where}/items", depth + 1)
        return [] if item is NOTHING else [item]
    formats = {
        "date-time": "2024-05-01T10:00:00Z",
        "date": "2024-05-01",
        "uuid": "7d9f6f1e-4a53-4c43-9a55-3c1c9d1f5b1a",
        "uri": "https://a.example/b",
    }
    plain = {"string": formats.get(schema.get("format", ""), "word"), "integer": 3, "number": 2.5, "boolean": True, "null": None}
    if kind in ("integer", "number") and "minimum" in schema:
        return max(schema["minimum"], plain[kind] if schema.get("maximum", 9) >= 3 else schema["minimum"])
    return plain.get(kind, NOTHING) if isinstance(kind, str) else NOTHING


@cache
def places(source: str) -> tuple[Place, ...]:
    """Every property of the success bodies that a valid body could be made of."""
    contract = contract_of(source)
    return tuple(place for operation in contract.operations for place in _places_of(contract, operation))


def _places_of(contract: Contract, operation: Operation) -> Iterator[Place]:
    from assay_conformance.validation import accepts

    document = contract.openapi
    for status, declared in operation.responses.items():
        media = next((name for name in declared.content if name.endswith("json")), None)
        if not status.startswith("2") or media is None or not status.isdecimal():
            continue
        response = landed(document, "/paths" + pointers.join(operation.path, operation.method.lower(), "responses", status))[0]
        start = f"{response}/content{pointers.join(media)}/schema"
        body = sample(document, start)
        if body is NOTHING or not accepts(declared.content[media], body):
            continue
        headers = [("content-type", media)]
        for name in declared.headers:
            value = sample(document, f"{landed(document, f'{response}/headers{pointers.join(name)}')[0]}/schema")
            headers += [(name.lower(), str(value))] if value is not NOTHING else []
        base = Place(operation, start, (), body, tuple(headers), int(status), media)
        yield base
        yield from _below(document, base, start, body, (), frozenset())


def _below(document: Any, base: Place, pointer: str, value: Any, path: tuple[str | int, ...], seen: frozenset[str]) -> Iterator[Place]:
    where, _ = landed(document, pointer)
    schema = pointers.follow(document, where)
    if where in seen or not is_mapping(schema):
        return
    seen |= {where}
    for index in range(len(schema.get("allOf", ()))):
        yield from _below(document, base, f"{where}/allOf/{index}", value, path, seen)
    if is_mapping(value):
        for name in schema.get("properties", {}):
            if name in value:
                written = where + pointers.join("properties", name)
                child, referrer = landed(document, written)
                yield replace(base, pointer=child, path=(*path, name), referrer=referrer, written=written)
                yield from _below(document, base, child, value[name], (*path, name), seen)
    elif is_list(value) and value and is_mapping(schema.get("items")):
        yield from _below(document, base, f"{where}/items", value[0], (*path, 0), seen)


def exchange_of(place: Place, **changes: Any) -> Exchange:
    """The exchange of a place's operation, honest but for the changes."""
    path = place.operation.path
    for parameter in place.operation.parameters:
        path = path.replace("{" + parameter.name + "}", "v1")
    status, body, headers = changes.get("status", place.status), changes.get("body", place.body), changes.get("headers", place.headers)
    text = body if isinstance(body, str) else json.dumps(body)
    request = Request(place.operation.method, path, changes.get("query", ()))
    return Exchange(id="x1", subject=place.operation.id, purpose="seeded", request=request, response=Response(status, headers, text))


def with_value(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy of a body with another value at a path; without the property for `NOTHING`."""
    found = copy.deepcopy(body)
    if not path:
        return value
    holder = found
    for key in path[:-1]:
        holder = holder[key]
    if value is NOTHING:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return found


def at(document: Any, pointer: str) -> Any:
    """What stands at a pointer."""
    return pointers.follow(document, pointer)


Seed = Callable[[Contract, Place], Drift | None]


def _drift(kind: str, contract: Contract, place: Place, expected: Any, **changes: Any) -> Drift:
    name = f"{contract.id}: {kind} at {place.operation.id} /{'/'.join(map(str, place.path))}"
    return Drift(name, contract, exchange_of(place, **changes), expected)


def _edited(contract: Contract, pointer: str, edit: Callable[[Any], None]) -> dict[str, Any]:
    document = copy.deepcopy(contract.openapi)
    edit(at(document, pointer))
    return document


def _value(place: Place) -> Any:
    value = place.body
    for key in place.path:
        value = value[key]
    return value


def added_property(name: str, value: Any, schema: Any) -> Seed:
    """A server sends a property that the contract does not have."""

    def seed(contract: Contract, place: Place) -> Drift | None:
        own, where = _value(place), landed(contract.openapi, place.pointer)[0]
        if not is_mapping(own) or not is_mapping(at(contract.openapi, where).get("properties")) or name in own:
            return None
        if "allOf" in at(contract.openapi, where):
            return None
        expected = _edited(contract, where, lambda found: found["properties"].update({name: schema}))
        return _drift(f"property {name}", contract, place, expected, body=with_value(place.body, (*place.path, name), value))

    return seed


def widened_type(old: str, value: Any, new: Any) -> Seed:
    """A server sends another type."""

    def seed(contract: Contract, place: Place) -> Drift | None:
        schema = at(contract.openapi, place.pointer)
        if not place.path or schema.get("type") != old or {"enum", "const"} & schema.keys() or (value is None and place.referrer):
            return None
        expected = _edited(contract, place.pointer, lambda found: found.update(type=new))
        return _drift(f"type {old} to {json.dumps(new)}", contract, place, expected, body=with_value(place.body, place.path, value))

    return seed


def null_behind_reference(contract: Contract, place: Place) -> Drift | None:
    """A server sends null where the contract refers to a shared schema."""
    if not place.referrer or not place.path:
        return None

    def edit(found: Any) -> None:
        reference = found.pop("$ref")
        found["anyOf"] = [{"$ref": reference}, {"type": "null"}]

    schema = at(contract.openapi, place.pointer)
    if not {"type", "enum"} & schema.keys() or "null" in schema.get("type", ()):
        return None
    expected = _edited(contract, place.referrer, edit)
    return _drift("null behind a reference", contract, place, expected, body=with_value(place.body, place.path, None))


def added_value(contract: Contract, place: Place) -> Drift | None:
    """A server sends a value that the enumeration does not have."""
    options = at(contract.openapi, place.pointer).get("enum")
    if not is_list(options) or not all(isinstance(option, str) for option in options):
        return None
    expected = _edited(contract, place.pointer, lambda found: found["enum"].append("unheard-of"))
    return _drift("enum value", contract, place, expected, body=with_value(place.body, place.path, "unheard-of"))


def widened_bound(keyword: str) -> Seed:
    """A server goes beyond a bound."""

    def seed(contract: Contract, place: Place) -> Drift | None:
        schema = at(contract.openapi, place.pointer)
        limit, value = schema.get(keyword), NOTHING
        if limit is None or isinstance(limit, bool) or "pattern" in schema or "format" in schema or "enum" in schema:
            return None
        if keyword in ("maximum", "minimum"):
            value = limit + 2 if keyword == "maximum" else limit - 2
            new = value
        elif keyword == "maxLength":
            value, new = "x" * (limit + 3), limit + 3
        elif keyword == "minLength":
            value, new = "", 0
        else:
            value, new = _value(place) * (limit + 1), limit + 1
        expected = _edited(contract, place.pointer, lambda found: found.update({keyword: new}))
        return _drift(keyword, contract, place, expected, body=with_value(place.body, place.path, value))

    return seed


def dropped(keyword: str, value: str) -> Seed:
    """A server does not keep to a format or a pattern."""

    def seed(contract: Contract, place: Place) -> Drift | None:
        schema = at(contract.openapi, place.pointer)
        if keyword not in schema or (keyword == "format" and schema["format"] not in ("date-time", "date", "uuid", "email", "uri")):
            return None
        if {"format", "pattern", "minLength", "maxLength", "enum"} & schema.keys() - {keyword}:
            return None
        expected = _edited(contract, place.pointer, lambda found: found.pop(keyword))
        return _drift(f"no {keyword}", contract, place, expected, body=with_value(place.body, place.path, value))

    return seed


def added_status(contract: Contract, place: Place) -> Drift | None:
    """A server answers with a success that the operation does not declare."""
    if place.path or place.operation.response(206) is not None:
        return None
    written = "/paths" + pointers.join(place.operation.path, place.operation.method.lower(), "responses")
    content = {"application/json": {"schema": {"type": "object", "properties": {"part": {"type": "integer"}}}}}
    expected = _edited(contract, written, lambda found: found.update({"206": {"description": "Partial Content.", "content": content}}))
    return _drift("status", contract, place, expected, status=206, body={"part": 1}, headers=(("content-type", "application/json"),))


def added_header(contract: Contract, place: Place) -> Drift | None:
    """A server sends a header that the response does not declare."""
    if place.path:
        return None
    written = "/paths" + pointers.join(place.operation.path, place.operation.method.lower(), "responses", str(place.status))
    where = landed(contract.openapi, written)[0]
    expected = _edited(contract, where, lambda found: found.setdefault("headers", {}).update({"X-Shard": {"schema": {"type": "integer"}}}))
    return _drift("header", contract, place, expected, headers=(*place.headers, ("x-shard", "7")))


def accepted_parameter(contract: Contract, place: Place) -> Drift | None:
    """A server accepts a query parameter that the operation does not declare."""
    if place.path or any(parameter.location == "query" and parameter.required for parameter in place.operation.parameters):
        return None
    written = "/paths" + pointers.join(place.operation.path, place.operation.method.lower())
    parameter = {"name": "verbose", "in": "query", "schema": {"type": "boolean"}}
    expected = _edited(contract, written, lambda found: found.setdefault("parameters", []).append(parameter))
    return _drift("parameter", contract, place, expected, query=(("verbose", "true"),))


WIDENING: dict[str, Seed] = {
    "property-integer": added_property("addedCount", 7, {"type": "integer"}),
    "property-string": added_property("addedName", "word", {"type": "string"}),
    "property-object": added_property(
        "addedPart", {"on": True, "of": [1.5]},
        {"type": "object", "properties": {"on": {"type": "boolean"}, "of": {"type": "array", "items": {"type": "number"}}}},
    ),
    "property-null": added_property("addedNull", None, {"type": "null"}),
    "integer-to-number": widened_type("integer", 2.5, "number"),
    "integer-or-string": widened_type("integer", "three", ["integer", "string"]),
    "string-or-null": widened_type("string", None, ["string", "null"]),
    "number-or-null": widened_type("number", None, ["number", "null"]),
    "integer-or-null": widened_type("integer", None, ["integer", "null"]),
    "boolean-or-string": widened_type("boolean", "yes", ["boolean", "string"]),
    "array-or-null": widened_type("array", None, ["array", "null"]),
    "null-behind-reference": null_behind_reference,
    "enum-value": added_value,
    "maximum": widened_bound("maximum"),
    "minimum": widened_bound("minimum"),
    "maxLength": widened_bound("maxLength"),
    "minLength": widened_bound("minLength"),
    "maxItems": widened_bound("maxItems"),
    "format": dropped("format", "neither"),
    "pattern": dropped("pattern", "~ neither ~"),
    "status": added_status,
    "header": added_header,
    "parameter": accepted_parameter,
}  # fmt: skip


def left_out(contract: Contract, place: Place) -> Drift | None:
    """A server leaves out a property that is required."""
    holder = place.written.rpartition("/properties/")[0]
    if not place.path or place.name not in at(contract.openapi, holder).get("required", ()):
        return None
    return _drift("required property", contract, place, None, body=with_value(place.body, place.path, NOTHING))


def without_header(contract: Contract, place: Place) -> Drift | None:
    """A server leaves out a header that is required."""
    declared = place.operation.responses[str(place.status)].headers
    required = next((name.lower() for name, header in declared.items() if header.required), None)
    if place.path or required is None:
        return None
    return _drift("required header", contract, place, None, headers=tuple(item for item in place.headers if item[0] != required))


def failing(contract: Contract, place: Place) -> Drift | None:
    """A server fails with a status of its own."""
    if place.path or place.operation.response(507) is not None:
        return None
    return _drift("server error", contract, place, None, status=507, body={"oops": 1}, headers=(("content-type", "application/json"),))


def of_another_kind(contract: Contract, place: Place) -> Drift | None:
    """A server sends null for what an annotation of the operation speaks of."""
    schema = at(contract.openapi, place.pointer)
    named = [*_annotation_words(place.operation.annotations)]
    if not place.path or "null" in schema.get("type", ("null",)) or place.name not in named:
        return None
    return _drift("null for what an annotation names", contract, place, None, body=with_value(place.body, place.path, None))


def _annotation_words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from pointers.split(value) if value.startswith("/") else (value,)
    elif is_mapping(value) or is_list(value):
        for item in value.values() if is_mapping(value) else value:
            yield from _annotation_words(item)


WEAKENING: dict[str, Seed] = {
    "required-property": left_out,
    "required-header": without_header,
    "server-error": failing,
    "annotated": of_another_kind,
}


def drifts(seeds: dict[str, Seed], source: str, at_most: int, kind: str | None = None) -> Iterator[Drift]:
    """Drifts of every kind in a contract, or of one, at most so many of each, spread over its places."""
    contract = contract_of(source)
    words = set(_annotation_words([operation.annotations for operation in contract.operations]))
    taxonomy = contract.openapi.get("x-error-taxonomy", {})
    words |= set(_annotation_words(taxonomy.get("envelope", {})))
    for seed in seeds.values() if kind is None else (seeds[kind],):
        fitting = [drift for place in places(source) if (drift := _fitting(seed, contract, place, words, seeds is WIDENING)) is not None]
        step = max(1, len(fitting) // at_most)
        yield from fitting[::step][:at_most]


def _fitting(seed: Seed, contract: Contract, place: Place, words: set[str], unnamed: bool) -> Drift | None:
    if unnamed and place.name in words:
        return None
    drift = seed(contract, place)
    if drift is not None and drift.expected is not None:
        parse_bundle(drift.expected)
    return drift
