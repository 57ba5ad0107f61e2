"""Events as they come in: each in a transaction of its own, or several that came together in one."""

from __future__ import annotations

import asyncio
from collections import deque

from assay_server.settings import EventTerms

from .store import Store, UserEvent


class EventLog:
    """Stores events; each caller goes on once his own is committed.

    With `batch` above 1 the events that come in while a transaction runs are stored together in the next one.
    """

    def __init__(self, store: Store, terms: EventTerms) -> None:
        self._store = store
        self._most = terms.batch
        self._waiting: deque[tuple[UserEvent, asyncio.Future[None]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def log(self, event: UserEvent) -> None:
        """Store one event; raises what the store raises."""
        if self._most <= 1:
            await self._store.log([event])
            return
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, stored))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await stored

    async def _write(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            error: Exception | None = None
            try:
                await self._store.log([event for event, _ in batch])
            except Exception as raised:
                error = raised
            for _, stored in batch:
                if stored.done():
                    continue
                if error is None:
                    stored.set_result(None)
                else:
                    stored.set_exception(error)
