"""The room of `windowing`: what serves the contract, opened only once Postgres is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from assay_server.background import Work
from assay_server.contract_room import Offer, RoomContext, Sample, Window
from assay_server.faults import Switchboard
from assay_server.feed.progress import ProgressSource
from assay_server.feed.source import FeedSource
from assay_server.http.caching import Versions
from assay_server.http.calls import Answering
from assay_server.http.cursors import Cursors
from assay_server.operations.hook import Activities
from assay_server.settings import Settings

if TYPE_CHECKING:
    from .store import EventStore

_OPERATIONS = frozenset({"getSummary", "getDrilldown", "getJob", "cancelJob", "getJobResult", "ingestNostrEvents"})
_SUCCESSORS = {"getUserSummary": "/api/v2/analytics/user/{pubkey}/summary"}
_FOLDING_SECONDS, _WORKING_SECONDS, _PRUNING_SECONDS = 2.0, 0.1, 600.0
_CURSOR_SECONDS = 15 * 60
"""How long a walk may take: so long can numbers be asked for as of its first page."""


class WindowingRoom:
    """The contract, its versions and its operations."""

    __slots__ = ()

    contract = "windowing"
    versions: Mapping[str, Offer] = MappingProxyType(
        {
            "1.0.0": Offer(frozenset({"getUserSummary"}), successors=_SUCCESSORS),
            "2.0.0": Offer(_OPERATIONS),
            "2.1.0": Offer(_OPERATIONS, frozenset({"jobProgress"})),
        }
    )
    tenants = None

    async def open(self, dsn: str, settings: Settings) -> OpenWindowing:
        """Connect and migrate."""
        from .store import EventStore

        store = await EventStore.open(dsn)
        try:
            key = settings.cursor_key or await store.cursor_key()
        except BaseException:
            await store.aclose()
            raise
        return OpenWindowing(store, key, Versions("windowing", settings.memory))


class OpenWindowing:
    """The handlers and the background work over one store."""

    __slots__ = ("_cursor_key", "_seed", "_store", "_switchboard", "_versions")

    def __init__(self, store: EventStore, cursor_key: bytes, versions: Versions) -> None:
        self._store = store
        self._cursor_key = cursor_key
        self._versions = versions
        self._seed = 1
        self._switchboard: Switchboard | None = None

    async def ping(self) -> None:
        """Return when the store answers."""
        await self._store.ping()

    async def load_sample(self, seed: int, now: datetime) -> Sample:
        """Load the small sample."""
        from .sample import load_small

        self._seed = seed
        target, window = await load_small(self._store, seed, now)
        return Sample(window, {"pubkey": target, "metric": "zappers"}, {"ingestNostrEvents": "/events/*"})

    def handlers(self, context: RoomContext) -> Mapping[str, Answering]:
        """The operations of a version."""
        if "getUserSummary" in context.contract.endpoints:
            from .routes import LegacyRoute

            return {"getUserSummary": LegacyRoute(self._store).answer}
        from .routes import DrilldownRoute, EventsRoute, JobRoutes, SummaryJobs, SummaryRoute
        from .routes.drilldown import Keys

        self._switchboard = context.switchboard
        contract, settings, store = context.contract, context.settings, self._store
        jobs = SummaryJobs(store, {name: endpoint.operation.path for name, endpoint in contract.endpoints.items()})
        following = JobRoutes(store, jobs)
        cursors: Cursors[Keys] = Cursors(self._cursor_key, min(settings.cursor_seconds, _CURSOR_SECONDS), Keys)
        summary = SummaryRoute(
            store, jobs, self._versions, settings.cache_bytes, settings.patience_seconds, settings.heavy_rows, context.metrics
        )
        return {
            "getSummary": summary.answer,
            "getDrilldown": DrilldownRoute(store, cursors, context.switchboard).answer,
            "getJob": following.get,
            "cancelJob": following.cancel,
            "getJobResult": following.result,
            "ingestNostrEvents": EventsRoute(store, self._versions, contract.contract, context.metrics).answer,
        }

    def feed(self, context: RoomContext, version: str) -> FeedSource | None:
        """None: there is no feed."""
        return None

    def progress(self, context: RoomContext) -> ProgressSource:
        """The progress of summaries that are jobs."""
        from .progress import SummaryProgress
        from .routes import SummaryJobs

        paths = {name: endpoint.operation.path for name, endpoint in context.contract.endpoints.items()}
        return SummaryProgress(self._store, SummaryJobs(self._store, paths))

    def activities(self, window: Window) -> Activities:
        """New events."""
        from .activities import WindowingActivities

        start, end = (int(moment.timestamp()) for moment in window)
        return WindowingActivities(self._store, self._versions, (start, end), self._seed)

    def background(self) -> tuple[Work, ...]:
        """Rollups keep up, jobs are done, and old ones go."""
        from assay_server.jobs import Worker

        from .bodies import PHASES
        from .routes.jobs import KIND, summary_work

        worker = Worker(self._store.jobs, {KIND: summary_work(self._store, self._is_held)}, last_phase=len(PHASES) - 1)
        return (
            Work("rollups", self._store.keep_up, _FOLDING_SECONDS),
            Work("jobs", worker.work, _WORKING_SECONDS),
            Work("old jobs", self._prune, _PRUNING_SECONDS),
        )

    def _is_held(self) -> bool:
        """Whether a fault holds up the jobs that summaries are."""
        return self._switchboard is not None and "job-waits" in self._switchboard.active("getSummary", "")

    async def _prune(self) -> None:
        await self._store.jobs.prune()

    async def aclose(self) -> None:
        """Close the store."""
        await self._store.aclose()
