"""The wire matrix: parameters of every location, style and kind of value, written by a generated client and compared with the
expansion that OpenAPI 3.1 takes from RFC 6570.

    python benchmarks/wire_matrix.py

It writes one document with an operation for each shape, generates its client, calls every operation and compares the raw request.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assay_codegen import generate_python
from assay_contracts import load_contract
from assay_sdk import Request
from responder import Responder

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
LIST = {"type": "array", "items": STRING}
OBJECT = {"type": "object", "properties": {"role": STRING, "firstName": STRING}}
MAP = {"type": "object", "additionalProperties": STRING}
ENUMS = {"type": "array", "items": {"type": "string", "enum": ["in stock", "sold"]}}
VALUES: tuple[tuple[str, dict[str, Any], Any], ...] = (
    ("integer", INTEGER, 5),
    ("boolean", {"type": "boolean"}, False),
    ("string", STRING, "blue"),
    ("reserved", STRING, "a/b?c=d&e#f%25 g"),
    ("date", {"type": "string", "format": "date"}, "2026-01-31"),
    ("list", LIST, ["blue", "black"]),
    ("list-with-delimiters", LIST, ["a,b", "c d", "e|f"]),
    ("enums", ENUMS, ["in stock", "sold"]),
    ("object", OBJECT, {"role": "admin", "firstName": "Al ex"}),
    ("map", MAP, {"x": "1,2", "y z": "3"}),
)
STYLES = {"path": ("simple", "label", "matrix"), "query": ("form",), "header": ("simple",), "cookie": ("form",)}


@dataclass(frozen=True, slots=True)
class Shape:
    """One parameter with one value, and how the request must carry it: the end of the target, or the value of a header."""

    name: str
    location: str
    parameter: dict[str, Any]
    value: Any
    expected: str


def encoded(value: object) -> str:
    """A scalar, percent-encoded."""
    return quote(("false", "true")[value] if isinstance(value, bool) else str(value), safe="")


def plainly(value: object) -> str:
    """A scalar as a header carries it."""
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def expansion(style: str, *, explode: bool, value: Any, write: Any = encoded) -> str:
    """The RFC 6570 expansion of the variable `v`."""
    first, between, named = {"simple": ("", ",", False), "label": (".", ".", False), "matrix": (";", ";", True), "form": ("", "&", True)}[
        style
    ]
    if isinstance(value, dict):
        pairs = [(write(key), write(item)) for key, item in value.items()]
        if explode:
            return first + between.join(f"{key}={item}" for key, item in pairs)
        text = ",".join(part for pair in pairs for part in pair)
    elif isinstance(value, list):
        items = [write(item) for item in value]
        if explode:
            return first + between.join(f"v={item}" if named else item for item in items)
        text = ",".join(items)
    else:
        text = write(value)
    return f"{first}v={text}" if named else first + text


def shapes() -> Iterator[Shape]:
    """Every shape, in a stable order."""
    for location, styles in STYLES.items():
        for style in styles:
            for explode in (False, True):
                for kind, schema, value in VALUES:
                    if location == "cookie" and explode and isinstance(value, list | dict):
                        continue  # A cookie of several pairs has no form that OpenAPI defines.
                    write = plainly if location == "header" else encoded
                    how = {"style": style, "explode": explode, "schema": schema}
                    expected = expansion(style, explode=explode, value=value, write=write)
                    yield Shape(f"{location}-{style}-{'exploded' if explode else 'joined'}-{kind}", location, how, value, expected)
    for style, between in (("spaceDelimited", "%20"), ("pipeDelimited", "%7C")):
        for kind, schema, value in VALUES[5:8]:
            text = between.join(map(encoded, value))
            # OpenAPI 3.1.1 writes both delimiters percent-encoded, and defines no escape for one inside an item.
            yield Shape(f"query-{style}-{kind}", "query", {"style": style, "explode": False, "schema": schema}, value, f"v={text}")
    for kind, schema, value in VALUES[8:]:
        text = "&".join(f"v%5B{encoded(key)}%5D={encoded(item)}" for key, item in value.items())
        yield Shape(f"query-deepObject-{kind}", "query", {"style": "deepObject", "explode": True, "schema": schema}, value, text)
    for location in ("path", "query", "header", "cookie"):
        for kind, schema, value in VALUES:
            text = json.dumps(value, separators=(",", ":"))
            text = text if location == "header" else encoded(text)
            how = {"content": {"application/json": {"schema": schema}}}
            yield Shape(f"{location}-content-{kind}", location, how, value, text if location in ("path", "header") else f"v={text}")
    for kind, schema, value in VALUES:
        body = {"content": {"application/json": {"schema": schema}}}
        yield Shape(f"body-json-{kind}", "body", body, value, json.dumps(value, separators=(",", ":")))
    for kind, value in (("zero", 0), ("false", False), ("null", None), ("empty", ""), ("no-items", []), ("no-properties", {})):
        yield Shape(f"body-json-{kind}", "body", {"content": {"application/json": {"schema": {}}}}, value, json.dumps(value))


def document(matrix: tuple[Shape, ...]) -> dict[str, Any]:
    """The document with an operation for each shape."""
    paths: dict[str, Any] = {}
    for number, shape in enumerate(matrix):
        operation: dict[str, Any] = {"operationId": f"shape{number}", "responses": {"204": {"description": "Received."}}}
        if shape.location == "body":
            operation["requestBody"] = {"required": True, **shape.parameter}
        else:
            operation["parameters"] = [{"name": "v", "in": shape.location, "required": True, **shape.parameter}]
        path = f"/s{number}/{{v}}" if shape.location == "path" else f"/s{number}"
        paths[path] = {"put" if shape.location == "body" else "get": operation}
    return {"openapi": "3.1.0", "info": {"title": "Matrix", "version": "1.0.0"}, "paths": paths}


def received(shape: Shape, number: int, request: Request) -> str:
    """The part of a request that a shape is about."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if shape.location == "body":
        return (request.body or b"").decode()
    if shape.location in ("header", "cookie"):
        return headers.get("v" if shape.location == "header" else "cookie", "(none)")
    return request.url.removeprefix(f"http://matrix.test/s{number}")[1:]


def main() -> int:
    """Print the wrong shapes and the figure; 1 when there is a wrong one."""
    matrix = tuple(shapes())
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "matrix.json"
        source.write_text(json.dumps(document(matrix)), encoding="utf-8")
        package = generate_python(load_contract(source))
        package.write(Path(folder))
        wrong.extend(package.left_out)
        sys.path.insert(0, folder)
        responder = Responder()
        client = importlib.import_module(package.name).MatrixClient("http://matrix.test", transport=responder)
        for number, shape in enumerate(matrix):
            responder.request = None
            try:
                call = getattr(client, f"shape{number}", None) or getattr(client, f"shape_{number}")
                call(**{"body" if shape.location == "body" else "v": shape.value})
                found = "(no request)" if responder.request is None else received(shape, number, responder.request)
            except Exception as error:
                found = f"{type(error).__name__}: {error}"
            expected = shape.expected
            if found != expected:
                wrong.append(f"{shape.name}: expected {expected}, got {found}")
    for line in wrong:
        print(line)
    print(f"{len(matrix) - len(wrong)} of {len(matrix)} shapes right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
