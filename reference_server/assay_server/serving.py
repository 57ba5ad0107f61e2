"""A server's life: Postgres, store, data, socket, ready, stopped. What was started last is stopped first."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay_contracts import Contract, load_contract

from assay_server.http.auth import Minter
from assay_server.logs import Log
from assay_server.postgres import EmbeddedPostgres
from assay_server.sample import load_small
from assay_server.settings import Settings
from assay_server.store import Store
from assay_server.targets import describe_target, write_target

if TYPE_CHECKING:
    from assay_server.app import Application

_DRAIN_SECONDS = 3.0


class AddressTaken(Exception):
    """The address cannot be listened on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What `assay serve` was asked for."""

    contract: str = "reliability@1.0.0"
    dsn: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    data: Path | None = None
    sample: str = "none"
    seed: int = 1
    target: Path | None = None
    settings: Settings = field(default_factory=Settings)


def serve(plan: Plan, log: Log, say: Callable[[str], None], ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT."""
    contract = load_contract(plan.contract)
    try:
        import uvloop
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(plan, contract, log, say, ready))


async def _serve(plan: Plan, contract: Contract, log: Log, say: Callable[[str], None], ready: Callable[[str], None]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(_listen(plan.host, plan.port))
        database = asyncio.create_task(_database(plan, stack, say))
        await asyncio.sleep(0)
        # Postgres makes itself ready in a process of its own while the larger packages are imported here.
        from assay_server.app import build_application

        dsn = await database
        store = await stack.enter_async_context(await Store.open(dsn))
        window = _days_before(datetime.now(UTC))
        if plan.sample != "none":
            say(f"loading the sample data of seed {plan.seed}")
            window = (await load_small(store, plan.seed, datetime.now(UTC))).window
        application = build_application(contract, plan.settings, store, log, window)
        address = f"http://{_host(plan.host)}:{listener.getsockname()[1]}"
        await _start(application, listener, stack)
        closing = asyncio.create_task(store.keep_closing())
        stack.push_async_callback(_cancel, closing)
        if plan.target is not None:
            scopes = contract.operations[0].scopes
            sections = describe_target(
                address, version("assay"), Minter(plan.settings.tokens), scopes, window, hook=plan.settings.faults_allowed
            )
            write_target(plan.target, sections)
        ready(address)
        await stopping.wait()
        say("stopping")


async def _database(plan: Plan, stack: AsyncExitStack, say: Callable[[str], None]) -> str:
    """The database that was named, or one of our own."""
    if plan.dsn is not None:
        return plan.dsn
    say("starting Postgres")
    cluster = await asyncio.to_thread(EmbeddedPostgres.start, plan.data)
    stack.callback(cluster.stop)
    return cluster.dsn


async def _start(application: Application, listener: socket.socket, stack: AsyncExitStack) -> None:
    from sanic.application.state import ApplicationServerInfo
    from sanic.http.constants import HTTP

    # Sanic's own way to say that there is no HTTP/3 beside this; otherwise every answer has an empty Alt-Svc.
    application.sanic.state.server_info.append(ApplicationServerInfo({"version": HTTP.VERSION_1}))
    sanic: Any = application.sanic
    server = await sanic.create_server(sock=listener, return_asyncio_server=True, backlog=1024)
    await server.startup()
    await server.before_start()
    application.hub.start()
    await server.after_start()

    async def stop() -> None:
        server.server.close()
        await application.hub.stop()
        deadline = asyncio.get_running_loop().time() + _DRAIN_SECONDS
        for connection in tuple(server.connections):
            connection.close_if_idle()
        # Sanic tells nobody when a connection goes.
        while server.connections and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        for connection in tuple(server.connections):
            connection.abort()
        await server.before_stop()
        await server.after_stop()

    stack.push_async_callback(stop)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise AddressTaken(f"cannot listen on {host} port {port}: {error.strerror}; choose another --port, or 0 for a free one") from error
    listener.setblocking(False)
    return listener


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _days_before(now: datetime) -> tuple[datetime, datetime]:
    """The two whole days before today."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=2), today
