"""How facts come in: COPY into a stage, each event id once, late ones noted.

The order of steps is the point. The advisory lock is taken in a statement of its own, so that the snapshot of
the statement after it is younger than the lock and sees the watermark as it then stands. Every insert of
more than one row goes by key order, so that concurrent batches wait for each other and never deadlock.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from psycopg import sql

from assay_server.postgres.connections import Connection, Connections
from assay_server.rollups import bin_of

from .facts import Fact
from .placing import Placing
from .values import Ingested

LOCK_SPACE = 0x41534C
"""The first half of every ingest lock; the second is a stripe."""

_STRIPES = 64

_DAYS_LOCK = 0x41534450

_COPY = (
    "copy stage (tenant_id, event_id, event_time, event_type, channel, component, error_class, "
    "retry_outcome, latency_ms, latency_bin, correlation_id, scenario_id, scenario_version, step) from stdin (format binary)"
)
_TYPES = (
    "text", "text", "timestamptz", "text", "text", "text", "text", "text",
    "int4", "int2", "text", "text", "text", "text",
)  # fmt: skip


def stripe_of(tenant_id: str) -> int:
    """Return the lock stripe of a tenant; the same in every process."""
    return zlib.crc32(tenant_id.encode()) % _STRIPES


class Ingest:
    """Takes batches of facts; remembers which tenants and days have their place already."""

    __slots__ = ("_connections", "_days", "_placing", "_tenants")

    def __init__(self, connections: Connections, placing: Placing) -> None:
        self._connections = connections
        self._placing = placing
        self._days: set[date] = set()
        self._tenants: set[str] = set()

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
            accepted = await self._placing.place(connection, once.values())
        return Ingested(accepted, len(facts) - accepted)

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
