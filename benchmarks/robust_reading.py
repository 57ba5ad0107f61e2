"""What becomes of a page when a server sends what its document does not say, and what reading a good page costs.

    python benchmarks/robust_reading.py [--peers]

A client is generated for a page of rows with properties of every kind. Each case changes the second of three rows, or the response
around them: `kept` reads every row, `salvaged` reads the others and reports the row, `error` is a typed error with the body.
Parsing is compared with the models that datamodel-code-generator writes by default and, with `--peers`, with the construction of
models as Stainless clients do it (the `openai` package, fetched for the run). CPU ratios of one run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from operator import truediv
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from assay_codegen import generate_python
from assay_contracts import load_contract
from assay_sdk import Answer, SdkError
from responder import Responder

JSON = "application/json"
STRING = {"type": "string"}


def reference(name: str) -> dict[str, Any]:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


TAGGED = {
    name: {
        "type": "object",
        "properties": {"kind": {"type": "string", "enum": [name.lower()]}, "size": {"type": "integer"}},
        "required": ["kind"],
    }
    for name in ("Cat", "Dog")
}
ROW: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status", "made", "owner"],
    "properties": {
        "id": STRING,
        "status": {"type": "string", "enum": ["open", "closed"]},
        "color": {"type": ["string", "null"], "enum": ["red", "blue", None]},
        "level": {"type": "integer", "enum": [1, 2, 3]},
        "choice": {"oneOf": [{"const": "a"}, {"const": "b"}]},
        "untyped": {"enum": ["x", "y"]},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["new", "old"]}},
        "made": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "link": {"type": "string", "format": "uri"},
        "mail": {"type": "string", "format": "email"},
        "uuid": {"type": "string", "format": "uuid"},
        "lasts": {"type": "string", "format": "duration"},
        "secret": {"type": "string", "format": "password"},
        "price": {"type": "number"},
        "count": {"type": "integer"},
        "big": {"type": "integer", "format": "int32"},
        "flag": {"type": "boolean"},
        "note": {"type": ["string", "null"]},
        "owner": {"type": "object", "properties": {"name": STRING}, "required": ["name"]},
        "pet": {"oneOf": [reference("Cat"), reference("Dog")], "discriminator": {"propertyName": "kind"}},
        "scores": {"type": "object", "additionalProperties": {"type": "number"}},
        "closed": {"type": "object", "properties": {"a": STRING}, "additionalProperties": False},
    },
}
GOOD: dict[str, Any] = {
    "id": "r1",
    "status": "open",
    "color": "red",
    "level": 2,
    "choice": "a",
    "untyped": "x",
    "tags": ["new"],
    "made": "2026-01-31T12:00:00.123456789Z",
    "day": "2026-01-31",
    "link": "https://example.com/a/../b",
    "mail": "a@example.com",
    "uuid": "8d8ac610-566d-4ef0-9c22-186b2a5ed793",
    "lasts": "P1M",
    "secret": "s3cret",
    "price": 1.5,
    "count": 3,
    "big": 7,
    "flag": True,
    "note": None,
    "owner": {"name": "ann"},
    "pet": {"kind": "cat", "size": 3},
    "scores": {"a": 1.5},
    "closed": {"a": "x"},
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Rows", "version": "1.0.0"},
    "paths": {
        "/rows": {
            "get": {
                "operationId": "listRows",
                "responses": {"200": {"description": "A page.", "content": {JSON: {"schema": reference("Page")}}}},
            }
        }
    },
    "components": {
        "schemas": {
            **TAGGED,
            "Row": ROW,
            "Page": {
                "type": "object",
                "required": ["items"],
                "properties": {"items": {"type": "array", "items": reference("Row")}, "next": {"type": ["string", "null"]}},
            },
        }
    },
}
ABSENT = object()
KEPT, SALVAGED, ERROR = "kept", "salvaged", "error"


@dataclass(frozen=True, slots=True)
class Case:
    """A response, and what must become of it."""

    name: str
    expected: str
    change: dict[str, Any] = field(default_factory=dict[str, Any])
    body: bytes | None = None
    media: str = JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])


def page(rows: list[Any], **more: Any) -> bytes:
    """A page of rows."""
    return json.dumps({"items": rows, "next": None, **more}).encode()


CASES = (
    Case("nothing unusual", KEPT),
    Case("unknown enum value", KEPT, {"status": "paused"}),
    Case("unknown value of a nullable enum", KEPT, {"color": "green"}),
    Case("unknown value of an integer enum", KEPT, {"level": 9}),
    Case("unknown value of a choice of constants", KEPT, {"choice": "c"}),
    Case("unknown value of an untyped enum", KEPT, {"untyped": "z"}),
    Case("unknown value in a list of enums", KEPT, {"tags": ["new", "worn"]}),
    Case("enum value in other case", KEPT, {"status": "OPEN"}),
    Case("empty enum value", KEPT, {"status": ""}),
    Case("unknown variant", KEPT, {"pet": {"kind": "fish", "fins": 2}}),
    Case("variant without its tag", SALVAGED, {"pet": {"size": 2}}),
    Case("variant with a bad property", SALVAGED, {"pet": {"kind": "cat", "size": "large"}}),
    Case("extra property", KEPT, {"extra": {"a": [1]}}),
    Case("extra property in a closed object", KEPT, {"closed": {"a": "x", "b": 1}}),
    Case("optional property absent", KEPT, {"color": ABSENT, "tags": ABSENT, "note": ABSENT}),
    Case("nullable property null", KEPT, {"note": None, "color": None}),
    Case("optional property null", KEPT, {"price": None}),
    Case("empty list", KEPT, {"tags": []}),
    Case("empty map", KEPT, {"scores": {}}),
    Case("empty string", KEPT, {"id": "", "note": ""}),
    Case("required property absent", SALVAGED, {"id": ABSENT}),
    Case("required property null", SALVAGED, {"id": None}),
    Case("required object null", SALVAGED, {"owner": None}),
    Case("string where an integer is declared", SALVAGED, {"count": "3"}),
    Case("integer where a string is declared", SALVAGED, {"id": 7}),
    Case("integer where a number is declared", KEPT, {"price": 2}),
    Case("whole number with a fraction of zero", KEPT, {"count": 3.0}),
    Case("fraction where an integer is declared", SALVAGED, {"count": 3.5}),
    Case("string where a boolean is declared", SALVAGED, {"flag": "true"}),
    Case("integer where a boolean is declared", SALVAGED, {"flag": 1}),
    Case("object where a list is declared", SALVAGED, {"tags": {"0": "new"}}),
    Case("integer beyond its format", KEPT, {"big": 2**40}),
    Case("nested property of a wrong type", SALVAGED, {"owner": {"name": 5}}),
    Case("one bad value of a map", SALVAGED, {"scores": {"a": 1.5, "b": "x"}}),
    Case("time with nanoseconds and offset", KEPT, {"made": "2026-01-31T12:00:00.123456789+02:00"}),
    Case("time without offset", SALVAGED, {"made": "2026-01-31T12:00:00"}),
    Case("time that is none", SALVAGED, {"made": "yesterday"}),
    Case("date that does not exist", SALVAGED, {"day": "2026-02-30"}),
    Case("URI of no kind", KEPT, {"link": "not a uri at all"}),
    Case("address of no kind", KEPT, {"mail": "nobody"}),
    Case("UUID of no kind", KEPT, {"uuid": "123"}),
    Case("duration of months", KEPT, {"lasts": "P1Y2M"}),
    Case("row that is null", SALVAGED, body=page([GOOD, None, GOOD])),
    Case("row that is a string", SALVAGED, body=page([GOOD, "row", GOOD])),
    Case("two bad rows of three", "salvaged 1", body=page([GOOD, {}, {"id": 1}])),
    Case("extra property of the page", KEPT, body=page([GOOD, GOOD, GOOD], total=3)),
    Case("byte order mark", KEPT, body=b"\xef\xbb\xbf" + page([GOOD, GOOD, GOOD])),
    Case("media type with a parameter", KEPT, media="application/json; charset=utf-8"),
    Case("JSON under a type of its own", KEPT, media="application/vnd.rows+json"),
    Case("JSON under text/plain", KEPT, media="text/plain"),
    Case("status of success that is not declared", KEPT, status=206),
    Case("items absent", ERROR, body=b'{"next": null}'),
    Case("items null", ERROR, body=b'{"items": null}'),
    Case("truncated body", ERROR, body=page([GOOD])[:-20]),
    Case("empty body", ERROR, body=b""),
    Case("page of HTML", ERROR, body=b"<html><body>Sign in</body></html>", media="text/html"),
    Case("list instead of an object", ERROR, body=json.dumps([GOOD]).encode()),
    Case("error that is not declared", ERROR, status=418, body=b'{"why": "tea"}'),
    Case("error without JSON", ERROR, status=500, body=b"<h1>Oops</h1>", media="text/html"),
)


def outcome(client: Any, responder: Responder, case: Case) -> str:
    """What became of a response, in the words of the table."""
    row = deepcopy(GOOD) | case.change
    row = {name: value for name, value in row.items() if value is not ABSENT}
    body = page([GOOD, row, GOOD]) if case.body is None else case.body
    responder.answer = Answer(case.status, {"content-type": case.media}, body)
    try:
        found = client.with_response(client.list_rows)
    except SdkError:
        return ERROR
    except Exception as error:
        return f"untyped {type(error).__name__}"
    rows = len(found.value.items)
    if case.change and rows == 3:
        written = json.loads(found.value.items[1].model_dump_json(by_alias=True, exclude_unset=True))
        if any(written.get(name, ABSENT) != value for name, value in row.items()):
            return "kept another value"
    return KEPT if rows == 3 else SALVAGED if rows == 2 and found.defects else f"salvaged {rows}" if found.defects else f"{rows} rows"


def timed(readers: dict[str, Callable[[bytes], object]]) -> dict[str, list[float]]:
    """CPU microseconds of reading a page of 50 rows, in interleaved rounds."""
    body = page([GOOD | {"made": "2026-01-31T12:00:00Z"}] * 50)
    for read in readers.values():
        read(body)
    times: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(30):
        for name, read in readers.items():
            started = process_time()
            for _ in range(5):
                read(body)
            times[name].append((process_time() - started) / 5 * 1e6)
    return times


def default_models(source: Path, folder: Path) -> Callable[[bytes], object]:
    """The reader of a page by the models that datamodel-code-generator writes by default.

    Those of the format `email` need a package that nothing declares, so it is left out for them.
    """
    source.write_text(source.read_text(encoding="utf-8").replace('"format": "email"', '"format": "none"'), encoding="utf-8")
    command = [sys.executable, "-m", "datamodel_code_generator", "--input", str(source), "--input-file-type", "openapi"]
    command += ["--output", str(folder / "default_models.py"), "--output-model-type", "pydantic_v2.BaseModel"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    read: Callable[[bytes], object] = importlib.import_module("default_models").Page.model_validate_json
    return read


def constructed(folder: Path) -> Callable[[bytes], object] | None:
    """The reader of a page as Stainless clients read it, by the models of the `openai` package; None where that cannot be fetched."""
    command = ["uv", "pip", "install", "-q", "-p", sys.executable, "--no-deps", "--target", str(folder / "peer")]
    try:
        subprocess.run([*command, "openai", "distro", "jiter", "sniffio", "tqdm"], check=True, capture_output=True, timeout=200)
    except (OSError, subprocess.SubprocessError):
        return None
    sys.path.append(str(folder / "peer"))
    text = (folder / "default_models.py").read_text(encoding="utf-8")
    text = text.replace("from pydantic import ", "from openai import BaseModel\nfrom pydantic import ").replace("BaseModel, ", "")
    (folder / "constructed_models.py").write_text(text.replace("from pydantic import BaseModel\n", ""), encoding="utf-8")
    model: Any = importlib.import_module("constructed_models").Page
    return lambda body: model.construct(**json.loads(body))


def main() -> int:
    """Print the table and the ratios; 1 when a page is lost that can be salvaged or a limit is passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", action="store_true", help="compare with models of the openai package as well")
    options = parser.parse_args()
    logging.getLogger("assay_sdk").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = folder / "rows.json"
        source.write_text(json.dumps(DOCUMENT), encoding="utf-8")
        package = generate_python(load_contract(source))
        package.write(folder)
        sys.path.insert(0, temporary)
        module = importlib.import_module(package.name)
        responder = Responder()
        client = module.RowsClient("http://rows.test", transport=responder)
        wrong = 0
        for case in CASES:
            found = outcome(client, responder, case)
            wrong += found != case.expected
            print(
                f"{'ok   ' if found == case.expected else 'WRONG'} {case.name}: {found}"
                + (f", expected {case.expected}" if found != case.expected else "")
            )
        print(f"{len(CASES) - wrong} of {len(CASES)} responses are read as they should be")
        readers = {"assay": module.Page.model_validate_json, "default models": default_models(source, folder)}
        if options.peers and (peer := constructed(folder)) is not None:
            readers["constructed"] = peer
        cpu = timed(readers)
    limits = {"default models": 0.8, "constructed": 0.05}
    # The median of the ratios of rounds that ran beside each other is steadier than the ratio of the medians.
    ratios = {name: median(map(truediv, cpu["assay"], other)) for name, other in cpu.items() if name != "assay"}
    for name, ratio in ratios.items():
        print(f"a page of 50 rows: {min(cpu['assay']):.0f} us, {ratio:.3f} of {name} ({min(cpu[name]):.0f} us; limit {limits[name]})")
    if "constructed" not in ratios:
        print("constructed models: not run")
    return 1 if wrong or any(ratio > limits[name] for name, ratio in ratios.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
