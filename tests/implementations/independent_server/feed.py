"""The incident feed, on a port of its own: what a session is told, when it beats, and why it ends."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
from collections import deque
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Handshake
from websockets.http11 import Response

from .api import Api
from .asking import VERSION
from .realtime import shown
from .rendering import stamp, text
from .world import OTHER, PRIMARY, Incident, Tenant

BEAT = 9.6
ROOM = 2_000_000


@dataclass(slots=True, eq=False)
class Session:
    """One client of the feed."""

    socket: ServerConnection
    tenant: Tenant
    waiting: deque[str] = field(default_factory=deque[str])
    size: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    ending: tuple[int, str] = (1000, "")
    quiet: float = 0.0
    behind: int = 0

    def tell(self, frame: str) -> None:
        """Put a frame in the queue; a client that leaves too much in it is a slow one."""
        if self.over.is_set():
            return
        self.waiting.append(frame)
        self.size += len(frame)
        self.ready.set()
        if self.size > ROOM:
            self.end(4408, "too slow")

    def end(self, code: int, reason: str) -> None:
        """Have the session end."""
        self.ending = (code, reason)
        self.over.set()


@dataclass(slots=True, eq=False)
class Feed:
    """Every session."""

    api: Api
    prefix: str = ""
    sessions: set[Session] = field(default_factory=set[Session])

    def wrong(self, name: str) -> bool:
        """Whether the server is wrong in this way."""
        return self.api.wrong(name)

    def start(self) -> None:
        """Watch every tenant."""
        for tenant in self.api.world.tenants.values():
            tenant.watchers.append(partial(self._changed, tenant))

    def drop(self) -> None:
        """End what sessions there are."""
        for session in tuple(self.sessions):
            if self.wrong("drops-say-goodbye"):
                session.end(1000, "bye")
            elif self.wrong("drops-say-nothing"):
                session.socket.transport.abort()
            else:
                session.end(1001, "on to other things")

    def _changed(self, tenant: Tenant, seq: int, changed: tuple[Incident, ...]) -> None:
        if self.wrong("times-of-changes-go-back") and seq % 5 == 0:
            changed = tuple(replace(one, updated=one.updated - dt.timedelta(hours=1)) for one in changed)
        if self.wrong("a-change-stands-twice-in-its-delta") and seq % 4 == 0:
            changed = (*changed, changed[-1])
        if self.wrong("deltas-tell-the-first-incident-only"):
            changed = changed[:1]
        delta = {
            "type": "incident_delta",
            "schemaVersion": "1.0.42",
            "seq": seq,
            "tenantId": tenant.name,
            "changes": [shown(one) for one in changed],
        }
        frame = text(delta)
        for session in tuple(self.sessions):
            leak = self.wrong("changes-of-one-reach-the-other") and {session.tenant.name, tenant.name} == {PRIMARY, OTHER}
            if session.tenant is tenant or leak:
                if self.wrong("each-session-counts-for-itself"):
                    session.behind += 1
                    frame = text({**delta, "seq": session.behind})
                if self.wrong("one-change-in-nine-is-lost") and seq % 9 == 0:
                    continue
                if self.wrong("changes-come-twice-at-times") and seq % 6 == 0:
                    session.tell(frame)
                session.tell(frame)
                session.quiet = asyncio.get_running_loop().time()

    async def talk(self, socket: ServerConnection) -> None:
        """One session from its first frame to its close."""
        handshake = socket.request
        assert handshake is not None
        names = parse_qs(urlsplit(handshake.path).query, keep_blank_values=True).get("tenantId", [""])
        credential = self.api.keys.read(handshake.headers.get("Authorization"))
        if self.wrong("the-feed-takes-expired-tokens"):
            token = handshake.headers.get("Authorization", "").removeprefix("Bearer ")
            credential = self.api.keys.tokens.get(token, credential)
        if credential is None:
            code = 1008 if self.wrong("no-credential-is-a-policy-matter") else 4401
            reason = f"token {handshake.headers.get('Authorization')}"[:100] if self.wrong("reasons-tell-the-token") else "who are you?"
            return await socket.close(code, reason)
        covered = names == [credential.tenant] or (self.wrong("the-feed-is-open-to-every-tenant") and names[0] in self.api.world.tenants)
        if self.wrong("foreign-tenants-see-the-state-first") and not covered and names[0] in self.api.world.tenants:
            await socket.send(self._state(self.api.world.tenants[names[0]]))
        if not covered:
            return await socket.close(4404 if self.wrong("foreign-tenants-are-not-found") else 4403, "not yours")
        version = handshake.headers.get("Accept-Schema-Version", "1")
        if not VERSION.fullmatch(version) and not self.wrong("the-feed-reads-no-version"):
            return await socket.close(1002 if self.wrong("versions-are-a-protocol-error") else 4406, "speak 1.0")
        return await self._follow(Session(socket, self.api.world.tenants[names[0]]))

    def _state(self, tenant: Tenant, behind: int = 0) -> str:
        incidents = list(tenant.incidents.values())
        if self.wrong("sessions-open-without-the-resolved"):
            incidents = [one for one in incidents if one.status != "resolved"]
        return text(
            {
                "type": "snapshot",
                "schemaVersion": "1.0.42",
                "seq": 0 if self.wrong("each-session-counts-for-itself") else tenant.seq - behind,
                "tenantId": tenant.name,
                "incidents": [shown(incident) for incident in incidents],
            }
        )

    async def _follow(self, session: Session) -> None:
        state = self._state(session.tenant, 1 if self.wrong("the-first-number-lags-behind") and session.tenant.seq else 0)
        if self.wrong("changes-while-opening-are-lost"):
            await asyncio.sleep(0.05)
        self.sessions.add(session)
        if self.wrong("the-last-change-comes-again") and session.tenant.changes:
            seq, changed = session.tenant.changes[-1]
            again = {"type": "incident_delta", "schemaVersion": "1.0.42", "seq": seq, "tenantId": session.tenant.name}
            session.tell(text({**again, "changes": [shown(one) for one in changed]}))
        tasks = [asyncio.create_task(work) for work in (self._write(session, state), self._read(session), self._beat(session))]
        try:
            await session.over.wait()
        finally:
            self.sessions.discard(session)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        code, reason = session.ending
        if code == 4408 and self.wrong("slow-readers-are-cut-off"):
            session.socket.transport.abort()
        with contextlib.suppress(ConnectionClosed):
            await session.socket.close(code, reason)

    async def _write(self, session: Session, state: str) -> None:
        silent = self.wrong("no-state-for-a-tenant-without-any") and not session.tenant.incidents
        with contextlib.suppress(ConnectionClosed):
            if not silent:
                await session.socket.send([state[: len(state) // 2], state[len(state) // 2 :]])
            while True:
                await session.ready.wait()
                while session.waiting:
                    frame = session.waiting.popleft()
                    binary = self.wrong("deltas-are-binary") and "incident_delta" in frame
                    await session.socket.send(frame.encode() if binary else frame)
                    session.size -= len(frame)
                session.ready.clear()
        session.over.set()

    async def _read(self, session: Session) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in session.socket:
                if self.wrong("clients-may-talk"):
                    continue
                if self.wrong("empty-messages-are-passed-over") and not message:
                    continue
                if self.wrong("binary-messages-are-passed-over") and isinstance(message, bytes):
                    continue
                if self.wrong("pings-in-json-are-answered") and "ping" in str(message):
                    continue
                session.end(1003 if self.wrong("bad-messages-are-unsupported-data") else 4400, "please only listen")
        session.over.set()

    async def _beat(self, session: Session) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(14.0 if self.wrong("beats-come-late") else BEAT)
            if self.wrong("beats-come-while-idle-only") and clock() - session.quiet < BEAT:
                continue
            at = stamp(dt.datetime.now(dt.UTC))
            if self.wrong("beats-tell-a-zone"):
                at = at.replace("Z", "+00:00")
            if self.wrong("beats-tell-any-time"):
                at = stamp(dt.datetime.now(dt.UTC) - dt.timedelta(minutes=random.randrange(99)))
            if not self.wrong("no-beats"):
                session.tell(text({"type": "heartbeat", "ts": at, "load": 0.25}))

    def _shown(self, connection: ServerConnection, handshake: Handshake) -> Response | None:
        if urlsplit(handshake.path).path != f"{self.prefix}/v1/realtime/incident-feed":
            return connection.respond(HTTPStatus.NOT_FOUND, "no feed here\n")
        return None

    async def serve(self, host: str) -> Server:
        """Listen on a free port."""
        self.start()
        return await serve(self.talk, host, 0, process_request=self._shown, close_timeout=30, max_queue=4, write_limit=8_192)
