"""Events as they come in: each in a transaction of its own, or several that came together in one."""

from __future__ import annotations

import asyncio
from collections import deque

from assay_server.settings import EventTerms

from .store import Outcome, Store, UserEvent


class EventLog:
    """Stores events; each caller hears what became of his own once it is committed.

    With `batch` above 1 the events that come in while a transaction runs are stored together in the next one.
    """

    def __init__(self, store: Store, terms: EventTerms) -> None:
        self._store = store
        self._most = terms.batch
        self._waiting: deque[tuple[UserEvent, asyncio.Future[Outcome]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def log(self, event: UserEvent, *, pause: float = 0.0) -> Outcome:
        """Store one event; `pause` keeps its transaction open so many seconds longer."""
        if self._most <= 1 or pause:
            return (await self._store.log([event], pause=pause))[0]
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            try:
                outcomes = await self._store.log([event for event, _ in batch])
            except Exception as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                continue
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                if not done.done():
                    done.set_result(outcome)
