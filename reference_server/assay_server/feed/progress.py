"""Sessions that follow one job to its end: its state at once, again at each step, and a close with its code after the last one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from sanic import Request
from sanic.exceptions import WebsocketClosed

from assay_server.ending import end
from assay_server.faults import Switchboard
from assay_server.http.auth import BadToken, Grant
from assay_server.http.contract_view import ProgressTerms, ServedContract
from assay_server.http.errors import Refusal
from assay_server.http.handling import Exchanges, header_values
from assay_server.http.websockets import INVALID_TEXT
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.postgres.store_errors import StoreError

from .clients import GOODBYE_SECONDS, SessionRejected, carried_tokens, read_client, requested_version, say_goodbye

_LOOK_SECONDS = 0.1
_LONGEST = 7 * 86_400.0
"""How many seconds a session may last: longer than any job is kept."""


@dataclass(frozen=True, slots=True)
class JobState:
    """The state of a job as a message, and whether it is the last."""

    text: bytes
    is_over: bool


class ProgressSource(Protocol):
    """Where the state of jobs comes from. Every method raises `StoreError` when the store does not answer."""

    async def state(self, job: str, owner: str, version: str) -> JobState | None:
        """The state of a job of an owner, in a schema version; None when there is no such job."""
        ...

    def heartbeat(self) -> bytes:
        """A heartbeat of now."""
        ...


class ProgressEndpoint:
    """Serves sessions of one channel."""

    def __init__(
        self,
        served: ServedContract,
        terms: ProgressTerms,
        source: ProgressSource,
        exchanges: Exchanges,
        switchboard: Switchboard,
        metrics: ServerMetrics,
        log: Log,
    ) -> None:
        self._served = served
        self._terms = terms
        self._source = source
        self._exchanges = exchanges
        self._switchboard = switchboard
        self._metrics = metrics
        self._log = log
        self._sessions: set[asyncio.Future[str]] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def start(self) -> None:
        """Nothing has to be started."""

    async def stop(self) -> None:
        """Tell every session that the server goes away."""
        self.end_all("going-away")
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._empty.wait()

    def end_all(self, why: str, tenant: str | None = None) -> None:
        """End every session, whatever the tenant: jobs have none."""
        for ended in self._sessions:
            if not ended.done():
                ended.set_result(why)

    async def serve(self, request: Request, websocket: Any, **places: str) -> None:
        """Run one session from its handshake to its end."""
        began = time.monotonic()
        async with self._session() as ended:
            try:
                grant = await self._admit(request)
                why = await self._follow(
                    places[self._terms.parameter],
                    grant,
                    requested_version(request, self._served, self._terms.version_parameter),
                    websocket,
                    ended,
                )
            except SessionRejected as rejected:
                why = rejected.why
            code, reason = (None, "") if why == "client" else self._close_code(why)
            if code is not None:
                await say_goodbye(websocket, code, reason)
        self._metrics.feed_disconnects.labels(why).inc()
        self._log.info("progress", route="progress", code=code, reason=why, duration_ms=round((time.monotonic() - began) * 1000, 3))

    async def _admit(self, request: Request) -> Grant:
        """Who follows: by header, by key, or by a subprotocol that carries the token."""
        endpoint = self._served.endpoints[self._terms.operation]
        try:
            if authorization := header_values(request, "authorization"):
                await self._exchanges.prepare(authorization)
                grant = self._exchanges.grant(request, keyed=endpoint.keyed)
            else:
                carried = carried_tokens(request)
                grant = await self._exchanges.read_token(carried) if carried else self._exchanges.grant(request, keyed=endpoint.keyed)
        except (Refusal, BadToken, ValueError):
            raise SessionRejected("unauthenticated") from None
        if not grant.scopes.issuperset(endpoint.operation.scopes):
            raise SessionRejected("unauthenticated")
        return grant

    async def _follow(self, job: str, grant: Grant, version: str, websocket: Any, ended: asyncio.Future[str]) -> str:
        """Tell the state until something ends the session; returns what."""
        expires = min(max(0.0, grant.expires - time.time()), _LONGEST)
        expiry = asyncio.get_running_loop().call_later(expires, _end, ended)
        reader = asyncio.create_task(read_client(websocket))
        telling = asyncio.create_task(self._tell(job, grant.subject, version, websocket))
        try:
            await asyncio.wait({reader, ended, telling}, return_when=asyncio.FIRST_COMPLETED)
            done = next(task for task in (telling, ended, reader) if task.done())
            return str(done.result())
        except StoreError as error:
            self._log.warning("progress", error=type(error).__name__, detail=str(error))
            return "restart"
        except WebsocketClosed:
            # The client left while a state was on its way to it, before its leaving was read.
            return "client"
        finally:
            expiry.cancel()
            await end((reader, telling))

    async def _tell(self, job: str, owner: str, version: str, websocket: Any) -> str:
        """Send each new state until the last; returns what the session ends with."""
        if self._switchboard.feed_is_down(""):
            return "restart"
        sent: bytes | None = None
        beat = time.monotonic() + self._terms.heartbeat_seconds
        while True:
            state = await self._source.state(job, owner, version)
            if state is None:
                return "not-found" if sent is None else "complete"
            if state.text != sent:
                sent = state.text
                await websocket.send(sent.decode())
                self._metrics.feed_messages.labels("job_progress").inc()
            if state.is_over:
                return "complete"
            if time.monotonic() >= beat:
                await websocket.send(self._source.heartbeat().decode())
                self._metrics.feed_messages.labels("heartbeat").inc()
                beat = time.monotonic() + self._terms.heartbeat_seconds
            await asyncio.sleep(_LOOK_SECONDS)

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[asyncio.Future[str]]:
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._sessions.add(ended)
        self._empty.clear()
        self._metrics.feed_sessions.inc()
        try:
            yield ended
        finally:
            self._metrics.feed_sessions.dec()
            self._sessions.discard(ended)
            if not self._sessions:
                self._empty.set()

    def _close_code(self, why: str) -> tuple[int, str]:
        if why == "invalid-text":
            return INVALID_TEXT
        code = self._terms.codes[why]
        return code, self._terms.reasons[code]


def _end(ended: asyncio.Future[str]) -> None:
    """End a session whose credential has expired."""
    if not ended.done():
        ended.set_result("unauthenticated")
