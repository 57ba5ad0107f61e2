"""A server's life: Postgres, store, data, socket, ready, stopped. What was started last is stopped first."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay_contracts import Contract

from assay_server.contract_room import ContractRoom, OpenRoom, Sample, Unservable
from assay_server.http.auth import Minter, Verifier
from assay_server.http.contract_view import ServedContract
from assay_server.logs import Log
from assay_server.postgres import EmbeddedPostgres, PostgresFailed
from assay_server.postgres.connections import Connections, Limits
from assay_server.postgres.idempotency_keys import IdempotencyKeys
from assay_server.rooms import every_contract, load_contracts, room_for
from assay_server.settings import Settings
from assay_server.targets import describe_target, write_target

if TYPE_CHECKING:
    from assay_server.app import Application

ServedRoom = tuple[ServedContract, ContractRoom]
"""A version of a contract with the room that answers it."""

_DRAIN_SECONDS = 3.0
_LINGER_SECONDS = 0.3
"""How long idle connections stay open while the server stops: a request that is on its way is still answered."""
_WATCH_SECONDS = 0.5
_BASE_CONNECTIONS, _WORKER_CONNECTIONS = 20, 40
"""How many connections the embedded Postgres takes: a worker has a pool for each room, and listens for each feed."""


class AddressTaken(Exception):
    """The address cannot be listened on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of `assay serve`."""

    contracts: tuple[str, ...] = ()
    """The contract versions; every contract that has a room when there are none."""
    dsn: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    data: Path | None = None
    sample: str = "none"
    seed: int = 1
    target: Path | None = None
    settings: Settings = field(default_factory=Settings)
    workers: int = 1
    """How many processes answer."""


def serve(plan: Plan, log: Log, say: Callable[[str], None], ready: Callable[[str], None]) -> None:
    """Serve in this process until SIGTERM, SIGINT or SIGHUP; raises `Unservable` before anything is started."""
    run_loop(_serve(plan, check_plan(plan), log, say, ready))


def check_plan(plan: Plan) -> list[ServedRoom]:
    """What a plan serves; raises `Unservable` or another ValueError for a plan that cannot be followed."""
    contracts = load_contracts(plan.contracts or every_contract())
    rooms = [room_for(contract) for contract in contracts]
    if plan.target is not None and len(contracts) > 1:
        raise Unservable(f"cannot write one target manifest for {len(contracts)} contracts; choose one with --contract")
    Verifier(plan.settings.tokens)
    return [(_served(contract, room, plan.settings), room) for contract, room in zip(contracts, rooms, strict=True)]


def run_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run until the end, on uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work)


def _served(contract: Contract, room: ContractRoom, settings: Settings) -> ServedContract:
    offer = room.versions[contract.id.version]
    default = settings.default_versions.get(contract.id.name)
    return ServedContract(contract, room.versions, offer.body_bytes, offer.successors, offer.issued_scheme, default)


async def _serve(plan: Plan, contracts: list[ServedRoom], log: Log, say: Callable[[str], None], ready: Callable[[str], None]) -> None:
    stopping = stop_on_signals()
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen(plan.host, plan.port))
        database = asyncio.create_task(open_database(plan, stack, say))
        await asyncio.sleep(0)
        # Postgres makes itself ready in a process of its own while the larger packages are imported here.
        import_module("assay_server.app")
        dsn, cluster = await database
        opened = await open_rooms(plan, contracts, dsn, stack, say)
        await run_application(plan, contracts, opened, dsn, listener, log, stack)
        address = address_of(plan, listener)
        write_manifest(plan, contracts, {name: sample for name, (_, sample) in opened.items()}, address)
        ready(address)
        await until_stopped(stopping, cluster)
        say("stopping")


async def run_application(
    plan: Plan,
    contracts: list[ServedRoom],
    opened: Mapping[str, tuple[OpenRoom, Sample]],
    dsn: str,
    listener: socket.socket,
    log: Log,
    stack: AsyncExitStack,
) -> None:
    """Answer on a socket until the stack ends."""
    from assay_server.app import Part, build_application

    parts = [Part(served, *opened[room.contract]) for served, room in contracts]
    application = build_application(parts, plan.settings, log, await _open_keys(contracts, dsn, stack))
    await _start(application, plan.settings, listener, stack)
    application.background.start()
    stack.push_async_callback(application.background.stop)


def write_manifest(plan: Plan, contracts: list[ServedRoom], samples: Mapping[str, Sample], address: str) -> None:
    """Write the target manifest where the plan has one."""
    if plan.target is None:
        return
    [(served, room)] = contracts
    minter, hook = Minter(plan.settings.tokens), plan.settings.faults_allowed
    sections = describe_target(address, version("assay"), minter, served.contract, room.tenants, samples[room.contract], hook=hook)
    write_target(plan.target, sections)


async def open_rooms(
    plan: Plan, contracts: list[ServedRoom], dsn: str, stack: AsyncExitStack, say: Callable[[str], None]
) -> dict[str, tuple[OpenRoom, Sample]]:
    """Each room once, with its sample data, by the name of its contract."""
    opened: dict[str, tuple[OpenRoom, Sample]] = {}
    for _, room in contracts:
        if room.contract in opened:
            continue
        open_room = await room.open(dsn, plan.settings)
        stack.push_async_callback(open_room.aclose)
        now = datetime.now(UTC)
        sample = Sample(_days_before(now))
        if plan.sample != "none":
            say(f"loading the sample data of {room.contract} from seed {plan.seed}")
            sample = await open_room.load_sample(plan.seed, now)
        opened[room.contract] = open_room, sample
    return opened


async def _open_keys(contracts: list[ServedRoom], dsn: str, stack: AsyncExitStack) -> IdempotencyKeys | None:
    """The idempotency keys that every contract shares; None when no operation takes one."""
    if not any(endpoint.idempotency for served, _ in contracts for endpoint in served.endpoints.values()):
        return None
    connections = Connections(dsn, Limits())
    await connections.open()
    stack.push_async_callback(connections.close)
    return await IdempotencyKeys.open(connections)


def stop_on_signals() -> asyncio.Event:
    """Stop on SIGTERM and SIGINT, and on SIGHUP unless whoever started us had it ignored, as `nohup` does."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stopping.set)
    return stopping


async def until_stopped(stopping: asyncio.Event, cluster: EmbeddedPostgres | None) -> None:
    """Return when a signal came; raises `PostgresFailed` when the Postgres of our own has ended."""
    while not stopping.is_set():
        if cluster is not None and cluster.has_ended:
            raise PostgresFailed("the embedded Postgres ended by itself; start the server again")
        try:
            async with asyncio.timeout(_WATCH_SECONDS if cluster is not None else None):
                await stopping.wait()
        except TimeoutError:
            continue


async def open_database(plan: Plan, stack: AsyncExitStack, say: Callable[[str], None]) -> tuple[str, EmbeddedPostgres | None]:
    """The database that was named, or one of our own."""
    if plan.dsn is not None:
        return plan.dsn, None
    say("starting Postgres")
    connections = _BASE_CONNECTIONS + plan.workers * _WORKER_CONNECTIONS
    cluster = await asyncio.to_thread(EmbeddedPostgres.start, plan.data, connections=connections)
    stack.callback(cluster.stop)
    return cluster.dsn, cluster


async def _start(application: Application, settings: Settings, listener: socket.socket, stack: AsyncExitStack) -> None:
    from sanic.application.state import ApplicationServerInfo
    from sanic.http.constants import HTTP

    from assay_server.http.connections import bounded_protocol

    # Sanic's own way to say that there is no HTTP/3 beside this; otherwise every answer has an empty Alt-Svc.
    application.sanic.state.server_info.append(ApplicationServerInfo({"version": HTTP.VERSION_1}))
    sanic: Any = application.sanic
    protocol = bounded_protocol(settings.connections)
    server = await sanic.create_server(sock=listener, return_asyncio_server=True, backlog=1024, protocol=protocol)
    await server.startup()
    await server.before_start()
    for hub in application.hubs:
        hub.start()
    await server.after_start()

    async def stop() -> None:
        server.server.close()
        application.draining.begun = True
        for hub in application.hubs:
            await hub.stop()
        loop = asyncio.get_running_loop()
        began = loop.time()
        # Sanic tells nobody when a connection goes.
        while server.connections and loop.time() < began + _DRAIN_SECONDS:
            if loop.time() > began + _LINGER_SECONDS:
                for connection in tuple(server.connections):
                    connection.close_if_idle()
            await asyncio.sleep(0.02)
        for connection in tuple(server.connections):
            connection.abort()
        await server.before_stop()
        await server.after_stop()

    stack.push_async_callback(stop)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; raises `AddressTaken`."""
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


def address_of(plan: Plan, listener: socket.socket) -> str:
    """The URL of the server."""
    host = f"[{plan.host}]" if ":" in plan.host else plan.host
    return f"http://{host}:{listener.getsockname()[1]}"


def _days_before(now: datetime) -> tuple[datetime, datetime]:
    """The two whole days before today."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=2), today
