"""The store: everything that windowing asks of Postgres, behind one object."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from assay_server.jobs import JobStore
from assay_server.jobs.store import MIGRATIONS as JOB_MIGRATIONS
from assay_server.postgres.connections import Connections, Limits
from assay_server.postgres.migrations import Migrations
from assay_server.postgres.owning_store import OwningStore, open_connections
from assay_server.postgres.shared_keys import shared_key
from assay_server.windowing.drilldowns import Metric
from assay_server.windowing.events import EventRejected
from assay_server.windowing.facts import Fact
from assay_server.windowing.spans import Window

from .folding import Folding
from .ingest import STAGE, Ingest
from .reading import Reading
from .upkeep import RollupUpkeep
from .values import EntryPage, Ingested, Page, Question, Summary

MIGRATIONS = Migrations(resources.files("assay_server.windowing.store") / "migrations", "nostr_schema_version")


class EventStore(OwningStore):
    """Events, rollups and jobs in one Postgres. Every method raises StoreError or a kind of it."""

    __slots__ = ("_folding", "_ingest", "_reading", "jobs", "upkeep")

    def __init__(self, connections: Connections, jobs: JobStore) -> None:
        super().__init__(connections)
        self._ingest = Ingest(connections)
        self._folding = Folding(connections)
        self._reading = Reading(connections)
        self.jobs = jobs
        self.upkeep = RollupUpkeep(connections)

    @classmethod
    async def open(cls, dsn: str, limits: Limits | None = None) -> EventStore:
        """Connect and bring the schema up to date; a DSN that is none raises ValueError."""
        connections = await open_connections(dsn, limits, MIGRATIONS, JOB_MIGRATIONS, prepare=STAGE)
        return cls(connections, JobStore(connections))

    async def cursor_key(self) -> bytes:
        """Return the key that every server of this database signs cursors with."""
        return await shared_key(self._connections, "cursors")

    async def ingest(self, facts: Sequence[tuple[Fact, str | None]], *, patient: bool = False) -> Ingested:
        """Store new facts, each with its relay, all or none; `patient` is for loading, where a batch may take its time."""
        return await self._ingest.add(facts, patient=patient)

    async def set_aside(self, rejected: Sequence[tuple[EventRejected, str | None]]) -> None:
        """Keep why events were rejected, each with its id where that could be read."""
        await self._ingest.set_aside(rejected)

    async def fold(self) -> int:
        """Bring the rollups up to date; return how many buckets changed."""
        return await self._folding.fold()

    async def keep_up(self) -> None:
        """Bring the rollups up to date and forget what they no longer need."""
        await self._folding.fold()
        await self._folding.forget()

    async def summary(self, question: Question, metrics: Sequence[Metric] = ()) -> Summary:
        """The cards, the timeline and the first entries of drill-downs; raises `InvalidWindow`."""
        return await self._reading.summary(question, metrics)

    async def raw_summary(self, question: Question) -> Summary:
        """The cards and the timeline of a window, counted from its facts; raises `InvalidWindow`."""
        return await self._reading.summary(question, raw=True)

    async def entries(self, question: Question, page: Page) -> EntryPage:
        """One page of a drill-down; raises `InvalidWindow`."""
        return await self._reading.entries(question, page)

    async def cost(self, target: str, window: Window, at_most: int) -> int:
        """How many rows of senders a window has in the rollups, counted up to a bound."""
        return await self._reading.cost(target, window, at_most)
