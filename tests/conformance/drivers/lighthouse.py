"""A lighthouse whose lamps are lit by jobs, each with a channel of its own: honest, or wrong in one way."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from aiohttp import web
from assay_contracts import Contract, parse_bundle

JOB: dict[str, Any] = {
    "identity": "/lamp",
    "parameter": "lamp",
    "state": "/state",
    "initial": "dark",
    "states": {"dark": ["warm", "broken"], "warm": ["lit", "broken"], "lit": [], "broken": []},
    "succeeded": ["lit"],
    "failed": ["broken"],
    "progress": "/done",
    "operations": {"start": "light", "poll": "look"},
}
CLOSE = {
    "1000": {"reason": "It is lit.", "when": "complete"},
    "4401": {"reason": "No pass.", "when": "unauthenticated"},
    "4404": {"reason": "No lamp.", "when": "not-found"},
    "4406": {"reason": "No such version.", "when": "version-not-served"},
}
STATE = {"type": "object", "required": ["kind", "state", "done"], "properties": {"kind": {"const": "glow"}}}
BEAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "beat"}}}
PROGRESS = {
    "type": "kind",
    "message": "glow",
    "state": "/state",
    "final": ["lit", "broken"],
    "progress": "/done",
    "heartbeat": {"message": "beat", "every": "PT1S"},
    "operation": "look",
    "close": CLOSE,
}


def lighthouse() -> Contract:
    """The contract: two operations and a channel."""
    fine = {"200": {"description": "Fine.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    lamp = [{"name": "lamp", "in": "path", "required": True, "schema": {"type": "string"}}]
    code = {"category": "input", "status": 406, "retryable": False, "provoke": {"request": "unknown-schema-version"}}
    passed = {"pass": {"type": "http", "scheme": "bearer"}}
    openapi = {
        "openapi": "3.1.0",
        "info": {"title": "Lighthouse", "version": "1.0.0"},
        "security": [{"pass": []}],
        "components": {"securitySchemes": passed},
        "x-error-taxonomy": {
            "envelope": {"code": "/code"},
            "categories": {"input": {"retry": "none", "shows": "What is wrong."}},
            "codes": {"NO_VERSION": code},
            "schemaVersion": {"header": "Glow-Version", "at": "/version", "code": "NO_VERSION"},
        },
        "paths": {
            "/lamps": {"post": {"operationId": "light", "responses": fine, "x-job": JOB | {"role": "start"}}},
            "/lamps/{lamp}": {"get": {"operationId": "look", "parameters": lamp, "responses": fine, "x-job": JOB | {"role": "poll"}}},
        },
    }
    channel = {"$ref": "#/channels/glow"}
    messages = {"glow": {"name": "glow", "payload": STATE}, "beat": {"name": "beat", "payload": BEAT}}
    asyncapi = {
        "asyncapi": "3.0.0",
        "info": {"title": "Lighthouse", "version": "1.0.0"},
        "defaultContentType": "application/json",
        "servers": {"own": {"host": "localhost", "protocol": "ws", "security": [{"$ref": "#/components/securitySchemes/pass"}]}},
        "channels": {
            "glow": {
                "address": "/lamps/{lamp}/glow",
                "parameters": {"lamp": {"description": "The lamp."}},
                "messages": messages,
                "x-progress": PROGRESS,
            }
        },
        "operations": {
            "show": {"action": "send", "channel": channel, "messages": [{"$ref": f"#/channels/glow/messages/{name}"} for name in messages]}
        },
        "components": {"securitySchemes": passed},
    }
    return parse_bundle(openapi, asyncapi)


class Lighthouse:
    """Serves the contract and the hook that holds lamps up."""

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong
        self.lamps: dict[str, float] = {}
        self.wait = 0.0

    def application(self) -> web.Application:
        """The routes."""
        app = web.Application()
        app.router.add_post("/lamps", self.light)
        app.router.add_get("/lamps/{lamp}", self.look)
        app.router.add_get("/lamps/{lamp}/glow", self.glow)
        app.router.add_put("/hook/faults/{fault}", self.hold)
        app.router.add_delete("/hook/faults", self.release)
        return app

    async def hold(self, request: web.Request) -> web.Response:
        """Hold up the lamps that are lit from now on."""
        self.wait = 2.5
        return web.json_response({})

    async def release(self, request: web.Request) -> web.Response:
        """Hold up nothing more."""
        self.wait = 0.0
        return web.json_response({})

    async def light(self, request: web.Request) -> web.Response:
        """Light a lamp."""
        lamp = f"lamp{len(self.lamps) + 1}"
        self.lamps[lamp] = time.monotonic() + self.wait
        return web.json_response(self.state(lamp, 0.0))

    async def look(self, request: web.Request) -> web.Response:
        """How far a lamp is."""
        return web.json_response(self.state(request.match_info["lamp"], 0.3 if self.wrong == "http-is-behind" else 0.0))

    def state(self, lamp: str, behind: float) -> dict[str, Any]:
        """A lamp as it was so many seconds ago."""
        age = time.monotonic() - self.lamps[lamp] - behind
        done = max(0, min(100, int(age * 250)))
        return {"lamp": lamp, "state": "lit" if done == 100 else "warm" if done else "dark", "done": done}

    async def glow(self, request: web.Request) -> web.WebSocketResponse:
        """A lamp until it is lit."""
        session = web.WebSocketResponse()
        await session.prepare(request)
        role, lamp = request.headers.get("Authorization", "").removeprefix("Bearer token-"), request.match_info["lamp"]
        code = self.refusal(role, lamp, request.headers.get("Glow-Version"))
        if code:
            await session.close(code=code)
            return session
        beaten = time.monotonic()
        last: dict[str, Any] = {}
        with suppress(ConnectionError):
            while last.get("state") != "lit" and not session.closed:
                state = {"kind": "glow", **self.state(lamp, 0.0)}
                if (state["state"], state["done"] // 20) != (last.get("state"), last.get("done", -1) // 20):
                    if self.wrong == "goes-back" and state["state"] == "lit":
                        await session.send_json(state | {"state": "warm", "done": 1})
                    if self.wrong != "never-final" or state["state"] != "lit":
                        await session.send_json(state)
                    last = state
                if time.monotonic() - beaten > 0.8 and self.wrong != "no-heartbeats":
                    beaten = time.monotonic()
                    await session.send_json({"kind": "beat"})
                await asyncio.sleep(0.02)
            await session.close(code=4000 if self.wrong == "another-code" else 1000)
        return session

    def refusal(self, role: str, lamp: str, version: str | None) -> int:
        """The code that a session is closed with at once; 0 for a right one."""
        if role not in ("primary", "other") and self.wrong != "lets-anybody-in":
            return 4401
        if version == "99.0.0" and self.wrong != "any-version":
            return 4406
        if lamp in self.lamps and (role != "other" or self.wrong == "everybodys"):
            return 0
        return 4404 if lamp not in self.lamps or self.wrong != "tells-foreign" else 4403
