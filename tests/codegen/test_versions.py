"""Versions of OpenAPI: a document in 3.0 gives the client that its twin in 3.1 gives."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from assay_codegen import generate_python
from assay_codegen.errors import NotGeneratable
from assay_contracts import load_contract

OLD: dict[str, Any] = {
    "file": {"type": "string", "format": "binary"},
    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
    "sum": {"type": "string", "format": "byte"},
    "note": {"type": "string", "nullable": True},
    "count": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
}
NEW: dict[str, Any] = {
    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
    "files": {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}},
    "sum": {"type": "string", "contentEncoding": "base64"},
    "note": {"type": ["string", "null"]},
    "count": {"type": "integer", "exclusiveMinimum": 0},
}


def generated(folder: Path, version: str, properties: dict[str, Any]) -> dict[str, str]:
    """The models and operations of a document that sends these as a form and reads them as JSON."""
    path = folder / f"{version}.json"
    schema = {"type": "object", "required": list(properties), "properties": properties}
    content = {media: {"schema": {"$ref": "#/components/schemas/Upload"}} for media in ("multipart/form-data", "application/json")}
    operation = {
        "operationId": "send",
        "requestBody": {"content": {"multipart/form-data": content["multipart/form-data"]}},
        "responses": {"200": {"description": "ok", "content": {"application/json": content["application/json"]}}},
    }
    document = {
        "openapi": version,
        "info": {"title": "Upload", "version": "1.0.0"},
        "paths": {"/uploads": {"post": operation}},
        "components": {"schemas": {"Upload": schema}},
    }
    path.write_text(json.dumps(document))
    files = generate_python(load_contract(path)).files
    return {
        name: files[name].partition('"""')[2] if name != "models.py" else files[name].split("\n", 3)[3]
        for name in ("models.py", "operations.py")
    }


def test_a_form_of_3_0_is_the_one_of_3_1(tmp_path: Path) -> None:
    """Files, bytes, null and exclusive bounds."""
    old, new = generated(tmp_path, "3.0.3", OLD), generated(tmp_path, "3.1.0", NEW)

    assert old == new
    assert 'files=frozenset({"file", "files"})' in old["operations.py"]
    assert "note: str | None" in old["models.py"]


@pytest.fixture
def usual_depth() -> Iterator[None]:
    """The recursion limit that Python starts with; a library that another test imports may have raised it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("usual_depth")
def test_schemas_that_nest_too_deep_are_an_error(tmp_path: Path) -> None:
    """It says what to do about it."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(180):
        schema = {"type": "array", "items": schema}

    with pytest.raises(NotGeneratable, match="name inner schemas under components"):
        generated(tmp_path, "3.1.0", {"deep": schema})
