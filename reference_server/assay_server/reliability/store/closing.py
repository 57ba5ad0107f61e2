"""How buckets close: facts behind the new watermark are folded once, late ones are added.

One tenant at a time, in one transaction, alone on the tenant's lock stripe: no batch of facts is half in a
bucket. Folding adds to what the bucket holds, so it serves a first closing and a late fact alike, and needs no
raw facts that may be gone by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay_server.postgres.connections import Connection, Connections
from assay_server.rollups import Tier, floor

from .ingest import LOCK_SPACE, stripe_of

LAG = timedelta(seconds=5)
"""How long a minute stays open after its end, for facts that are on their way."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """A tier, its table, and what its buckets are kept apart by."""

    tier: Tier
    table: str
    length: str
    dimensions: tuple[str, ...]


ROLLUPS = (
    Rollup(Tier.MINUTE, "rollup_minutes", "1 minute", ()),
    Rollup(Tier.HOUR, "rollup_hours", "1 hour", ("channel", "error_class")),
    Rollup(Tier.DAY, "rollup_days", "1 day", ("channel", "error_class")),
)


def _fold_statement(rollup: Rollup, source: str) -> bytes:
    dims = "".join(f", {name}" for name in rollup.dimensions)
    every = "".join(f", case when grouping({name}) = 1 then '*' else {name} end as {name}" for name in rollup.dimensions)
    cube = f"cube ({', '.join(rollup.dimensions)})" if rollup.dimensions else "()"
    key = f"bucket{dims}"
    statement = f"""
with finest as materialized (
  select date_bin('{rollup.length}', event_time, 'epoch') as bucket{dims}, event_type,
         retry_outcome not in ('', 'none') as was_retried, latency_bin, count(*) as n
  from {source}
  where tenant_id = %(tenant)s and event_time >= %(start)s and event_time < %(end)s
    and event_type in ('funnel_view', 'lead_submitted', 'validation_failed', 'async_failure')
  group by bucket{dims}, event_type, was_retried, latency_bin
), counted as materialized (
  select bucket{every}, event_type, was_retried, latency_bin, sum(n)::int8 as n
  from finest group by bucket, event_type, was_retried, latency_bin, {cube}
), touched as (
  select distinct {key} from counted
), existing as (
  select r.* from {rollup.table} r join touched using ({key}) where r.tenant_id = %(tenant)s
), sums as (
  select {key}, sum(starts) as starts, sum(submissions) as submissions,
         sum(retried) as retried, sum(failures) as failures
  from (
    select {key},
           case when event_type = 'funnel_view' then n else 0 end as starts,
           case when event_type = 'lead_submitted' then n else 0 end as submissions,
           case when event_type = 'lead_submitted' and was_retried then n else 0 end as retried,
           case when event_type in ('validation_failed', 'async_failure') then n else 0 end as failures
    from counted
    union all
    select {key}, starts, submissions, retried, failures from existing
  ) as parts group by {key}
), binned as (
  select {key}, bin, sum(n) as n from (
    select {key}, latency_bin as bin, n from counted
    where event_type = 'lead_submitted' and latency_bin is not null
    union all
    select {key}, unnest(bins), unnest(counts) from existing
  ) as parts group by {key}, bin
), sketches as (
  select {key}, array_agg(bin order by bin)::int2[] as bins, array_agg(n order by bin)::int4[] as counts
  from binned group by {key}
)
insert into {rollup.table} (tenant_id, {key}, starts, submissions, retried, failures, bins, counts)
select %(tenant)s, {key}, starts, submissions, retried, failures,
       coalesce(bins, '{{}}'), coalesce(counts, '{{}}')
from sums left join sketches using ({key}) order by {key}
on conflict (tenant_id, {key}) do update set
  starts = excluded.starts, submissions = excluded.submissions, retried = excluded.retried,
  failures = excluded.failures, bins = excluded.bins, counts = excluded.counts
"""  # noqa: S608 - built from the constants above
    return statement.encode()


CLOSE = tuple((rollup.tier, _fold_statement(rollup, "facts")) for rollup in ROLLUPS)
_FOLD_LATE = tuple((rollup.tier, _fold_statement(rollup, "late_facts")) for rollup in ROLLUPS)

_BEGINNING = "-infinity"


class Closing:
    """Moves watermarks forward and folds what came in behind them."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def close(self, now: datetime, tenants: Iterable[str] | None = None) -> int:
        """Close every full minute up to `now`, of all tenants or the given ones; return how many had work."""
        watermark = floor(now, Tier.MINUTE.value)
        async with self._connections.read() as connection:
            cursor = await connection.execute(
                "select tenant_id from tenants where closed_to < %s union select tenant_id from late_facts order by 1",
                (watermark,),
            )
            waiting = [str(row[0]) for row in await cursor.fetchall()]
        chosen = waiting if tenants is None else sorted(set(waiting) & set(tenants))
        for tenant in chosen:
            async with self._connections.write(patient=True) as connection:
                await _close_tenant(connection, tenant, watermark)
        return len(chosen)


async def lock_tenant(connection: Connection, tenant: str) -> None:
    """Be alone with the facts and buckets of a tenant until the transaction ends."""
    await connection.execute("select pg_advisory_xact_lock(%s, %s)", (LOCK_SPACE, stripe_of(tenant)))


async def settle(connection: Connection, tenant: str) -> None:
    """Fold what came in late; the tenant is locked."""
    row = await (await connection.execute("select closed_to from tenants where tenant_id = %s", (tenant,))).fetchone()
    if row is not None:
        await _fold_late(connection, tenant, row[0])


async def _fold_late(connection: Connection, tenant: str, before: datetime) -> None:
    for tier, statement in _FOLD_LATE:
        await connection.execute(statement, {"tenant": tenant, "start": _BEGINNING, "end": floor(before, tier.value)})
    await connection.execute("delete from late_facts where tenant_id = %s", (tenant,))


async def _close_tenant(connection: Connection, tenant: str, watermark: datetime) -> None:
    await lock_tenant(connection, tenant)
    row = await (
        await connection.execute(
            "select closed_to, exists (select from late_facts l where l.tenant_id = %(tenant)s) from tenants where tenant_id = %(tenant)s",
            {"tenant": tenant},
        )
    ).fetchone()
    if row is None:
        return
    before: datetime = row[0]
    after = max(before, watermark)
    if row[1]:
        await _fold_late(connection, tenant, before)
    for tier, statement in CLOSE:
        start, end = floor(before, tier.value), floor(after, tier.value)
        if start < end:
            await connection.execute(statement, {"tenant": tenant, "start": start, "end": end})
    await connection.execute("update tenants set closed_to = %s where tenant_id = %s", (after, tenant))
