"""A contract of a stranger, with what a package is made from: tags, a list, a body, ranges of statuses, a taxonomy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

_PLANT = {
    "type": "object",
    "required": ["id", "label"],
    "properties": {"id": {"type": "string", "format": "uuid"}, "label": {"type": "string", "pattern": "^[a-z]+-[0-9]{2}$"}},
}
_BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Plant"}}}}


@pytest.fixture
def document() -> dict[str, Any]:
    """The document."""
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Plant"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Garden", "version": "2.1.0", "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "https://{region}.garden.test/v2", "variables": {"region": {"default": "eu"}}}],
        "tags": [{"name": "plants"}, {"name": "tools"}],
        "paths": {
            "/plants": {
                "get": {
                    "operationId": "listPlants",
                    "tags": ["plants"],
                    "parameters": [{"name": "since", "in": "query", "required": True, "schema": {"type": "string", "format": "date"}}],
                    "responses": {
                        "200": {"description": "Them.", "content": {"application/json": {"schema": listed}}},
                        "503": {"description": "Winter."},
                        "5XX": {"description": "Bad.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                        "default": {"description": "Else."},
                    },
                    "x-error-codes": ["FROZEN"],
                },
                "post": {
                    "operationId": "addPlant",
                    "tags": ["plants"],
                    "requestBody": {"required": True, **_BODY},
                    "responses": {"201": {"description": "It.", **_BODY}},
                },
            },
            "/tools/{id}": {
                "delete": {
                    "operationId": "dropTool",
                    "tags": ["tools"],
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}],
                    "responses": {"204": {"description": "Gone."}, "304": {"description": "As it was."}},
                }
            },
        },
        "components": {"schemas": {"Plant": _PLANT}},
        "x-error-taxonomy": {
            "envelope": {"code": "/problem/code"},
            "categories": {"season": {"retry": "bounded", "shows": "Snow."}},
            "codes": {"FROZEN": {"category": "season", "status": 503, "retryable": True}},
        },
    }


@pytest.fixture
def garden(tmp_path: Path, document: dict[str, Any]) -> Path:
    """The document as a file."""
    path = tmp_path / "garden.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
