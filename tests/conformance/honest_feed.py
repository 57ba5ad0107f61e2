"""A small feed in memory that keeps every promise, with the state over HTTP and the control hook; wrong feeds are subclasses of it."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from aiohttp import web
from assay_conformance.target import Hook, Secret, Target
from assay_contracts import Contract, load_contract, parse_bundle
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

TENANTS = {"primary": "tenant-a", "other": "tenant-b", "empty": "tenant-empty"}
TOKENS = {"primary": "token-a", "other": "token-b", "empty": "token-empty", "expired": "token-old"}
COVERS = {"token-a": "tenant-a", "token-b": "tenant-b", "token-empty": "tenant-empty"}
STATUSES = ("open", "acknowledged", "resolved")
QUEUE = 400


def quick_contract(every: int = 2) -> Contract:
    """The contract with heartbeats often enough for a test."""
    declared = load_contract("reliability@1.0.0")
    assert declared.asyncapi is not None
    asyncapi = copy.deepcopy(declared.asyncapi)
    asyncapi["channels"]["incidentFeed"]["x-stream"]["heartbeat"]["every"] = f"PT{every}S"
    return parse_bundle(declared.openapi, asyncapi)


class Tenant:
    """The incidents of one tenant, every change of them, and who listens."""

    def __init__(self, name: str, incidents: int) -> None:
        self.name, self.seq, self.change_count = name, 0, 0
        self.incidents: dict[str, dict[str, Any]] = {}
        self.log: list[tuple[int, dict[str, Any]]] = []
        self.listeners: set[Listener] = set()
        for number in range(incidents):
            self.incidents[f"inc-{number}"] = self.incident(f"inc-{number}", 0)

    def incident(self, name: str, status: int) -> dict[str, Any]:
        return {"incidentId": name, "status": STATUSES[status], "severity": "high", "component": "credit_check", "updatedAt": now()}

    def next(self) -> dict[str, Any]:
        """Open an incident, or move one on."""
        self.change_count += 1
        names = list(self.incidents)
        if self.change_count % 5 == 0 or not names:
            return self.incident(f"inc-{len(names)}", 0)
        name = names[self.change_count % min(4, len(names))]
        return self.incident(name, (STATUSES.index(self.incidents[name]["status"]) + 1) % 3)


class Listener:
    """One session's place in the line: a bounded queue of frames."""

    def __init__(self, connection: ServerConnection, tenant: Tenant) -> None:
        self.connection, self.tenant = connection, tenant
        self.queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self.overrun = False


class HonestFeed:
    """The feed. Each promise is a method, so that a wrong feed overrides the one that it breaks."""

    beat = 1.5
    hooked = True

    def __init__(self, incidents: int = 3) -> None:
        self.tenants = {name: Tenant(name, 0 if role == "empty" else incidents) for role, name in TENANTS.items()}
        self.tasks: set[asyncio.Task[None]] = set()

    # The session

    async def session(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query, keep_blank_values=True)
        refusal = self.refusal(connection.request.headers, query.get("tenantId", [""])[0])
        if refusal is not None:
            await self.refuse(connection, refusal, query.get("tenantId", [""])[0])
            return
        tenant = self.tenants[query["tenantId"][0]]
        listener = Listener(connection, tenant)
        with contextlib.suppress(ConnectionClosed):
            await self.begin(listener)
            async with asyncio.TaskGroup() as tasks:
                helpers = [tasks.create_task(self.write(listener)), tasks.create_task(self.beats(listener))]
                try:
                    await self.listen(listener)
                finally:
                    tenant.listeners.discard(listener)
                    for task in helpers:
                        task.cancel()

    def refusal(self, headers: Any, tenant: str) -> int | None:
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in COVERS:
            return 4401
        if COVERS[token] != tenant:
            return 4403
        return None if headers.get("Accept-Schema-Version", "1").split(".")[0] == "1" else 4406

    async def refuse(self, connection: ServerConnection, code: int, tenant: str) -> None:
        await connection.close(code)

    async def begin(self, listener: Listener) -> None:
        tenant = listener.tenant
        snapshot = self.snapshot(tenant)
        tenant.listeners.add(listener)
        await listener.connection.send(encode(snapshot))

    async def listen(self, listener: Listener) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in listener.connection:
                await self.heard(listener, message)

    async def heard(self, listener: Listener, message: str | bytes) -> None:
        await listener.connection.close(4400)

    async def write(self, listener: Listener) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await listener.connection.send(await listener.queue.get())

    async def beats(self, listener: Listener) -> None:
        while True:
            await asyncio.sleep(self.beat)
            await self.push(listener, encode(self.heartbeat()))

    async def push(self, listener: Listener, text: str) -> None:
        if listener.overrun:
            return
        try:
            listener.queue.put_nowait(text)
        except asyncio.QueueFull:
            listener.overrun = True
            await self.overrun(listener)

    async def overrun(self, listener: Listener) -> None:
        task = asyncio.create_task(listener.connection.close(4408))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    # What is said

    def snapshot(self, tenant: Tenant) -> dict[str, Any]:
        return {"type": "snapshot", **self.head(tenant), "seq": tenant.seq, "incidents": list(tenant.incidents.values())}

    def delta(self, tenant: Tenant, seq: int, change: dict[str, Any]) -> dict[str, Any]:
        return {"type": "incident_delta", **self.head(tenant), "seq": seq, "changes": [change]}

    def heartbeat(self) -> dict[str, Any]:
        return {"type": "heartbeat", "ts": now()}

    def head(self, tenant: Tenant) -> dict[str, Any]:
        return {"schemaVersion": "1.0.0", "tenantId": tenant.name}

    async def change(self, tenant: Tenant) -> None:
        change = tenant.next()
        tenant.seq += 1
        tenant.incidents[change["incidentId"]] = change
        tenant.log.append((tenant.seq, change))
        await self.tell(tenant, tenant.seq, change)

    async def tell(self, tenant: Tenant, seq: int, change: dict[str, Any]) -> None:
        text = encode(self.delta(tenant, seq, change))
        for listener in list(tenant.listeners):
            await self.push(listener, text)

    # Over HTTP

    async def state(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if COVERS.get(token) != request.query.get("tenantId"):
            return web.Response(status=403)
        tenant = self.tenants[COVERS[token]]
        return web.json_response(self.answer(tenant, request.query.get("after")))

    def answer(self, tenant: Tenant, after: str | None) -> dict[str, Any]:
        body = {**self.head(tenant), "seq": tenant.seq, "incidents": list(tenant.incidents.values())}
        if after is not None:
            body["changes"] = [{"seq": seq, **change} for seq, change in tenant.log if seq > int(after)]
        return body

    async def hook(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer hook":
            return web.Response(status=401)
        if request.method == "DELETE":
            return web.Response(status=204)
        data = orjson.loads(await request.read())
        if request.method == "PUT":
            await self.drop(self.tenants[data["tenant"]])
            return web.Response(status=204)
        for number in range(data["count"]):
            await self.change(self.tenants[data["tenant"]])
            if number % 20 == 19:
                await asyncio.sleep(0)
        return web.json_response({"added": data["count"]})

    async def drop(self, tenant: Tenant) -> None:
        for listener in list(tenant.listeners):
            await listener.connection.close(1012)

    # Serving

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Target]:
        """Serve on free ports, and give the target that points at them."""
        app = web.Application()
        app.router.add_get("/v1/analytics/realtime-snapshot", self.state)
        app.router.add_route("*", "/_assay/hook/{tail:.*}", self.hook)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        http = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with serve(self.session, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=1) as server:
            yield self.target(http, server)
        await runner.cleanup()

    def target(self, http: str, server: Server) -> Target:
        port = next(iter(server.sockets)).getsockname()[1]
        hook = Hook(f"{http}/_assay/hook", Secret("hook")) if self.hooked else None
        credentials = {name: Secret(token) for name, token in TOKENS.items()}
        return Target("honest", "1", http, f"ws://127.0.0.1:{port}", credentials, TENANTS, {"parameters": {}}, hook)


def encode(message: dict[str, Any]) -> str:
    return orjson.dumps(message).decode()


def now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
