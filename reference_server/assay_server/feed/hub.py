"""The hub: one ear on the store for everybody, and a room for each tenant that somebody watches.

A session takes its place in the room first and reads the snapshot then. Changes that arrive in between wait in line;
those that the snapshot holds already are left out. So nothing is missed and nothing comes twice, without a lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

from assay_server.ending import end
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.postgres.store_errors import StoreError

from .frames import framed
from .sessions import Session
from .source import FeedMessage, FeedSource

_RETRY_SECONDS = 0.5
_READS = 4
"""How many snapshots are read at once; whoever joins meanwhile waits, for a crowd must not use up the store."""
_AT_ONCE = 32
"""How many changes are passed on before the sockets get their turn: a session that keeps up must not look slow."""


class _Room:
    """The sessions of one tenant, and how far its changes were passed on."""

    __slots__ = ("base", "heard", "pump", "reading", "seq", "sessions", "wake")

    def __init__(self) -> None:
        self.sessions: set[Session] = set()
        self.seq: int | None = None
        self.base = 0
        self.heard = 0
        self.wake = asyncio.Event()
        self.pump: asyncio.Task[None] | None = None
        self.reading: asyncio.Task[FeedMessage] | None = None

    def begin(self, seq: int) -> None:
        """Note the state that the first session begins with: it decides from where changes are passed on."""
        if self.seq is None:
            self.seq = self.base = seq


class Hub:
    """Passes changes on to every session of their tenant, each encoded once."""

    def __init__(self, source: FeedSource, heartbeat_seconds: float, metrics: ServerMetrics, log: Log) -> None:
        self._source = source
        self._every = heartbeat_seconds
        self._metrics = metrics
        self._log = log
        self._rooms: dict[str, _Room] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._reads = asyncio.Semaphore(_READS)
        self._led: list[Hub] | None = [self]

    def lead(self, other: Hub) -> None:
        """Listen and beat for another hub of the same feed as well.

        The store is listened to once, whatever versions sessions read, and heartbeats come in the order of their times.
        """
        assert self._led is not None
        self._led.append(other)
        other._led = None

    def start(self) -> None:
        """Begin to listen and to beat, unless another hub does."""
        if self._led is not None:
            self._tasks = [asyncio.create_task(self._listen(self._led)), asyncio.create_task(self._beat(self._led))]

    async def stop(self) -> None:
        """Tell every session that the server goes away, and stop."""
        self.end_all("going-away")
        pumps = [room.pump for room in self._rooms.values() if room.pump is not None]
        await end((*self._tasks, *pumps))

    def end_all(self, why: str, tenant: str | None = None) -> None:
        """End every session, or those of one tenant."""
        for name, room in self._rooms.items():
            if tenant in (None, name):
                for session in tuple(room.sessions):
                    session.end(why)

    async def join(self, session: Session, opening: Awaitable[int | None] | None = None) -> None:
        """Give a session its place and its snapshot; raises StoreError when there is none to be had.

        `opening` gives the last sequence number of a client that resumes, which gets the changes since instead of the snapshot while they
        are kept; None for a client that does not resume.
        """
        room = self._rooms.get(session.tenant)
        if room is None:
            room = self._rooms[session.tenant] = _Room()
            room.pump = asyncio.create_task(self._pump(session.tenant, room))
        room.sessions.add(session)
        self._metrics.feed_sessions.inc()
        # What was passed on before this session took its place must be in its snapshot.
        least = room.seq or 0
        after = None if opening is None else await opening
        if after is None or not await self._resume(session, room, after, least):
            await self._start(session, room, least)
        room.wake.set()

    async def _start(self, session: Session, room: _Room, least: int) -> None:
        snapshot = await self._snapshot(session.tenant, room)
        room.begin(snapshot.seq)
        while snapshot.seq < max(room.base, least):
            # Another session's snapshot was younger and came first: nobody passes on what lies between the two.
            snapshot = await self._snapshot(session.tenant, room)
        session.start(snapshot.seq, snapshot.text, framed(snapshot.text))
        self._metrics.feed_messages.labels(snapshot.kind).inc()

    async def _resume(self, session: Session, room: _Room, after: int, least: int) -> bool:
        """Send the changes since a number; False when some are no longer kept, or the number was never given out."""
        messages: list[FeedMessage] = []
        last = after
        while True:
            async with self._reads:
                changes = await self._source.changes_after(session.tenant, last, _AT_ONCE)
            if changes.truncated:
                return False
            messages += changes.messages
            last = changes.messages[-1].seq if changes.messages else last
            if last < changes.seq:
                continue
            room.begin(last)
            if last >= max(room.base, least):
                break
        session.resume(after, [(message.seq, message.text, framed(message.text)) for message in messages])
        for message in messages:
            self._metrics.feed_messages.labels(message.kind).inc()
        return True

    async def _snapshot(self, tenant: str, room: _Room) -> FeedMessage:
        """Read the state; whoever joins the same tenant meanwhile gets the same one."""

        async def read() -> FeedMessage:
            async with self._reads:
                return await self._source.snapshot(tenant)

        reading = room.reading
        if reading is None or reading.done():
            reading = room.reading = asyncio.create_task(read())
            reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        # Shielded: one session that goes away must not take the snapshot from the others.
        return await asyncio.shield(reading)

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

    async def _listen(self, hubs: list[Hub]) -> None:
        while True:
            try:
                async for tenant, seq in self._source.listen():
                    for hub in hubs:
                        hub._hear(tenant, seq)
            except Exception as error:
                self._report(error, None)
            await asyncio.sleep(_RETRY_SECONDS)

    def _hear(self, tenant: str, seq: int) -> None:
        room = self._rooms.get(tenant)
        if room is not None:
            room.heard = max(room.heard, seq)
            room.wake.set()

    async def _pump(self, tenant: str, room: _Room) -> None:
        while True:
            await room.wake.wait()
            room.wake.clear()
            while room.seq is not None and room.heard > room.seq:
                try:
                    await self._pass_on(tenant, room, room.seq)
                except Exception as error:
                    self._report(error, tenant)
                    await asyncio.sleep(_RETRY_SECONDS)

    async def _pass_on(self, tenant: str, room: _Room, after: int) -> None:
        heard = room.heard
        changes = await self._source.changes_after(tenant, after, _AT_ONCE)
        if room.heard == heard:
            # Any role of the database may ring the bell, with any number: what counts is what the store has.
            room.heard = min(heard, changes.seq)
        if changes.truncated or changes.seq < after:
            # What is gone cannot be sent, and a second snapshot is not in the contract: they come again.
            self.end_all("restart", tenant)
            room.seq = changes.seq
            return
        for message in changes.messages:
            frame = framed(message.text)
            for session in tuple(room.sessions):
                session.change(message.seq, message.text, frame)
            room.seq = message.seq
            self._metrics.feed_messages.labels(message.kind).inc(len(room.sessions))

    def _report(self, error: Exception, tenant: str | None) -> None:
        """Log what went wrong and count it; the feed goes on."""
        self._metrics.background_failures.labels("feed").inc()
        if isinstance(error, StoreError):
            self._log.warning("feed", error=type(error).__name__, detail=str(error), tenant=tenant)
        else:
            self._log.error("feed", error=type(error).__name__, detail=str(error), tenant=tenant, exc_info=error)

    async def _beat(self, hubs: list[Hub]) -> None:
        while True:
            await asyncio.sleep(self._every)
            for hub in hubs:
                hub._pulse()

    def _pulse(self) -> None:
        """Send one heartbeat to every session."""
        text = self._source.heartbeat()
        frame = framed(text)
        for session in [session for room in self._rooms.values() for session in room.sessions]:
            with suppress(Exception):
                session.beat(text, frame)
