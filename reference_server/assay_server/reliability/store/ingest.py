"""How facts come in: COPY into a stage, each event id once, late ones noted.

The order of steps is the point. The advisory lock is taken in a statement of its own, so that the snapshot of
the statement after it is younger than the lock and sees the watermark as it then stands. Every insert of
more than one row goes by key order, so that concurrent batches wait for each other and never deadlock.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from psycopg import sql
from psycopg.errors import UniqueViolation

from assay_server.postgres.connections import Connection, Connections
from assay_server.rollups import bin_of

from .facts import Fact
from .values import Ingested

LOCK_SPACE = 0x41534C
"""The first half of every ingest lock; the second is a stripe."""

_STRIPES = 64

_CAUTIOUS_FOR = 16
"""How many batches are asked about row by row after one that held a known event."""

_DAYS_LOCK = 0x41534450

_COPY = (
    "copy stage (tenant_id, event_id, event_time, event_type, channel, component, error_class, "
    "retry_outcome, latency_ms, latency_bin, correlation_id, scenario_id, scenario_version, step) from stdin (format binary)"
)
_TYPES = (
    "text", "text", "timestamptz", "text", "text", "text", "text", "text",
    "int4", "int2", "text", "text", "text", "text",
)  # fmt: skip

_INSERT_ALL = """
with ids as (
  insert into event_ids (tenant_id, event_id, event_time)
  select tenant_id, event_id, event_time from stage order by tenant_id, event_id
), late as (
  insert into late_facts
  select s.tenant_id, s.event_id, s.event_time, s.event_type, s.channel, s.error_class,
         s.retry_outcome, s.latency_bin
  from stage s join tenants t using (tenant_id)
  where s.event_time < t.closed_to
  order by s.tenant_id, s.event_id
)
insert into facts select * from stage order by tenant_id, event_time
"""

_INSERT_NEW = """
with fresh as (
  insert into event_ids (tenant_id, event_id, event_time)
  select tenant_id, event_id, event_time from stage order by tenant_id, event_id
  on conflict do nothing
  returning tenant_id, event_id
), stored as (
  insert into facts
  select s.* from stage s join fresh using (tenant_id, event_id) order by s.tenant_id, s.event_time
), late as (
  insert into late_facts
  select s.tenant_id, s.event_id, s.event_time, s.event_type, s.channel, s.error_class,
         s.retry_outcome, s.latency_bin
  from stage s join fresh using (tenant_id, event_id) join tenants t using (tenant_id)
  where s.event_time < t.closed_to
  order by s.tenant_id, s.event_id
)
select count(*) from fresh
"""


def stripe_of(tenant_id: str) -> int:
    """Return the lock stripe of a tenant; the same in every process."""
    return zlib.crc32(tenant_id.encode()) % _STRIPES


class Ingest:
    """Takes batches of facts; remembers which tenants and days have their place already."""

    __slots__ = ("_cautious", "_connections", "_days", "_tenants")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._days: set[date] = set()
        self._tenants: set[str] = set()
        self._cautious = 0

    async def add(self, facts: Sequence[Fact], *, patient: bool = False) -> Ingested:
        """Store the facts that are new; one event id of one tenant is one fact, whatever else it says."""
        once = {(fact.tenant_id, fact.event_id): fact for fact in reversed(facts)}
        if not once:
            return Ingested(0, 0)
        tenants = {tenant for tenant, _ in once}
        await self._make_room(tenants, {fact.event_time.astimezone(UTC).date() for fact in once.values()})
        stripes = sorted({stripe_of(tenant) for tenant in tenants})
        async with self._connections.write(patient=patient) as connection:
            await _stage(connection, once.values())
            await connection.execute(
                "select pg_advisory_xact_lock_shared(%s, stripe) from unnest(%s::int4[]) as stripe",
                (LOCK_SPACE, stripes),
            )
            accepted = await self._insert(connection)
        return Ingested(accepted, len(facts) - accepted)

    async def _insert(self, connection: Connection) -> int:
        """Move what is new from the stage to the facts and return how much that was.

        Hoping that everything is new costs a third less than asking row by row. A batch that disappoints is
        asked about after all, and so are the next few, since what is sent again is seldom sent alone.
        """
        if self._cautious == 0:
            with suppress(UniqueViolation):
                async with connection.transaction():
                    return (await connection.execute(_INSERT_ALL)).rowcount
            self._cautious = _CAUTIOUS_FOR
        self._cautious -= 1
        row = await (await connection.execute(_INSERT_NEW)).fetchone()
        return int(row[0]) if row else 0

    async def _make_room(self, tenants: set[str], days: set[date]) -> None:
        if new_tenants := tenants - self._tenants:
            async with self._connections.write() as connection:
                await connection.execute(
                    "insert into tenants (tenant_id) select unnest(%s::text[]) on conflict do nothing",
                    (sorted(new_tenants),),
                )
            self._tenants |= new_tenants
        if new_days := days - self._days:
            async with self._connections.write(patient=True) as connection:
                await _make_partitions(connection, sorted(new_days))
            self._days |= new_days


async def _stage(connection: Connection, facts: Iterable[Fact]) -> None:
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for fact in facts:
            latency = fact.latency_ms
            await copy.write_row((
                fact.tenant_id, fact.event_id, fact.event_time, fact.event_type, fact.channel or "",
                fact.component or "", fact.error_class or "", fact.retry_outcome or "",
                latency, None if latency is None else bin_of(latency),
                fact.correlation_id, fact.scenario_id, fact.scenario_version, fact.step or "",
            ))  # fmt: skip


async def _make_partitions(connection: Connection, days: Sequence[date]) -> None:
    """Attach a partition a day; attaching, unlike creating in place, does not stop readers and writers."""
    await connection.execute("select pg_advisory_xact_lock(%s)", (_DAYS_LOCK,))
    for day in days:
        name = f"facts_{day:%Y%m%d}"
        known = await (await connection.execute("select to_regclass(%s)", (name,))).fetchone()
        if known and known[0] is not None:
            continue
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        await connection.execute(sql.SQL("create table {} (like facts)").format(sql.Identifier(name)))
        await connection.execute(
            sql.SQL("alter table facts attach partition {} for values from ({}) to ({})").format(
                sql.Identifier(name),
                sql.Literal(start.isoformat()),
                sql.Literal((start + timedelta(days=1)).isoformat()),
            )
        )
