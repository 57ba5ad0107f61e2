"""The store: everything the server asks of Postgres, behind one object."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime
from importlib import resources

from assay_server.jobs import JobStore
from assay_server.jobs.store import MIGRATIONS as JOB_MIGRATIONS
from assay_server.postgres.connections import Connections, Limits
from assay_server.postgres.distribution import is_distributed
from assay_server.postgres.migrations import Migrations
from assay_server.postgres.owning_store import OwningStore, open_connections
from assay_server.postgres.shared_keys import shared_key
from assay_server.postgres.store_errors import StoreDown
from assay_server.rollups import STEP, Incident, floor

from .closing import LAG, Closing
from .facts import Fact
from .failures import Failures
from .funnel import Funnel
from .incidents import RETAINED, Incidents
from .ingest import Ingest
from .placing import ManyMachines, OneMachine
from .rankings import Rankings
from .stage import STAGE
from .upkeep import Upkeep
from .values import (
    FailurePage,
    FailureQuery,
    FunnelAnswer,
    FunnelPlan,
    FunnelQuery,
    IncidentChanges,
    IncidentState,
    Ingested,
)

MIGRATIONS = Migrations(resources.files("assay_server.reliability.store") / "migrations", "schema_version")


class Store(OwningStore):
    """Facts, rollups and incidents in one Postgres. Every method raises StoreError or a kind of it."""

    __slots__ = ("_closing", "_detected", "_failures", "_funnel", "_incidents", "_ingest", "jobs", "rankings", "upkeep")

    def __init__(self, connections: Connections, *, distributed: bool = False) -> None:
        super().__init__(connections)
        self.jobs = JobStore(connections)
        self.rankings = Rankings(connections)
        self.upkeep = Upkeep(connections)
        self._ingest = Ingest(connections, ManyMachines() if distributed else OneMachine())
        self._closing = Closing(connections)
        self._funnel = Funnel(connections)
        self._failures = Failures(connections)
        self._incidents = Incidents(connections)
        self._detected: datetime | None = None

    @classmethod
    async def open(cls, dsn: str, limits: Limits | None = None) -> Store:
        """Connect and bring the schema up to date; a DSN that is none raises ValueError."""
        connections = await open_connections(dsn, limits, MIGRATIONS, JOB_MIGRATIONS, prepare=STAGE)
        return cls(connections, distributed=await is_distributed(connections, "facts"))

    @property
    def dsn(self) -> str:
        """Where the database is."""
        return self._connections.dsn

    async def cursor_key(self) -> bytes:
        """Return the key that every server of this database signs cursors with."""
        return await shared_key(self._connections, "cursors")

    async def ingest(self, facts: Sequence[Fact], *, patient: bool = False) -> Ingested:
        """Store new facts, all or none; `patient` is for loading, where a batch may take its time."""
        return await self._ingest.add(facts, patient=patient)

    async def close(self, now: datetime | None = None, tenants: Iterable[str] | None = None) -> int:
        """Fold every minute that ended before `now` (default: a little ago) into the rollups."""
        return await self._closing.close(now or datetime.now(UTC) - LAG, tenants)

    async def keep_up(self) -> None:
        """Close buckets and, once a step, detect incidents; the database's clock decides which minute it is.

        Servers whose clocks differ then close alike, and one that is a day ahead cannot close what has not been.
        """
        now = await self.now() - LAG
        await self.close(now)
        step = floor(now, STEP)
        if step != self._detected:
            for tenant in await self.tenants():
                await self.detect(tenant, step)
            self._detected = step

    async def now(self) -> datetime:
        """Return the database's time."""
        async with self._connections.read() as connection:
            row = await (await connection.execute("select clock_timestamp()", binary=True)).fetchone()
        if row is None:
            raise StoreDown("the database returned no row, expected one")
        moment: datetime = row[0]
        return moment.astimezone(UTC)

    async def tenants(self) -> tuple[str, ...]:
        """Return every tenant that ever had a fact, in order."""
        async with self._connections.read() as connection:
            cursor = await connection.execute("select tenant_id from tenants order by tenant_id")
            return tuple(str(row[0]) for row in await cursor.fetchall())

    async def funnel(self, query: FunnelQuery) -> FunnelAnswer:
        """Answer from rollups and the live delta."""
        return await self._funnel.answer(query)

    async def funnel_raw(self, query: FunnelQuery) -> FunnelAnswer:
        """Answer from the facts alone, for comparison."""
        return await self._funnel.answer_raw(query)

    async def funnel_both(self, query: FunnelQuery) -> tuple[FunnelAnswer, FunnelAnswer]:
        """Answer from rollups and from the facts alone, in one snapshot."""
        return await self._funnel.both(query)

    async def funnel_plan(self, query: FunnelQuery) -> FunnelPlan:
        """How a query is answered."""
        return await self._funnel.plan(query)

    async def failures(self, query: FailureQuery) -> FailurePage:
        """Return one page of failures."""
        return await self._failures.page(query)

    async def count_failures(self, query: FailureQuery, at_most: int) -> int:
        """Count the failures of a query, up to a bound."""
        return await self._failures.count(query, at_most)

    async def incidents(self, tenant_id: str, after: int | None = None) -> IncidentState:
        """Return the incidents as of one sequence number, with the changes since another when asked."""
        return await self._incidents.state(tenant_id, after)

    async def changes_after(self, tenant_id: str, after: int, limit: int = RETAINED) -> IncidentChanges:
        """Return change sets after a sequence number, oldest first."""
        return await self._incidents.changes_after(tenant_id, after, limit)

    async def apply_changes(self, tenant_id: str, changes: Sequence[Incident]) -> int:
        """Append one change set and return its sequence number."""
        return await self._incidents.apply(tenant_id, changes)

    async def detect(self, tenant_id: str, now: datetime) -> tuple[int, ...]:
        """Open, change and resolve incidents by the failures up to `now`; return the new sequence numbers."""
        return await self._incidents.detect(tenant_id, now)

    def listen(self) -> AsyncGenerator[tuple[str, int]]:
        """Yield (tenant, sequence number) as changes are committed, for as long as it is iterated."""
        return self._incidents.listen()
