"""A small contract whose feed names the epoch of its numbers, and what its server says."""

from __future__ import annotations

import json
from typing import Any

from assay_contracts import Contract, parse_bundle

_NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0}
_FROG: dict[str, Any] = {"$ref": "#/components/schemas/Frog"}
_SCHEMAS: dict[str, Any] = {
    "Frog": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "seq": _NUMBER}},
}


def pond(epoch: dict[str, Any], *, over_http: bool = True) -> Contract:
    """The contract, with a schema for epochs; without `over_http` only the messages of the feed name them."""
    frogs: dict[str, Any] = {"type": "array", "items": _FROG}
    named = {"epoch": epoch} if over_http else {}
    state = {
        "type": "object",
        "required": ["seq", "frogs"],
        "properties": {"seq": _NUMBER, "frogs": frogs, "changes": frogs, "gone": {"type": "boolean"}, **named},
    }
    snapshot: dict[str, Any] = {"sequence": "/seq", "state": "/frogs", "identity": "name", "after": "after", "changes": "/changes"}
    snapshot |= {"truncated": "/gone", **({"epoch": "/epoch"} if over_http else {})}
    parameter = {"name": "after", "in": "query", "schema": _NUMBER}
    response = {"description": "The state.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/State"}}}}
    openapi: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Pond", "version": "1.0.0"},
        "paths": {
            "/frogs": {
                "get": {"operationId": "readFrogs", "parameters": [parameter], "responses": {"200": response}, "x-snapshot": snapshot}
            }
        },
        "components": {"schemas": {**_SCHEMAS, "State": state}},
    }
    properties: dict[str, dict[str, Any]] = {
        "all": {"seq": _NUMBER, "frogs": frogs},
        "change": {"seq": _NUMBER, "frogs": frogs},
        "beat": {},
    }
    messages = {
        name: {
            "name": name,
            "payload": {
                "type": "object",
                "required": ["kind", *own],
                "properties": {"kind": {"type": "string", "const": name}, "epoch": epoch, **own},
            },
        }
        for name, own in properties.items()
    }
    stream: dict[str, Any] = {
        "type": "kind",
        "snapshot": {"message": "all", "state": "/frogs", "identity": "name"},
        "delta": {"message": "change", "changes": "/frogs"},
        "sequence": {"at": "/seq", "step": 1, "epoch": "/epoch"},
        "heartbeat": {"message": "beat", "every": "PT10S"},
        "resync": {"operation": "readFrogs", "after": "after"},
        "close": {"4403": {"reason": "Not yours.", "when": "tenant-not-allowed"}},
    }
    asyncapi: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {"title": "Pond", "version": "1.0.0"},
        "channels": {"frogs": {"address": "/frogs", "messages": messages, "x-stream": stream}},
        "operations": {"send": {"action": "send", "channel": {"$ref": "#/channels/frogs"}}},
        "components": {"schemas": _SCHEMAS},
    }
    return parse_bundle(openapi, asyncapi)


def frogs(seq: int, epoch: Any = None, *, kind: str = "all") -> str:
    """A message with one frog, named after the number and the epoch."""
    return json.dumps({"kind": kind, **over_http(seq, epoch)})


def change(seq: int, epoch: Any = None) -> str:
    """A step of the state."""
    return frogs(seq, epoch, kind="change")


def beat(epoch: Any = None) -> str:
    """A sign of life."""
    return json.dumps({"kind": "beat"} | ({} if epoch is None else {"epoch": epoch}))


def over_http(seq: int, epoch: Any = None, changes: range | None = None) -> dict[str, Any]:
    """The state over HTTP, with one change for each number."""
    found: dict[str, Any] = {"seq": seq, "frogs": [{"name": f"{epoch}{seq}"}]} | ({} if epoch is None else {"epoch": epoch})
    return found | ({} if changes is None else {"changes": [{"name": "f", "seq": number} for number in changes]})
