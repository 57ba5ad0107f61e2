"""One feed session: what was sent to it, what still waits, and why it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from .outlets import Outlet


class Session:
    """A session of one tenant. Until its snapshot is sent, changes wait in line behind it."""

    __slots__ = ("_held_back", "_limit", "_outlet", "_seq", "_stalled", "ended", "tenant")

    def __init__(self, tenant: str, outlet: Outlet, limit: int) -> None:
        self.tenant = tenant
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._outlet = outlet
        self._limit = limit
        self._seq = -1
        self._held_back: list[tuple[int, bytes, bytes]] | None = []
        self._stalled = False

    @property
    def started(self) -> bool:
        """Whether the snapshot was sent."""
        return self._held_back is None

    def start(self, seq: int, text: bytes, frame: bytes) -> None:
        """Send the snapshot as of `seq`, then the changes that came meanwhile and are newer."""
        waiting, self._held_back = self._held_back or [], None
        self._seq = seq
        # However large the state is, it was asked for: only what comes after it counts as unread.
        self._limit += len(frame)
        self._send(text, frame)
        self._catch_up(waiting)

    def resume(self, after: int, changes: Iterable[tuple[int, bytes, bytes]]) -> None:
        """Send what a client that has everything up to `after` missed, then the changes that came meanwhile."""
        waiting, self._held_back = self._held_back or [], None
        self._seq = after
        self._catch_up([*changes, *waiting])

    def _catch_up(self, changes: Iterable[tuple[int, bytes, bytes]]) -> None:
        """Send changes that the session had no chance to read before: like a snapshot, they do not count as unread."""
        for number, text, frame in changes:
            self._limit += len(frame)
            self.change(number, text, frame)

    def change(self, seq: int, text: bytes, frame: bytes) -> None:
        """Send a change unless the session has it already."""
        if self._held_back is not None:
            self._held_back.append((seq, text, frame))
        elif seq > self._seq:
            self._seq = seq
            self._send(text, frame)

    def beat(self, text: bytes, frame: bytes) -> None:
        """Send a heartbeat. A session that took in nothing since the beat before the last is too slow."""
        if not self.started:
            return
        waiting = self._outlet.waiting > 0
        if waiting and self._stalled:
            self.end("slow-consumer")
        self._stalled = waiting
        self._send(text, frame)

    def end(self, why: str) -> None:
        """End the session for a reason that the contract has a close code for."""
        if not self.ended.done():
            self.ended.set_result(why)
            self._outlet.stop()

    def _send(self, text: bytes, frame: bytes) -> None:
        if self.ended.done():
            return
        self._outlet.write(text, frame)
        if self._outlet.waiting > self._limit:
            self.end("slow-consumer")
