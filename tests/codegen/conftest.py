"""A small contract, and a way to write changed ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import Contract, load_contract

Document = dict[str, Any]
Load = Callable[[Document], Contract]


@pytest.fixture
def document() -> Document:
    """One operation with arguments of every kind, and a taxonomy with a category of its own."""
    thing = {
        "type": "object",
        "required": ["kind", "class"],
        "properties": {
            "kind": {"$ref": "#/components/schemas/Kind"},
            "class": {"type": "string"},
            "madeOn": {"type": "string", "format": "date"},
        },
    }
    parameters = [
        {"name": "thingId", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "class", "in": "query", "schema": {"type": "integer"}},
        {"name": "on", "in": "query", "schema": {"type": "string", "format": "date"}},
        {"name": "tag", "in": "query", "explode": False, "schema": {"type": "array", "items": {"type": "string"}}},
        {"name": "each", "in": "query", "schema": {"type": "array", "items": {"type": "number"}}},
        {"name": "deep", "in": "query", "schema": {"type": "boolean"}},
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "2.3.4"},
        "paths": {
            "/things/{thingId}": {
                "get": {
                    "operationId": "getThing",
                    "summary": "One thing",
                    "parameters": parameters,
                    "responses": {
                        "200": {
                            "description": "It.",
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                        }
                    },
                    "x-error-codes": ["OUT_OF_TEA"],
                }
            }
        },
        "components": {"schemas": {"Thing": thing, "Kind": {"type": "string", "enum": ["small", "large"]}}},
        "x-error-taxonomy": {
            "envelope": {"code": "/code"},
            "categories": {"pantry": {"retry": "bounded", "shows": "An empty cup."}},
            "codes": {"OUT_OF_TEA": {"category": "pantry", "status": 503, "retryable": True}},
        },
    }


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The contract of a document."""

    def loaded(document: Document) -> Contract:
        path = tmp_path / "things" / "2.3.4.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
        return load_contract(path)

    return loaded
