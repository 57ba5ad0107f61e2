"""The room of `executive`: what serves the contract, opened only once Postgres is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from assay_server.background import Work
from assay_server.contract_room import Offer, RoomContext, Sample, Window
from assay_server.feed.source import FeedSource
from assay_server.http.caching import Versions
from assay_server.http.calls import Answering
from assay_server.operations.hook import Activities
from assay_server.settings import Settings

from .clock import Clock, utc_now

if TYPE_CHECKING:
    from .store import Store

_OLDER = frozenset({"getExecutiveDashboard", "getKpi", "getUptime", "listCustomersAtRisk", "logEvent"})
_BOUNDS = {"logEvent": 64 * 1024}
_VERSION_SECONDS, _PURGE_SECONDS = 1.0, 3600.0


class ExecutiveRoom:
    """The contract, its versions and its operations."""

    __slots__ = ("_clock",)

    contract = "executive"
    versions: Mapping[str, Offer] = MappingProxyType(
        {"1.0.0": Offer(_OLDER, body_bytes=_BOUNDS), "1.1.0": Offer(_OLDER | {"getQualityGates"}, body_bytes=_BOUNDS)}
    )
    tenants = None

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock

    async def open(self, dsn: str, settings: Settings) -> OpenExecutive:
        """Connect and migrate."""
        from .store import Store

        return OpenExecutive(await Store.open(dsn), self._clock, Versions("executive", settings.memory))


class OpenExecutive:
    """The handlers and the background work over one store."""

    __slots__ = ("_clock", "_store", "_version", "_versions")

    def __init__(self, store: Store, clock: Clock, versions: Versions) -> None:
        self._store = store
        self._clock = clock
        self._versions = versions
        self._version: int | None = None

    async def ping(self) -> None:
        """Return when the store answers."""
        await self._store.ping()

    async def load_sample(self, seed: int, now: datetime) -> Sample:
        """Load the small sample."""
        from .sample import small

        await self._store.record(small(seed, now), patient=True)
        return Sample((now - timedelta(days=2), now - timedelta(days=1)), parameters={"key": "revenue"})

    def handlers(self, context: RoomContext) -> Mapping[str, Answering]:
        """Every operation that the version has."""
        from .event_log import EventLog
        from .hot_reads import HotReads
        from .routes import CustomersAtRisk, Dashboard, KpiDetail, LogEvent, QualityGates, UptimeDetail

        settings = context.settings
        reads = HotReads(settings.hot_reads, settings.cache_bytes, settings.patience_seconds, self._versions, context.metrics)
        handlers: dict[str, Answering] = {
            "getExecutiveDashboard": Dashboard(self._store, reads, self._clock).answer,
            "getKpi": KpiDetail(self._store, reads, self._clock).answer,
            "getUptime": UptimeDetail(self._store, reads, self._clock).answer,
            "listCustomersAtRisk": CustomersAtRisk(self._store, reads, self._clock).answer,
            "logEvent": LogEvent(EventLog(self._store, settings.events)).answer,
            "getQualityGates": QualityGates(self._store).answer,
        }
        return {name: handler for name, handler in handlers.items() if name in context.contract.endpoints}

    def feed(self, context: RoomContext, version: str) -> FeedSource | None:
        """None: alerts are polled."""
        return None

    def activities(self, window: Window) -> Activities:
        """Money recognized and new alerts."""
        from .activities import ExecutiveActivities

        return ExecutiveActivities(self._store, self._versions, self._clock)

    def background(self) -> tuple[Work, ...]:
        """Answers that are kept hear of new records, and what is no longer asked for goes."""
        return (Work("books", self._watch, _VERSION_SECONDS), Work("purging", self._purge, _PURGE_SECONDS))

    async def _watch(self) -> None:
        """Notice what any server of this database recorded."""
        version = await self._store.version()
        if self._version is not None and version != self._version:
            self._versions.bump("")
        self._version = version

    async def _purge(self) -> None:
        await self._store.purge()

    async def aclose(self) -> None:
        """Close the store."""
        await self._store.aclose()
