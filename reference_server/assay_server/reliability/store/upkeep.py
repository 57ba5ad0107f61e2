"""Upkeep of the rollups: compared with the facts, computed anew, and thinned out once the coarser ones are verified.

Each step is one tenant in one transaction, alone on the tenant's lock stripe. A task that is stopped goes on with the tenants that are
left: what is done shows in the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assay_server.postgres.connections import Connection, Connections
from assay_server.postgres.partitions import partitions_before
from assay_server.rollups import Tier, floor

from .closing import CLOSE, ROLLUPS, Rollup, lock_tenant, settle


@dataclass(frozen=True, slots=True)
class Difference:
    """A bucket that does not say what its facts say; None where one of both has no such bucket."""

    table: str
    tenant_id: str
    bucket: datetime
    dimensions: tuple[str, ...]
    stored: tuple[int, ...] | None
    computed: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Verified:
    """How many buckets of a tenant were compared, and those that differ."""

    buckets: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Compacted:
    """How many minutes of a tenant were removed; `unlike` hours that differ from their minutes keep everything."""

    removed: int
    unlike: int = 0


def _compare_statement(rollup: Rollup) -> bytes:
    """Counts anew from the facts that are folded, in another way than folding does, and joins that with what is stored."""
    names = "".join(f", {name}" for name in rollup.dimensions)
    every = "".join(f", case when grouping({name}) = 1 then '*' else {name} end as {name}" for name in rollup.dimensions)
    cube = f", cube ({', '.join(rollup.dimensions)})" if rollup.dimensions else ""
    return f"""
with folded as (
  select date_bin('{rollup.length}', event_time, 'epoch') as bucket{names}, event_type, retry_outcome, latency_bin
  from facts f
  where tenant_id = %(tenant)s and event_time >= %(start)s and event_time < %(end)s
    and event_type in ('funnel_view', 'lead_submitted', 'validation_failed', 'async_failure')
    and not exists (select from late_facts l where l.tenant_id = f.tenant_id and l.event_id = f.event_id)
), counts as (
  select bucket{every},
    count(*) filter (where event_type = 'funnel_view') as starts,
    count(*) filter (where event_type = 'lead_submitted') as submissions,
    count(*) filter (where event_type = 'lead_submitted' and retry_outcome not in ('', 'none')) as retried,
    count(*) filter (where event_type in ('validation_failed', 'async_failure')) as failures
  from folded group by bucket{cube}
), bins as (
  select bucket{every}, latency_bin, count(*) as n from folded
  where event_type = 'lead_submitted' and latency_bin is not null group by bucket, latency_bin{cube}
), sketches as (
  select bucket{names}, array_agg(latency_bin order by latency_bin)::int2[] as bins, array_agg(n order by latency_bin)::int4[] as counts
  from bins group by bucket{names}
), computed as (
  select bucket{names}, starts, submissions, retried, failures,
    coalesce(bins, '{{}}'::int2[]) as bins, coalesce(counts, '{{}}'::int4[]) as counts
  from counts left join sketches using (bucket{names})
), stored as (
  select * from {rollup.table} where tenant_id = %(tenant)s and bucket >= %(start)s and bucket < %(end)s
)
select bucket, array[{", ".join(rollup.dimensions)}]::text[],
  case when s.starts is null then null else array[s.starts, s.submissions, s.retried, s.failures] end,
  case when c.starts is null then null else array[c.starts, c.submissions, c.retried, c.failures] end,
  (s.starts, s.submissions, s.retried, s.failures, s.bins, s.counts)
    is distinct from (c.starts, c.submissions, c.retried, c.failures, c.bins, c.counts)
from stored s full join computed c using (bucket{names})
""".encode()  # noqa: S608 - built from constants


_COMPARE = tuple((rollup, _compare_statement(rollup)) for rollup in ROLLUPS)

_UNLIKE_HOURS = b"""
with minutes as (
  select date_bin('1 hour', bucket, 'epoch') as hour, sum(starts) as starts, sum(submissions) as submissions,
         sum(retried) as retried, sum(failures) as failures
  from rollup_minutes where tenant_id = %(tenant)s and bucket >= %(start)s and bucket < %(end)s group by 1
), minute_bins as (
  select hour, array_agg(bin order by bin) as bins, array_agg(n order by bin) as counts from (
    select date_bin('1 hour', bucket, 'epoch') as hour, bin, sum(n) as n
    from rollup_minutes, unnest(bins, counts) as sketch (bin, n)
    where tenant_id = %(tenant)s and bucket >= %(start)s and bucket < %(end)s group by 1, 2
  ) as parts group by hour
), hours as (
  select bucket as hour, starts, submissions, retried, failures, bins, counts from rollup_hours
  where tenant_id = %(tenant)s and channel = '*' and error_class = '*' and bucket >= %(start)s and bucket < %(end)s
)
select count(*) from hours h full join minutes m using (hour) left join minute_bins b using (hour)
where (h.starts, h.submissions, h.retried, h.failures) is distinct from (m.starts, m.submissions, m.retried, m.failures)
   or h.bins is distinct from coalesce(b.bins, '{}') or h.counts::int8[] is distinct from coalesce(b.counts, '{}')::int8[]
"""


class Upkeep:
    """Verifies, recomputes and thins out the rollups of one tenant at a time."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def verify(self, tenant: str) -> Verified:
        """Compare every bucket that rests on kept facts with those facts."""
        async with self._connections.write(patient=True) as connection:
            await lock_tenant(connection, tenant)
            kept_from = await _kept_from(connection)
            closed_to, minutes_from = await _marks(connection, tenant)
            buckets, differences = 0, list[Difference]()
            for rollup, statement in _COMPARE:
                start = max(kept_from, minutes_from) if rollup.tier is Tier.MINUTE else kept_from
                bounds = {"tenant": tenant, "start": start, "end": floor(closed_to, rollup.tier.value)}
                cursor = await connection.execute(statement, bounds)
                for bucket, dimensions, stored, computed, differs in await cursor.fetchall():
                    buckets += 1
                    if differs:
                        counts = (None if numbers is None else tuple(numbers) for numbers in (stored, computed))
                        differences.append(Difference(rollup.table, tenant, bucket, tuple(dimensions), *counts))
        return Verified(buckets, tuple(differences))

    async def backfill(self, tenant: str, start: datetime, end: datetime) -> bool:
        """Compute the buckets of whole days anew from the facts; False when this backfill has done the tenant before."""
        start, end = floor(start, Tier.DAY.value), floor(end, Tier.DAY.value)
        async with self._connections.write(patient=True) as connection:
            await lock_tenant(connection, tenant)
            noted = await connection.execute(
                "insert into backfills (tenant_id, range_start, range_end) values (%s, %s, %s) on conflict do nothing", (tenant, start, end)
            )
            if not noted.rowcount:
                return False
            await settle(connection, tenant)
            closed_to, minutes_from = await _marks(connection, tenant)
            kept_from = await _kept_from(connection)
            for rollup, (tier, statement) in zip(ROLLUPS, CLOSE, strict=True):
                first = max(start, kept_from, minutes_from if tier is Tier.MINUTE else start)
                last = min(end, floor(closed_to, tier.value))
                bounds = {"tenant": tenant, "start": first, "end": last}
                if first < last:
                    await connection.execute(
                        f"delete from {rollup.table} where tenant_id = %(tenant)s and bucket >= %(start)s and bucket < %(end)s".encode(),  # noqa: S608
                        bounds,
                    )
                    await connection.execute(statement, bounds)
        return True

    async def finish_backfill(self, start: datetime, end: datetime) -> None:
        """Forget that a backfill was under way: the next one of the range does every tenant again."""
        async with self._connections.write() as connection:
            bounds = (floor(start, Tier.DAY.value), floor(end, Tier.DAY.value))
            await connection.execute("delete from backfills where range_start = %s and range_end = %s", bounds)

    async def compact(self, tenant: str, before: datetime) -> Compacted:
        """Remove the minutes before a full hour, once every hour says what its minutes say."""
        async with self._connections.write(patient=True) as connection:
            await lock_tenant(connection, tenant)
            await settle(connection, tenant)
            closed_to, minutes_from = await _marks(connection, tenant)
            until = min(floor(before, Tier.HOUR.value), floor(closed_to, Tier.HOUR.value))
            if until <= minutes_from:
                return Compacted(0)
            bounds = {"tenant": tenant, "start": minutes_from, "end": until}
            row = await (await connection.execute(_UNLIKE_HOURS, bounds)).fetchone()
            unlike = int(row[0]) if row else 0
            if unlike:
                return Compacted(0, unlike)
            removed = await connection.execute("delete from rollup_minutes where tenant_id = %(tenant)s and bucket < %(end)s", bounds)
            await connection.execute("update tenants set minutes_from = %(end)s where tenant_id = %(tenant)s", bounds)
            return Compacted(removed.rowcount)

    async def retain(self, before: datetime) -> tuple[str, ...]:
        """Remove the facts of whole days before a moment, with their ids; return the names of the days that went.

        Days whose facts are not all in the day rollups stay.
        """
        async with self._connections.write(patient=True) as connection:
            row = await (await connection.execute("select min(closed_to) from tenants")).fetchone()
        closed_to: datetime = row[0] if row and row[0] is not None else before
        until = floor(min(before, closed_to), Tier.DAY.value)
        names: list[str] = []
        for name in await partitions_before(self._connections, "facts", until):
            async with self._connections.write(patient=True) as connection:
                waiting = await (
                    await connection.execute("select exists (select 1 from late_facts where event_time < %s)", (until,))
                ).fetchone()
                if waiting and waiting[0]:
                    break
                await connection.execute(f"alter table facts detach partition {name}".encode())
                await connection.execute(f"drop table {name}".encode())
                day = datetime.fromisoformat(f"{name.removeprefix('facts_')}T00:00:00Z")
                following = day + Tier.DAY.value
                await connection.execute("delete from event_ids where event_time < %s", (following,))
                await connection.execute(
                    "insert into kept_facts (kept_from) values (%s) on conflict (only_row) do update set "
                    "kept_from = greatest(kept_facts.kept_from, excluded.kept_from)",
                    (following,),
                )
            names.append(name)
        return tuple(names)


async def _marks(connection: Connection, tenant: str) -> tuple[datetime, datetime]:
    """How far the rollups of a tenant reach, and where its minutes begin."""
    cursor = await connection.execute("select closed_to, minutes_from from tenants where tenant_id = %s", (tenant,))
    row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]


async def _kept_from(connection: Connection) -> datetime:
    """Where the facts begin."""
    row = await (await connection.execute("select coalesce((select kept_from from kept_facts), 'epoch')")).fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment
