"""The room of `reliability`: what serves the contract, opened only once Postgres is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from assay_server.background import Work
from assay_server.contract_room import Offer, RoomContext, Sample, SampleTenants, Window
from assay_server.feed.source import FeedSource
from assay_server.http.auth import StandIn
from assay_server.http.caching import AnswerCache, Versions
from assay_server.http.calls import Answering
from assay_server.http.contract_view import ServedContract
from assay_server.http.cursors import Cursors
from assay_server.operations.hook import Activities
from assay_server.settings import Settings

from .tenants import EMPTY, FURTHER, OTHER, PRIMARY

if TYPE_CHECKING:
    from .routes import ExportRoutes
    from .store import Store

_FIRST_OPERATIONS = frozenset({"getFunnelMetrics", "listFailures", "getRealtimeSnapshot"})
_LATER_OPERATIONS = frozenset({"ingestEvents", "createExport", "getExport", "cancelExport", "getExportContent", "rankTenants"})
_CHANNELS = frozenset({"incidentFeed"})
_LARGEST_BATCH, _LARGEST_REQUEST = 8 * 1024 * 1024, 64 * 1024
_CLOSING_SECONDS, _WORKING_SECONDS, _PRUNING_SECONDS = 2.0, 0.5, 600.0


class ReliabilityRoom:
    """The contract, its versions and its operations."""

    __slots__ = ()

    contract = "reliability"
    versions: Mapping[str, Offer] = MappingProxyType(
        {
            "1.0.0": Offer(_FIRST_OPERATIONS, _CHANNELS),
            "1.1.0": Offer(
                _FIRST_OPERATIONS | _LATER_OPERATIONS,
                _CHANNELS,
                {"ingestEvents": _LARGEST_BATCH, "createExport": _LARGEST_REQUEST},
                issued_scheme="pollToken",
            ),
        }
    )
    tenants = SampleTenants(PRIMARY, OTHER, EMPTY, FURTHER)

    async def open(self, dsn: str, settings: Settings) -> OpenReliability:
        """Connect and migrate."""
        from .store import Store

        store = await Store.open(dsn)
        try:
            key = settings.cursor_key or await store.cursor_key()
        except BaseException:
            await store.aclose()
            raise
        return OpenReliability(store, key, settings.cursor_seconds, Versions("reliability", settings.memory))


class OpenReliability:
    """The handlers, the feed and the background work over one store."""

    __slots__ = ("_cursor_key", "_cursor_seconds", "_facts", "_store")

    def __init__(self, store: Store, cursor_key: bytes, cursor_seconds: float, facts: Versions) -> None:
        self._store = store
        self._cursor_key = cursor_key
        self._cursor_seconds = cursor_seconds
        self._facts = facts

    async def ping(self) -> None:
        """Return when the store answers."""
        await self._store.ping()

    async def load_sample(self, seed: int, now: datetime) -> Sample:
        """Load the small sample."""
        from .sample import load_small

        return Sample((await load_small(self._store, seed, now)).window)

    def handlers(self, context: RoomContext) -> Mapping[str, Answering]:
        """The operations of a version."""
        from .routes import FailureList, FunnelNumbersRoute, SnapshotRoute
        from .routes.failures import PositionKeys

        contract, settings, store = context.contract, context.settings, self._store
        cache = AnswerCache(_shortest_age(contract), settings.cache_bytes)
        cursors: Cursors[PositionKeys] = Cursors(self._cursor_key, settings.cursor_seconds, PositionKeys)
        later = not contract.endpoints.keys().isdisjoint(_LATER_OPERATIONS)
        numbers = FunnelNumbersRoute(store, cache, self._facts, settings.patience_seconds, context.metrics, later=later)
        handlers: dict[str, Answering] = {
            "getFunnelMetrics": numbers.answer,
            "listFailures": FailureList(store, cursors, context.switchboard, later=later).answer,
            "getRealtimeSnapshot": SnapshotRoute(store).answer,
        }
        return {**handlers, **self._later_handlers(context, cache)} if later else handlers

    def _later_handlers(self, context: RoomContext, cache: AnswerCache) -> Mapping[str, Answering]:
        """The operations since version 1.1."""
        from .routes import EventsRoute, TenantRanking
        from .routes.tenants import RankingKeys

        contract, settings, store = context.contract, context.settings, self._store
        cursors: Cursors[RankingKeys] = Cursors(self._cursor_key, settings.cursor_seconds, RankingKeys)
        exports = self._exports({name: endpoint.operation.path for name, endpoint in contract.endpoints.items()})
        ranking = TenantRanking(store, cache, self._facts, cursors, context.switchboard, settings.patience_seconds, context.metrics)
        return {
            "ingestEvents": EventsRoute(store, self._facts, contract.contract, context.metrics).answer,
            "createExport": exports.create,
            "getExport": exports.get,
            "cancelExport": exports.cancel,
            "getExportContent": exports.content,
            "rankTenants": ranking.answer,
        }

    def _exports(self, paths: Mapping[str, str]) -> ExportRoutes:
        from .routes import ExportRoutes

        return ExportRoutes(self._store.jobs, paths)

    def stand_in(self) -> StandIn:
        """The polling tokens of exports."""
        return self._exports({}).stand_in

    def feed(self, context: RoomContext, version: str) -> FeedSource:
        """The incident feed."""
        from .feed import IncidentFeed

        return IncidentFeed(self._store, version)

    def activities(self, window: Window) -> Activities:
        """New failures, late facts and incident changes."""
        from .activities import ReliabilityActivities

        return ReliabilityActivities(self._store, self._facts, window)

    def background(self) -> tuple[Work, ...]:
        """Buckets close and incidents are detected, exports are done, and what is old goes."""
        from assay_server.jobs import Worker

        from .exports import KIND, PHASES, export_work

        jobs = self._store.jobs
        worker = Worker(jobs, {KIND: export_work(self._store, jobs)}, last_phase=len(PHASES) - 1)
        return (
            Work("closing", self._store.keep_up, _CLOSING_SECONDS),
            Work("exports", worker.work, _WORKING_SECONDS),
            Work("old exports", self._prune, _PRUNING_SECONDS),
        )

    async def _prune(self) -> None:
        await self._store.jobs.prune()
        await self._store.rankings.prune(self._cursor_seconds)

    async def aclose(self) -> None:
        """Close the store."""
        await self._store.aclose()


def _shortest_age(contract: ServedContract) -> int:
    """How many seconds an answer is kept at least by those who may keep one."""
    return min(endpoint.max_age for endpoint in contract.endpoints.values() if endpoint.max_age)
