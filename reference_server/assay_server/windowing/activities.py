"""What a test may have happen: new events of the sample's first author and of those who respond, signed and stored as any other."""

from __future__ import annotations

import secrets
import time

from assay_server.http.caching import Versions
from assay_server.windowing.sample import Crowd, Signer, facts_of
from assay_server.windowing.spans import HOUR
from assay_server.windowing.store import EventStore


class WindowingActivities:
    """Adds events about the sample's first author; `window` is where late ones go, in seconds since 1970."""

    def __init__(self, store: EventStore, versions: Versions, window: tuple[int, int], seed: int) -> None:
        self._store = store
        self._versions = versions
        self._window = window
        self._author = Signer.of(seed, "author 0")

    @property
    def names(self) -> tuple[str, ...]:
        """What there is."""
        return ("facts", "items")

    async def perform(self, name: str, tenant: str, count: int) -> int:
        """Add events: `facts` late ones, `items` recent ones; returns how many are new."""
        now = int(time.time())
        start, end = self._window if name == "facts" else (now - HOUR, now)
        crowd = Crowd(secrets.token_hex(8))
        outcome = await self._store.ingest(facts_of(crowd.within(self._author, start, end, count)))
        self._versions.bump(self._author.public)
        return outcome.accepted
