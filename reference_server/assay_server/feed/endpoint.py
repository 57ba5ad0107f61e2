"""The WebSocket side of the feed: who may listen, and how a session is closed.

A handshake is always accepted and a session that may not be is closed with its code, since a browser sees the codes of
a session and never the status of a handshake.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from sanic import Request

from assay_server.ending import end
from assay_server.faults import Switchboard
from assay_server.http.auth import BadToken, Grant, Verifier
from assay_server.http.contract_view import FeedTerms, ResumeTerms, ServedContract
from assay_server.http.correlation import trace_id
from assay_server.http.errors import Refusal
from assay_server.http.handling import header_values
from assay_server.http.parameters import query_pairs
from assay_server.http.websockets import INVALID_TEXT, FirstMessage
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.postgres.store_errors import StoreError

from .clients import SessionRejected, carried_tokens, read_client, requested_version, say_goodbye
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
        hubs: Mapping[str, Hub],
        switchboard: Switchboard,
        limit: int,
        metrics: ServerMetrics,
        log: Log,
    ) -> None:
        self._served = served
        self._terms = terms
        self._resync = served.endpoints[terms.resync]
        self._verifier = verifier
        self._hubs = hubs
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
            tenant, grant, version = await self._admit(request)
            why = await self._run(tenant, grant, version, websocket)
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

    async def _admit(self, request: Request) -> tuple[str, Grant, str]:
        """Who listens to whom in which version: credential, tenant, scope, version, in this order."""
        try:
            carried = carried_tokens(request) if self._terms.subprotocol else header_values(request, "authorization")
            await self._verifier.prepare(carried)
            grant = self._verifier.read(carried)
        except (BadToken, ValueError):
            raise SessionRejected("unauthenticated") from None
        try:
            tenant = self._resync.reader.tenant(query_pairs(request.query_string))
        except Refusal:
            raise SessionRejected("tenant-not-allowed") from None
        if not grant.covers(tenant) or not grant.scopes.issuperset(self._resync.operation.scopes):
            raise SessionRejected("tenant-not-allowed")
        version = requested_version(request, self._served, self._terms.version_parameter)
        if self._switchboard.feed_is_down(tenant):
            raise SessionRejected("restart")
        return tenant, grant, version

    async def _run(self, tenant: str, grant: Grant, version: str, websocket: Any) -> str:
        session = Session(tenant, outlet_for(websocket), self._limit)
        hub = self._hubs[version]
        # A session of an older version is one of that version, which may have no messages of the client.
        resume = self._terms.resume if version == self._served.schema_version else None
        opening = None if resume is None else asyncio.create_task(_opening(websocket.assembler, resume))
        reader = asyncio.create_task(_read(websocket, opening))
        expiry = asyncio.get_running_loop().call_later(max(0.0, grant.expires - time.time()), session.end, "unauthenticated")
        try:
            try:
                await self._join(hub, session, opening, reader)
            except StoreError as error:
                self._log.warning("feed", error=type(error).__name__, detail=str(error), tenant=tenant)
                session.end("restart")
            await asyncio.wait({reader, session.ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            expiry.cancel()
            hub.leave(session)
            if opening is not None:
                opening.cancel()
        if session.ended.done():
            why = session.ended.result()
        else:
            why = "client" if reader.cancelled() else reader.result()
            session.end(why)
        reader.cancel()
        if why != "client":
            await self._close(websocket, why)
        return why

    async def _join(self, hub: Hub, session: Session, opening: asyncio.Task[int | None] | None, reader: asyncio.Task[str]) -> None:
        """Join, unless the session ends before it has begun."""
        joining = asyncio.create_task(hub.join(session, opening))
        try:
            first: set[asyncio.Future[Any]] = {joining, reader, session.ended}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if joining.done():
                joining.result()
        finally:
            await end((joining,))

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


async def _opening(assembler: FirstMessage, terms: ResumeTerms) -> int | None:
    """The number that a session resumes after; None when its client says nothing in time, or something else."""
    await asyncio.wait({assembler.received}, timeout=terms.seconds)
    if not assembler.received.done() or assembler.text is None:
        return None
    try:
        message: Any = msgspec.json.decode(assembler.text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return int(message[terms.after]) if terms.is_valid(message) else None


async def _read(websocket: Any, opening: asyncio.Task[int | None] | None) -> str:
    """What the client ends the session with; the message that resumes it does not."""
    again = opening is not None and await asyncio.shield(opening) is not None
    return await read_client(websocket, again=again)
