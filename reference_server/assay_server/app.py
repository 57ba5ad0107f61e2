"""The application: the contract's operations and its feed, wired to the handlers of its room."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.compat import Header
from sanic.exceptions import BadRequest, BadURL

from assay_server.background import Background
from assay_server.contract_room import OpenRoom, RoomContext, Unservable, Window
from assay_server.faults import Switchboard
from assay_server.feed import FeedEndpoint, Hub
from assay_server.http.auth import Verifier
from assay_server.http.contract_view import ServedContract
from assay_server.http.handling import METHODS, Exchanges
from assay_server.http.limits import Limiter
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.operations import Hook, OperationalRoutes
from assay_server.operations.hook import PATH
from assay_server.settings import Settings

_numbers = itertools.count()
_HEADER_BYTES = 16 * 1024


class _AnyRequest(Request):
    """A request whose line may be nonsense: when Sanic answers to what it could not read, it reads the nonsense again."""

    def __init__(self, url_bytes: bytes, headers: Header, version: str, method: str, *more: Any, **named: Any) -> None:
        try:
            super().__init__(url_bytes, headers, version, method, *more, **named)
        except BadURL:
            if method != "NONE":
                raise
            super().__init__(b"*", headers, version, method, *more, **named)
        # Sanic reads a header whose name ends in a blank, which other servers on the way may not (RFC 9112, 5.1).
        if any(not name or name != name.strip() for name in headers):
            raise BadRequest("a header's name has a blank beside it")


@dataclass(frozen=True, slots=True)
class Application:
    """What is served, and what must be started and stopped with it."""

    sanic: Sanic[Any, Any]
    exchanges: Exchanges
    background: Background
    hub: Hub | None
    metrics: ServerMetrics


def build_application(served: ServedContract, room: OpenRoom, settings: Settings, log: Log, window: Window) -> Application:
    """Wire everything; raises ValueError when the contract or the settings cannot be served."""
    metrics = ServerMetrics()
    verifier = Verifier(settings.tokens)
    switchboard = Switchboard()
    context = RoomContext(served, settings, switchboard, metrics, log)
    background = Background(room.background(), metrics, log)
    exchanges = Exchanges(served, verifier, Limiter(settings.rate), switchboard, metrics, log)
    app: Sanic[Any, Any] = Sanic(f"assay-{next(_numbers)}", configure_logging=False, strict_slashes=True, request_class=_AnyRequest)
    app.config.update(
        {
            "ACCESS_LOG": False,
            "MOTD": False,
            "KEEP_ALIVE_TIMEOUT": 75,
            "REQUEST_TIMEOUT": settings.request_seconds,
            "RESPONSE_TIMEOUT": 60.0,
            "REQUEST_MAX_SIZE": settings.request_bytes,
            "REQUEST_MAX_HEADER_SIZE": _HEADER_BYTES,
            "REQUEST_BUFFER_SIZE": 64 * 1024,
            "WEBSOCKET_MAX_SIZE": settings.request_bytes,
            # Heartbeats show that a session lives; a ping that nobody answers would close it with a code of its own.
            "WEBSOCKET_PING_INTERVAL": 0,
            "GRACEFUL_SHUTDOWN_TIMEOUT": 3.0,
        }
    )

    handlers = room.handlers(context)
    if handlers.keys() != served.endpoints.keys():
        unlike = ", ".join(sorted(handlers.keys() ^ served.endpoints.keys()))
        raise Unservable(f"expected one handler for each operation of {served.contract.id}, these differ: {unlike}")
    for id, endpoint in served.endpoints.items():
        app.add_route(exchanges.operation(endpoint, handlers[id]), endpoint.operation.path, methods=METHODS, name=id)

    hub, source = None, room.feed(context)
    if source is not None and served.feed is not None:
        hub = Hub(source, served.feed.heartbeat_seconds, metrics, log)
        feed = FeedEndpoint(served, served.feed, verifier, hub, switchboard, settings.feed_buffer_bytes, metrics, log)
        app.add_websocket_route(feed.serve, served.feed.address, name="feed")  # pyright: ignore[reportUnknownMemberType]

    def drop(tenant: str | None) -> None:
        if hub is not None:
            hub.end_all("restart", tenant)

    hook = None
    if settings.faults_allowed:
        hook = Hook(switchboard, room.activities(window), tuple(served.taxonomy.faults), tuple(served.endpoints), drop)
    operators = OperationalRoutes(room.ping, background, metrics, hook, exchanges.grant)
    app.add_route(exchanges.plain("health", operators.health), "/health", methods=("GET", "HEAD"), name="health")
    app.add_route(exchanges.plain("metrics", operators.metrics), "/metrics", methods=("GET",), name="metrics")
    if hook is not None:
        app.add_route(exchanges.plain("hook", operators.describe), PATH, methods=("GET",), name="hook")
        app.add_route(exchanges.plain("hook", operators.switch_off), f"{PATH}/faults", methods=("DELETE",), name="hook-off")
        app.add_route(exchanges.plain("hook", operators.switch_on), f"{PATH}/faults/<name:str>", methods=("PUT",), name="hook-on")
        app.add_route(exchanges.plain("hook", operators.perform), f"{PATH}/activities/<name:str>", methods=("POST",), name="hook-act")

    async def failed(request: Request, error: Exception) -> HTTPResponse:
        return await exchanges.failed(request, error)

    app.exception(Exception)(failed)  # pyright: ignore[reportUnknownMemberType]
    return Application(app, exchanges, background, hub, metrics)
