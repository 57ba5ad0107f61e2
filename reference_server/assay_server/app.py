"""The application: the operations and feeds of every contract, wired to the handlers of its room."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sanic import Request, Sanic
from sanic.compat import Header
from sanic.exceptions import BadRequest, BadURL

from assay_server.background import Background, Work
from assay_server.contract_room import FollowsJobs, IssuesTokens, OpenRoom, RoomContext, Sample, Unservable
from assay_server.faults import Switchboard
from assay_server.feed import FeedEndpoint, Hub, ProgressEndpoint
from assay_server.http.api_keys import ApiKeys
from assay_server.http.auth import StandIn, Verifier
from assay_server.http.contract_view import ServedContract
from assay_server.http.handling import Draining, Exchanges, Response
from assay_server.http.limits import Limiter
from assay_server.http.routing import Fallback, Routes
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.operations import Hook, OperationalRoutes
from assay_server.operations.discovery import DISCOVERY, discovery_handlers, documents_of
from assay_server.operations.hook import PATH
from assay_server.operations.routes import document_route
from assay_server.postgres.idempotency_keys import IdempotencyKeys
from assay_server.settings import Settings

_numbers = itertools.count()
_HEADER_BYTES = 16 * 1024
_PRUNE_SECONDS = 600.0
_FAULTS_SECONDS = 0.05
"""How long sessions live on after another worker was told to drop them."""
_KEYS_SECONDS = 7 * 86_400.0
"""How long a key stays in the store at least, whichever server of the database prunes it."""


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
class Part:
    """One contract version with its open room, which versions of one contract share."""

    served: ServedContract
    room: OpenRoom
    sample: Sample


@dataclass(frozen=True, slots=True)
class Application:
    """What is served, and what must be started and stopped with it."""

    sanic: Sanic[Any, Any]
    draining: Draining
    background: Background
    hubs: tuple[Hub | ProgressEndpoint, ...]
    metrics: ServerMetrics


def build_application(parts: Sequence[Part], settings: Settings, log: Log, keys: IdempotencyKeys | None = None) -> Application:
    """Wire every contract; raises ValueError when one of them or the settings cannot be served."""
    metrics = ServerMetrics()
    verifier, limiter, switchboard = Verifier(settings.tokens, log), Limiter(settings.rate, settings.memory), Switchboard(settings.memory)
    draining, api_keys = Draining(), ApiKeys(settings.api_keys)
    rooms = tuple({id(part.room): part.room for part in parts}.values())
    works = [work for room in rooms for work in room.background()]
    if keys is not None:
        key_terms = [item.idempotency for part in parts for item in part.served.endpoints.values()]
        kept = max([_KEYS_SECONDS, *(item.kept_seconds for item in key_terms if item is not None)])
        works.append(Work("idempotency", lambda: keys.prune(kept), _PRUNE_SECONDS))
    hubs: list[Hub | ProgressEndpoint] = []
    if settings.faults_allowed:
        works.append(Work("faults", _DroppedElsewhere(switchboard, hubs).look, _FAULTS_SECONDS))
    background = Background(tuple(works), metrics, log)
    shared_parts = (verifier, api_keys, limiter, switchboard, draining, keys, metrics, log)
    exchanges = [Exchanges(part.served, *shared_parts, _stand_ins(part), settings.origins) for part in parts]
    largest = settings.body_bytes if any(item.body for part in parts for item in part.served.endpoints.values()) else settings.request_bytes
    app: Sanic[Any, Any] = Sanic(f"assay-{next(_numbers)}", configure_logging=False, strict_slashes=True, request_class=_AnyRequest)
    app.config.update(
        {
            "ACCESS_LOG": False,
            "MOTD": False,
            "KEEP_ALIVE_TIMEOUT": 75,
            "REQUEST_TIMEOUT": settings.request_seconds,
            "RESPONSE_TIMEOUT": 60.0,
            "REQUEST_MAX_SIZE": largest,
            "REQUEST_MAX_HEADER_SIZE": _HEADER_BYTES,
            "REQUEST_BUFFER_SIZE": 64 * 1024,
            "WEBSOCKET_MAX_SIZE": settings.request_bytes,
            # Heartbeats show that a session lives; a ping that nobody answers would close it with a code of its own.
            "WEBSOCKET_PING_INTERVAL": 0,
            "GRACEFUL_SHUTDOWN_TIMEOUT": 3.0,
        }
    )

    def drop(tenant: str | None) -> None:
        for hub in hubs:
            hub.end_all("restart", tenant)

    hook = None
    if settings.faults_allowed:
        acting = (room.activities(next(part.sample.window for part in parts if part.room is room)) for room in rooms)
        faults = {name for part in parts for name in part.served.taxonomy.faults}
        operations = tuple(dict.fromkeys(name for part in parts for name in part.served.endpoints))
        hook = Hook(switchboard, tuple(item for item in acting if item is not None), tuple(faults), operations, drop)

    async def ping() -> None:
        for room in rooms:
            await room.ping()

    operators = OperationalRoutes(ping, background, metrics, hook, exchanges[0].grant)
    routes = Routes(app)
    shared = discovery_handlers(operators.check, [part.served.contract for part in parts])
    for part, mine in zip(parts, exchanges, strict=True):
        served = part.served
        context = RoomContext(served, settings, switchboard, metrics, log)
        handlers = {**part.room.handlers(context), **{name: shared[name] for name in DISCOVERY & served.endpoints.keys()}}
        if handlers.keys() != served.endpoints.keys():
            unlike = ", ".join(sorted(handlers.keys() ^ served.endpoints.keys()))
            raise Unservable(f"expected one handler for each operation of {served.contract.id}, these differ: {unlike}")
        for name, endpoint in served.endpoints.items():
            routes.add(endpoint.operation, mine.operation(endpoint, handlers[name]), mine.options)
        if served.feed is not None:
            sources = {version: part.room.feed(context, version) for version in served.versions}
            mine_hubs = {
                version: Hub(source, served.feed.heartbeat_seconds, metrics, log)
                for version, source in sources.items()
                if source is not None
            }
            first, *others = mine_hubs.values()
            for other in others:
                first.lead(other)
            feed = FeedEndpoint(served, served.feed, verifier, mine_hubs, switchboard, settings.feed_buffer_bytes, metrics, log)
            _add_socket(app, served.feed.address, served.feed.subprotocol, feed.serve, f"feed-{len(hubs)}")
            hubs.extend(mine_hubs.values())
        following = part.room.progress(context) if isinstance(part.room, FollowsJobs) else None
        for terms in served.progress:
            assert following is not None, served.contract.id
            progress = ProgressEndpoint(served, terms, following, mine, switchboard, metrics, log)
            _add_socket(app, terms.address, terms.subprotocol, progress.serve, f"progress-{len(hubs)}")
            hubs.append(progress)
    routes.bind()
    _add_operators(app, exchanges[0], operators, parts, hook)
    fallback = Fallback(exchanges)

    async def failed(request: Request, error: Exception) -> Response:
        return await fallback.failed(request, error)

    app.exception(Exception)(failed)  # pyright: ignore[reportUnknownMemberType]
    return Application(app, draining, background, tuple(hubs), metrics)


class _DroppedElsewhere:
    """Ends the sessions that a fault drops which another worker switched on."""

    def __init__(self, switchboard: Switchboard, hubs: Sequence[Hub | ProgressEndpoint]) -> None:
        self._switchboard = switchboard
        self._hubs = hubs
        self._seen = 0

    async def look(self) -> None:
        """End them when any fault was switched since the last look."""
        generation = self._switchboard.generation
        if generation == self._seen:
            return
        self._seen = generation
        for tenant in self._switchboard.dropped():
            for hub in self._hubs:
                hub.end_all("restart", tenant)


def _stand_ins(part: Part) -> Mapping[str, StandIn]:
    """What finds the grants of tokens that the contract's own responses issue, by their security scheme."""
    scheme = part.served.issued_scheme
    return {scheme: part.room.stand_in()} if scheme and isinstance(part.room, IssuesTokens) else {}


def _add_socket(app: Sanic[Any, Any], address: str, subprotocol: str, serve: Callable[..., Any], name: str) -> None:
    """The route of a channel."""
    path = address.replace("{", "<").replace("}", ":str>")
    offered = [subprotocol] if subprotocol else None
    app.add_websocket_route(serve, path, subprotocols=offered, name=name)  # pyright: ignore[reportUnknownMemberType]


def _add_operators(
    app: Sanic[Any, Any], exchanges: Exchanges, operators: OperationalRoutes, parts: Sequence[Part], hook: Hook | None
) -> None:
    """The routes beside the contracts."""
    app.add_route(exchanges.plain("health", operators.health), "/health", methods=("GET", "HEAD"), name="health")
    app.add_route(exchanges.plain("metrics", operators.metrics), "/metrics", methods=("GET",), name="metrics")
    for part in parts:
        for path, document in documents_of(part.served.contract).items():
            app.add_route(
                exchanges.plain("document", document_route(document)), path, methods=("GET", "HEAD"), name=path.strip("/").replace("/", "-")
            )
    if hook is not None:
        app.add_route(exchanges.plain("hook", operators.describe), PATH, methods=("GET",), name="hook")
        app.add_route(exchanges.plain("hook", operators.switch_off), f"{PATH}/faults", methods=("DELETE",), name="hook-off")
        app.add_route(exchanges.plain("hook", operators.switch_on), f"{PATH}/faults/<name:str>", methods=("PUT",), name="hook-on")
        app.add_route(exchanges.plain("hook", operators.perform), f"{PATH}/activities/<name:str>", methods=("POST",), name="hook-act")
