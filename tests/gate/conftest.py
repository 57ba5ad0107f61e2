"""Documents that nobody made for the gate, and the command as a pipeline runs it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_contracts.cli import main

Document = dict[str, Any]
Edit = Callable[[Document], object]
Write = Callable[..., str]

THINGS: Document = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1.2.3"},
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "fine",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    }
                },
            },
            "delete": {"operationId": "dropThings", "responses": {"204": {"description": "done"}}},
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "colour": {"type": "string"}},
            }
        }
    },
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a version of the document: its number, then edits of it."""

    def written(version: str, *edits: Edit, of: Document = THINGS) -> str:
        document = copy.deepcopy(of)
        document["info"]["version"] = version
        for edit in edits:
            edit(document)
        path = tmp_path / f"{version}-{len(list(tmp_path.iterdir()))}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return str(path)

    return written


@pytest.fixture
def run() -> Callable[..., int]:
    """The exit code of an `assay` command line."""

    def ran(*arguments: str) -> int:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        return int(left.value.code or 0)

    return ran
