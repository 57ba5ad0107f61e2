"""Time, as a seam: what the SDK sleeps with and reads the hour from."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


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


class LoopClock(BlockingClock):
    """Sleeps the calling task."""

    async def sleep(self, seconds: float) -> None:
        """Give the loop to others for that long."""
        import asyncio

        await asyncio.sleep(seconds)
