"""The room of `reliability`: what serves the contract, opened only once Postgres is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from assay_server.background import Work
from assay_server.contract_room import Offer, RoomContext, Sample, SampleTenants, Window
from assay_server.feed.source import FeedSource
from assay_server.http.caching import AnswerCache, Versions
from assay_server.http.cursors import Cursors
from assay_server.http.handling import Answering
from assay_server.operations.hook import Activities
from assay_server.settings import Settings

from .tenants import EMPTY, OTHER, PRIMARY

if TYPE_CHECKING:
    from .store import Store

_CLOSING_SECONDS = 2.0


class ReliabilityRoom:
    """The contract, its versions and its operations."""

    __slots__ = ()

    contract = "reliability"
    versions: Mapping[str, Offer] = MappingProxyType(
        {"1.0.0": Offer(frozenset({"getFunnelMetrics", "listFailures", "getRealtimeSnapshot"}), frozenset({"incidentFeed"}))}
    )
    tenants = SampleTenants(PRIMARY, OTHER, EMPTY)

    async def open(self, dsn: str, settings: Settings) -> OpenReliability:
        """Connect and migrate."""
        from .store import Store

        store = await Store.open(dsn)
        try:
            key = settings.cursor_key or await store.cursor_key()
        except BaseException:
            await store.aclose()
            raise
        return OpenReliability(store, key)


class OpenReliability:
    """The handlers, the feed and the background work over one store."""

    __slots__ = ("_cursor_key", "_facts", "_store")

    def __init__(self, store: Store, cursor_key: bytes) -> None:
        self._store = store
        self._cursor_key = cursor_key
        self._facts = Versions()

    async def ping(self) -> None:
        """Return when the store answers."""
        await self._store.ping()

    async def load_sample(self, seed: int, now: datetime) -> Sample:
        """Load the small sample."""
        from .sample import load_small

        return Sample((await load_small(self._store, seed, now)).window)

    def handlers(self, context: RoomContext) -> Mapping[str, Answering]:
        """The three operations."""
        from .routes import FailureList, FunnelNumbersRoute, SnapshotRoute
        from .routes.failures import PositionKeys

        contract, settings = context.contract, context.settings
        shortest = min(endpoint.max_age for endpoint in contract.endpoints.values() if endpoint.max_age)
        cache = AnswerCache(shortest, settings.cache_bytes)
        version = contract.schema_version
        cursors: Cursors[PositionKeys] = Cursors(self._cursor_key, settings.cursor_seconds, PositionKeys)
        return {
            "getFunnelMetrics": FunnelNumbersRoute(
                self._store, cache, self._facts, version, settings.patience_seconds, context.metrics
            ).answer,
            "listFailures": FailureList(self._store, cursors, context.switchboard, version).answer,
            "getRealtimeSnapshot": SnapshotRoute(self._store, version).answer,
        }

    def feed(self, context: RoomContext) -> FeedSource:
        """The incident feed."""
        from .feed import IncidentFeed

        return IncidentFeed(self._store, context.contract.schema_version)

    def activities(self, window: Window) -> Activities:
        """New failures, late facts and incident changes."""
        from .activities import ReliabilityActivities

        return ReliabilityActivities(self._store, self._facts, window)

    def background(self) -> tuple[Work, ...]:
        """Buckets close and incidents are detected."""
        return (Work("closing", self._store.keep_up, _CLOSING_SECONDS),)

    async def aclose(self) -> None:
        """Close the store."""
        await self._store.aclose()
