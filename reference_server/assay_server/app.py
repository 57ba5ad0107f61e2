"""The application: the contract's operations and its feed, wired to a store."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay_contracts import Contract
from sanic import HTTPResponse, Request, Sanic
from sanic.compat import Header
from sanic.exceptions import BadURL

from assay_server.contract_view import Served
from assay_server.faults import Activities, Hook, Switchboard
from assay_server.faults.hook import PATH
from assay_server.feed import FeedEndpoint, Hub
from assay_server.http.auth import Verifier
from assay_server.http.caching import AnswerCache, Versions
from assay_server.http.cursors import Cursors
from assay_server.http.handling import METHODS, Exchanges
from assay_server.http.limits import Limiter
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.reliability.routes import FailureList, FunnelNumbersRoute, OperationalRoutes, SnapshotRoute
from assay_server.settings import Settings
from assay_server.store import Store

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


@dataclass(frozen=True, slots=True)
class Application:
    """What is served, and the hub that must be started and stopped with it."""

    sanic: Sanic[Any, Any]
    hub: Hub
    metrics: ServerMetrics


def build_application(contract: Contract, settings: Settings, store: Store, log: Log, window: tuple[datetime, datetime]) -> Application:
    """Wire everything; raises ValueError when the contract or the settings cannot be served."""
    served = Served(contract)
    metrics = ServerMetrics()
    verifier = Verifier(settings.tokens)
    switchboard = Switchboard()
    versions = Versions()
    hub = Hub(store, served.schema_version, served.feed.heartbeat_seconds, metrics, log)
    exchanges = Exchanges(served, verifier, Limiter(settings.rate), switchboard, metrics, log)
    app: Sanic[Any, Any] = Sanic(f"assay-{next(_numbers)}", configure_logging=False, strict_slashes=True, request_class=_AnyRequest)
    app.config.update(
        {
            "ACCESS_LOG": False,
            "MOTD": False,
            "KEEP_ALIVE_TIMEOUT": 75,
            "REQUEST_MAX_SIZE": settings.request_bytes,
            "REQUEST_MAX_HEADER_SIZE": _HEADER_BYTES,
            "REQUEST_BUFFER_SIZE": 64 * 1024,
            "WEBSOCKET_MAX_SIZE": settings.request_bytes,
            # Heartbeats show that a session lives; a ping that nobody answers would close it with a code of its own.
            "WEBSOCKET_PING_INTERVAL": 0,
            "GRACEFUL_SHUTDOWN_TIMEOUT": 3.0,
        }
    )

    shortest = min(endpoint.max_age for endpoint in served.endpoints.values() if endpoint.max_age)
    cache = AnswerCache(shortest, settings.cached_answers)
    funnel = FunnelNumbersRoute(store, cache, versions, served.schema_version, settings.patience_seconds, metrics)
    failures = FailureList(store, Cursors(settings.cursor_key, settings.cursor_seconds), switchboard, served.schema_version)
    snapshot = SnapshotRoute(store, served.schema_version)
    answers = {"getFunnelMetrics": funnel.answer, "listFailures": failures.answer, "getRealtimeSnapshot": snapshot.answer}
    for id, endpoint in served.endpoints.items():
        if id not in answers:
            raise ValueError(f"expected the operations {', '.join(sorted(answers))}, the contract also has {id}; serve another contract")
        app.add_route(exchanges.operation(endpoint, answers[id]), endpoint.operation.path, methods=METHODS, name=id)

    resync = served.endpoints[contract.channels[0].annotations["x-stream"]["resync"]["operation"]]
    feed = FeedEndpoint(served, resync, verifier, hub, switchboard, settings.feed_buffer_bytes, metrics, log)
    app.add_websocket_route(feed.serve, served.feed.address, name="feed")  # pyright: ignore[reportUnknownMemberType]

    hook = None
    if settings.faults_allowed:
        activities = Activities(store, versions, window)
        faults = tuple(served.taxonomy.faults)
        hook = Hook(switchboard, activities, faults, tuple(served.endpoints), lambda tenant: hub.end_all("restart", tenant))
    operators = OperationalRoutes(store, metrics, hook, exchanges.grant)
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
    return Application(app, hub, metrics)
