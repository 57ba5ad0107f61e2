"""Two small documents that keep every rule, and a way to write changed ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Document = dict[str, Any]
Write = Callable[[str, Document], Path]


@pytest.fixture
def openapi() -> Document:
    """A contract with one paged list, its taxonomy and its errors."""
    error = {
        "type": "object",
        "required": ["code"],
        "properties": {"code": {"type": "string", "enum": ["INVALID_CURSOR", "INVALID_SORT"]}},
        "examples": [{"code": "INVALID_CURSOR"}],
    }
    item = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}, "owner": {"$ref": "#/components/schemas/Owner"}},
        "examples": [{"id": "a"}],
    }
    page = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
            "next": {"type": ["string", "null"]},
        },
        "examples": [{"items": [], "next": None}],
    }
    operation = {
        "operationId": "listItems",
        "summary": "The items",
        "parameters": [
            {"name": "cursor", "in": "query", "schema": {"type": "string", "pattern": "^[a-z]{8}$"}},
            {"$ref": "#/components/parameters/size"},
            {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["id:asc", "id:desc"]}},
        ],
        "responses": {
            "200": {
                "description": "A page.",
                "headers": {"X-Total": {"required": True, "schema": {"type": "integer"}, "example": 3}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}},
            },
            "400": {
                "description": "A bad request.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
        "x-error-codes": ["INVALID_CURSOR", "INVALID_SORT"],
        "x-pagination": {
            "style": "cursor",
            "items": "/items",
            "identity": "id",
            "cursor": {"parameter": "cursor", "next": "/next", "binds": ["sort"], "invalid": "INVALID_CURSOR"},
            "size": {"parameter": "size", "default": 10, "minimum": 1, "maximum": 50},
        },
        "x-order": {
            "parameter": "sort",
            "items": "/items",
            "default": "id:asc",
            "orders": {"id:asc": {"by": "id", "direction": "asc"}, "id:desc": {"by": "id", "direction": "desc"}},
            "invalid": "INVALID_SORT",
        },
    }
    bad = {"category": "validation", "status": 400, "retryable": False}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Small Things", "version": "1.0.0"},
        "security": [{"bearer": ["read"]}],
        "x-error-taxonomy": {
            "envelope": {"code": "/code"},
            "categories": {"validation": {"retry": "none", "shows": "An inline error."}},
            "codes": {
                "INVALID_CURSOR": {**bad, "provoke": {"request": "bad-cursor"}},
                "INVALID_SORT": {**bad, "provoke": {"request": "bad-sort"}},
            },
        },
        "paths": {"/items": {"get": operation}},
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "parameters": {
                "size": {
                    "name": "size",
                    "in": "query",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
                    "example": 10,
                }
            },
            "schemas": {
                "Page": page,
                "Item": item,
                "Owner": {
                    "type": "object",
                    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}},
                    "examples": [{"items": []}],
                },
                "Error": error,
            },
        },
    }


@pytest.fixture
def asyncapi() -> Document:
    """A stream with a snapshot and deltas, and one message that a client may send."""

    def message(name: str, **properties: Document) -> Document:
        members = {"type": {"const": name}, "seq": {"type": "integer"}, **properties}
        example: Document = {"type": name, "seq": 1}
        example |= {key: [] for key in properties}
        return {
            "payload": {"type": "object", "required": list(members), "properties": members},
            "examples": [{"payload": example}],
        }

    entities = {"type": "array", "items": {"$ref": "#/components/schemas/Entity"}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Small Things", "version": "1.0.0"},
        "channels": {
            "feed": {
                "address": "/feed/{room}",
                "parameters": {"room": {"description": "Which room.", "enum": ["red", "blue"]}},
                "messages": {
                    "snapshot": {"$ref": "#/components/messages/snapshot"},
                    "delta": {"$ref": "#/components/messages/delta"},
                    "resume": {"$ref": "#/components/messages/resume"},
                },
                "bindings": {
                    "ws": {
                        "method": "GET",
                        "query": {
                            "type": "object",
                            "required": ["tenant"],
                            "properties": {"tenant": {"type": "string"}},
                        },
                    }
                },
                "x-stream": {
                    "type": "type",
                    "snapshot": {"message": "snapshot", "state": "/entities", "identity": "id"},
                    "delta": {"message": "delta", "changes": "/changes"},
                    "sequence": {"at": "/seq", "step": 1},
                },
            }
        },
        "operations": {
            "sendChanges": {
                "action": "send",
                "channel": {"$ref": "#/channels/feed"},
                "messages": [
                    {"$ref": "#/channels/feed/messages/snapshot"},
                    {"$ref": "#/channels/feed/messages/delta"},
                ],
            },
            "takeResume": {
                "action": "receive",
                "channel": {"$ref": "#/channels/feed"},
                "messages": [{"$ref": "#/channels/feed/messages/resume"}],
            },
        },
        "components": {
            "messages": {
                "snapshot": message("snapshot", entities=entities),
                "delta": message("delta", changes=entities),
                "resume": message("resume"),
            },
            "schemas": {
                "Entity": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"type": "string"}},
                    "examples": [{"id": "a"}],
                }
            },
        },
    }


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a document into a folder of its own; JSON is YAML too."""

    def write_document(name: str, document: Document) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2), encoding="utf-8")
        return path

    return write_document
