"""The hub: one ear on the store for everybody, and a room for each tenant that somebody watches.

A session takes its place in the room first and reads the snapshot then. Changes that arrive in between wait in line;
those that the snapshot holds already are left out. So nothing is missed and nothing comes twice, without a lock.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.store import Store, StoreError

from . import frames
from .sessions import Session

_RETRY_SECONDS = 0.5
_AT_ONCE = 32
"""How many changes are passed on before the sockets get their turn: a session that keeps up must not look slow."""


class _Room:
    """The sessions of one tenant, and how far its changes were passed on."""

    __slots__ = ("base", "heard", "pump", "seq", "sessions", "wake")

    def __init__(self) -> None:
        self.sessions: set[Session] = set()
        self.seq: int | None = None
        self.base = 0
        self.heard = 0
        self.wake = asyncio.Event()
        self.pump: asyncio.Task[None] | None = None


class Hub:
    """Passes changes on to every session of their tenant, each encoded once."""

    def __init__(self, store: Store, version: str, heartbeat_seconds: float, metrics: ServerMetrics, log: Log) -> None:
        self._store = store
        self._version = version
        self._every = heartbeat_seconds
        self._metrics = metrics
        self._log = log
        self._rooms: dict[str, _Room] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen and to beat."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._beat())]

    async def stop(self) -> None:
        """Tell every session that the server goes away, and stop."""
        self.end_all("going-away")
        pumps = [room.pump for room in self._rooms.values() if room.pump is not None]
        for task in (*self._tasks, *pumps):
            task.cancel()
        await asyncio.gather(*self._tasks, *pumps, return_exceptions=True)

    def end_all(self, why: str, tenant: str | None = None) -> None:
        """End every session, or those of one tenant."""
        for name, room in self._rooms.items():
            if tenant in (None, name):
                for session in tuple(room.sessions):
                    session.end(why)

    async def join(self, session: Session) -> None:
        """Give a session its place and its snapshot; raises StoreError when there is none to be had."""
        room = self._rooms.get(session.tenant)
        if room is None:
            room = self._rooms[session.tenant] = _Room()
            room.pump = asyncio.create_task(self._pump(session.tenant, room))
        room.sessions.add(session)
        self._metrics.feed_sessions.inc()
        state = await self._store.incidents(session.tenant)
        if room.seq is None:
            # The first snapshot that comes decides from where changes are passed on.
            room.seq = room.base = state.seq
        while state.seq < room.base:
            # Another session's snapshot was younger and came first: nobody passes on what lies between the two.
            state = await self._store.incidents(session.tenant)
        text = frames.snapshot(self._version, session.tenant, state)
        session.start(state.seq, text, frames.framed(text))
        self._metrics.feed_messages.labels("snapshot").inc()
        room.wake.set()

    def leave(self, session: Session) -> None:
        """Take a session out; an empty room is closed."""
        room = self._rooms.get(session.tenant)
        if room is None or session not in room.sessions:
            return
        room.sessions.discard(session)
        self._metrics.feed_sessions.dec()
        if not room.sessions:
            del self._rooms[session.tenant]
            if room.pump is not None:
                room.pump.cancel()

    async def _listen(self) -> None:
        while True:
            try:
                async for tenant, seq in self._store.listen():
                    room = self._rooms.get(tenant)
                    if room is not None:
                        room.heard = max(room.heard, seq)
                        room.wake.set()
            except StoreError as error:
                self._log.warning("feed", error=type(error).__name__, said=str(error))
            await asyncio.sleep(_RETRY_SECONDS)

    async def _pump(self, tenant: str, room: _Room) -> None:
        while True:
            await room.wake.wait()
            room.wake.clear()
            while room.seq is not None and room.heard > room.seq:
                try:
                    changes = await self._store.changes_after(tenant, room.seq, _AT_ONCE)
                except StoreError as error:
                    self._log.warning("feed", error=type(error).__name__, said=str(error), tenant=tenant)
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                if changes.truncated or (not changes.sets and changes.seq < room.heard):
                    # What is gone cannot be sent, and a second snapshot is not in the contract: they come again.
                    self.end_all("restart", tenant)
                    room.seq = max(changes.seq, room.heard)
                    break
                for item in changes.sets:
                    text = frames.delta(self._version, tenant, item)
                    frame = frames.framed(text)
                    for session in tuple(room.sessions):
                        session.change(item.seq, text, frame)
                    room.seq = item.seq
                    self._metrics.feed_messages.labels("incident_delta").inc(len(room.sessions))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            text = frames.heartbeat()
            frame = frames.framed(text)
            for room in tuple(self._rooms.values()):
                for session in tuple(room.sessions):
                    with suppress(Exception):
                        session.beat(text, frame)
