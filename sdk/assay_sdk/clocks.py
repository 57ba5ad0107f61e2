"""Time, as a seam: what the SDK sleeps with and reads the hour from."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio


class Clock(Protocol):
    """The time that a client uses: for pauses, timeouts and cache lifetimes.

    Tests replace it. Both `sleep` and `monotonic` are in seconds.
    """

    async def sleep(self, seconds: float) -> None:
        """Let that much time pass."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    def now(self) -> datetime:
        """The time of day, in UTC."""
        ...


class BlockingClock:
    """Sleeps the calling thread."""

    async def sleep(self, seconds: float) -> None:
        """Block for that long."""
        time.sleep(seconds)  # noqa: ASYNC251 - blocking is what this clock is for

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)


class BlockingLock:
    """A lock that blocks the thread which waits for it, for coroutines that never suspend."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def __aenter__(self) -> None:
        self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


class LoopClock(BlockingClock):
    """Sleeps the calling task."""

    async def sleep(self, seconds: float) -> None:
        """Give the loop to others for that long."""
        import asyncio

        await asyncio.sleep(seconds)


class LoopLock:
    """A lock for tasks; its library is loaded where it is first used."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock: asyncio.Lock | None = None

    async def __aenter__(self) -> None:
        if self._lock is None:
            import asyncio

            self._lock = asyncio.Lock()
        await self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        assert self._lock is not None
        self._lock.release()
