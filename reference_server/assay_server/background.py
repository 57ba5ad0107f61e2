"""Work that a server does beside its requests: again and again, and after a failure again a little later.

A failure of any kind is logged and counted, and never ends the work. Work that failed several times in a row makes the
server not ready, since its answers then slowly stop being true.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assay_server.ending import end
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 15.0
_TOLERATED = 3
"""How many failures in a row still leave the server ready."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: what is done, and how many seconds lie between one round and the next."""

    name: str
    perform: Callable[[], Awaitable[None]]
    every: float


class Background:
    """Runs every work in a task of its own."""

    def __init__(self, works: tuple[Work, ...], metrics: ServerMetrics, log: Log) -> None:
        self._works = works
        self._metrics = metrics
        self._log = log
        self._failures = {work.name: 0 for work in works}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def failing(self) -> tuple[str, ...]:
        """The work that fails and does not recover, by name."""
        return tuple(sorted(name for name, count in self._failures.items() if count > _TOLERATED))

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._repeat(work), name=work.name) for work in self._works]

    async def stop(self) -> None:
        """End every task."""
        await end(self._tasks)

    async def _repeat(self, work: Work) -> None:
        wait = _FIRST_WAIT
        while True:
            try:
                await work.perform()
            except Exception as error:
                self._failures[work.name] += 1
                self._metrics.background_failures.labels(work.name).inc()
                self._log.warning("background", work=work.name, error=type(error).__name__, detail=str(error), again_in_seconds=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
            else:
                self._failures[work.name] = 0
                wait = _FIRST_WAIT
                await asyncio.sleep(work.every)
