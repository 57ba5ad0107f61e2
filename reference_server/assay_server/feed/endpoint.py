"""The WebSocket side of the feed: who may listen, and how a session is closed.

A handshake is always accepted and a session that may not be is closed with its code, since a browser sees the codes of
a session and never the status of a handshake.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from sanic import Request

from assay_server.faults import Switchboard
from assay_server.http.auth import BadToken, Grant, Verifier
from assay_server.http.contract_view import FeedTerms, ServedContract
from assay_server.http.correlation import trace_id
from assay_server.http.errors import Refusal
from assay_server.http.handling import header_values
from assay_server.http.parameters import query_pairs
from assay_server.http.websockets import INVALID_TEXT
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.postgres.store_errors import StoreError

from .clients import SessionRejected, read_client, say_goodbye
from .hub import Hub
from .outlets import outlet_for
from .sessions import Session

_LINGER_SECONDS = 30.0


class FeedEndpoint:
    """Serves feed sessions."""

    def __init__(
        self,
        served: ServedContract,
        terms: FeedTerms,
        verifier: Verifier,
        hub: Hub,
        switchboard: Switchboard,
        limit: int,
        metrics: ServerMetrics,
        log: Log,
    ) -> None:
        self._served = served
        self._terms = terms
        self._resync = served.endpoints[terms.resync]
        self._verifier = verifier
        self._hub = hub
        self._switchboard = switchboard
        self._limit = limit
        self._metrics = metrics
        self._log = log

    async def serve(self, request: Request, websocket: Any) -> None:
        """Run one session from its handshake to its end."""
        began = time.monotonic()
        tenant: str | None = None
        why = "client"
        try:
            tenant, grant = self._admit(request)
            why = await self._run(tenant, grant, websocket)
        except SessionRejected as rejected:
            why = rejected.why
            await self._close(websocket, why)
        finally:
            self._metrics.feed_disconnects.labels(why).inc()
            self._log.info(
                "feed",
                route="feed",
                code=None if why == "client" else self._close_code(why)[0],
                reason=why,
                duration_ms=round((time.monotonic() - began) * 1000, 3),
                tenant=tenant,
                trace_id=trace_id(next(iter(header_values(request, "traceparent")), None)),
            )

    def _admit(self, request: Request) -> tuple[str, Grant]:
        """Who listens to whom: credential, tenant, scope, version, in this order."""
        try:
            grant = self._verifier.read(header_values(request, "authorization"))
        except BadToken:
            raise SessionRejected("unauthenticated") from None
        try:
            tenant = self._resync.reader.tenant(query_pairs(request.query_string))
        except Refusal:
            raise SessionRejected("tenant-not-allowed") from None
        if not grant.covers(tenant) or not grant.scopes.issuperset(self._resync.operation.scopes):
            raise SessionRejected("tenant-not-allowed")
        versions = header_values(request, self._served.version_header)
        if any(not self._served.serves_version(version) for version in versions):
            raise SessionRejected("version-not-served")
        if self._switchboard.feed_is_down(tenant):
            raise SessionRejected("restart")
        return tenant, grant

    async def _run(self, tenant: str, grant: Grant, websocket: Any) -> str:
        session = Session(tenant, outlet_for(websocket), self._limit)
        reader = asyncio.create_task(read_client(websocket))
        expiry = asyncio.get_running_loop().call_later(max(0.0, grant.expires - time.time()), session.end, "unauthenticated")
        try:
            try:
                await self._hub.join(session)
            except StoreError as error:
                self._log.warning("feed", error=type(error).__name__, detail=str(error), tenant=tenant)
                session.end("restart")
            await asyncio.wait({reader, session.ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            expiry.cancel()
            self._hub.leave(session)
        if session.ended.done():
            why = session.ended.result()
        else:
            why = "client" if reader.cancelled() else reader.result()
            session.end(why)
        reader.cancel()
        if why != "client":
            await self._close(websocket, why)
        return why

    def _close_code(self, why: str) -> tuple[int, str]:
        if why == "invalid-text":
            return INVALID_TEXT
        code = self._terms.codes[why]
        return code, self._terms.reasons[code]

    async def _close(self, websocket: Any, why: str) -> None:
        code, reason = self._close_code(why)
        if why == "slow-consumer":
            # The close frame takes its place behind what is buffered; `close` would wait for room instead.
            websocket.end_connection(code, reason)
            await websocket.wait_for_connection_lost(_LINGER_SECONDS)
            return
        await say_goodbye(websocket, code, reason)
