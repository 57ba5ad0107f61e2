"""The executive contract served in this process, at a moment of the test's own."""

from __future__ import annotations

import functools
import io
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from assay_contracts import Contract, load_contract
from assay_server import serving
from assay_server.app import Part, build_application
from assay_server.contract_room import Sample
from assay_server.executive.room import ExecutiveRoom
from assay_server.executive.store import Record, Store
from assay_server.http.auth import Minter
from assay_server.http.contract_view import ServedContract
from assay_server.logs import configure_logs
from assay_server.operations.hook import PATH
from assay_server.operations.hook import SCOPE as OPERATOR
from assay_server.settings import Settings
from jsonschema_rs import Draft202012Validator

SCOPES = ("analytics:read", "events:write")


@dataclass
class Clock:
    """What time the server believes it is."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Dashboard:
    """A running server, its books, and a client with every scope."""

    contract: Contract
    clock: Clock
    books: Store
    client: httpx.AsyncClient
    minter: Minter
    room: Any
    bodies: list[Any] = field(default_factory=list[Any])

    async def record(self, *records: Record) -> None:
        """Record as another process of the company would, and let the server notice."""
        await self.books.record(records)
        await self.room._watch()

    async def get(self, path: str, **query: Any) -> Any:
        """The body of a success, which fits its schema."""
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        self.expect_fit(answer)
        return answer.json()

    async def log(self, body: Any, key: str | None = None, **headers: str) -> httpx.Response:
        """Log a user event."""
        sent = headers | ({} if key is None else {"Idempotency-Key": key})
        return await self.client.post("/api/events", json=body, headers=sent)

    def expect_fit(self, answer: httpx.Response) -> None:
        """Raise unless a body fits what the contract declares for its status."""
        path = answer.request.url.path
        operation = next(
            item
            for item in self.contract.operations
            if item.method == answer.request.method
            and item.path.split("{")[0] == path[: len(item.path.split("{")[0])]
            and item.path.count("/") == path.count("/")
        )
        schema = next(iter(operation.responses[str(answer.status_code)].content.values()))
        Draft202012Validator(dict(schema), validate_formats=True).validate(answer.json())

    async def fault(self, name: str, **scope: Any) -> None:
        """Switch a fault on."""
        token = self.minter.mint("operator", ["*"], [OPERATOR])
        answer = await self.client.put(f"{PATH}/faults/{name}", json=scope, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 204, answer.text


@functools.cache
def contract_of(version: str) -> Contract:
    """A version of the contract, which no test changes."""
    return load_contract(f"executive@{version}")


@asynccontextmanager
async def serve(dsn: str, now: datetime, *, version: str = "1.1.0", settings: Settings | None = None) -> AsyncGenerator[Dashboard]:
    """Serve a version over a database until the block ends."""
    terms, clock = settings or Settings(), Clock(now)
    room, contract = ExecutiveRoom(clock), contract_of(version)
    served = ServedContract(contract, room.versions, room.versions[version].body_bytes)
    log = configure_logs("error", io.StringIO())
    async with AsyncExitStack() as stack:
        opened = await room.open(dsn, terms)
        stack.push_async_callback(opened.aclose)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        listener.setblocking(False)
        keys = await serving._open_keys([(served, room)], dsn, stack)
        application = build_application([Part(served, opened, Sample((now - timedelta(days=1), now)))], terms, log, keys)
        # Sanic rewrites its own methods for the first application of a process, and cannot for a second one.
        application.sanic.config.TOUCHUP = False
        await serving._start(application, terms, listener, stack)
        books = await stack.enter_async_context(await Store.open(dsn))
        minter = Minter(terms.tokens)
        headers = {"authorization": f"Bearer {minter.mint('anna', [], SCOPES)}"}
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", headers=headers, trust_env=False, timeout=30)
        await stack.enter_async_context(client)
        yield Dashboard(contract, clock, books, client, minter, opened)
