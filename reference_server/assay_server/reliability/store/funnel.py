"""The funnel of a window: whole buckets from the rollups, the rest from facts, in one statement.

The watermark is read first and the window cut by it; then one statement, and so one snapshot, reads
everything. A watermark that moves in between does no harm: buckets behind the older one stay where they
are, facts after it are read raw, and late facts count only inside the stretch that rollups answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from assay_server.postgres.connections import Connection, Connections
from assay_server.rollups import EPOCH, Sketch, Span, Tally, Tier, bucket_starts, decompose, rolled

from .values import STEPS, FunnelAnswer, FunnelBucket, FunnelPlan, FunnelQuery, outcomes_of

_TABLES = {Tier.MINUTE: "rollup_minutes", Tier.HOUR: "rollup_hours", Tier.DAY: "rollup_days"}

_EVERY = "*"
"""The value of a dimension in the rows that hold all of its values together."""

_NOTHING_ROLLED = "select null::timestamptz, 0::int8, 0::int8, 0::int8, 0::int8, '{}'::int2[], '{}'::int4[] where false"
_NOTHING_LOOSE = "select null::timestamptz, '', false, 0::int2 where false"


class Funnel:
    """Answers funnel queries."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def answer(self, query: FunnelQuery) -> FunnelAnswer:
        """Answer from rollups and the live delta."""
        async with self._connections.read() as connection:
            return await self._answer(connection, query)

    async def plan(self, query: FunnelQuery) -> FunnelPlan:
        """How a query is answered: its spans, and what the database says of its statement while it runs."""
        async with self._connections.write(patient=True) as connection:
            known = await _known(connection, query.tenant_id)
            spans = (Span(Tier.RAW, query.start, query.end),) if known is None else _spans(query, *known)
            statement, parameters = _statement(query, spans)
            cursor = await connection.execute(b"explain (analyze, buffers, costs off) " + statement, parameters)
            return FunnelPlan(spans, tuple(str(row[0]) for row in await cursor.fetchall()))

    async def both(self, query: FunnelQuery) -> tuple[FunnelAnswer, FunnelAnswer]:
        """Answer from rollups and from the facts alone, in one snapshot."""
        async with self._connections.write(patient=True) as connection:
            await connection.execute("set transaction isolation level repeatable read")
            raw = await self._read(connection, query, (Span(Tier.RAW, query.start, query.end),), None)
            return await self._answer(connection, query), raw

    async def _answer(self, connection: Connection, query: FunnelQuery) -> FunnelAnswer:
        known = await _known(connection, query.tenant_id)
        if known is None:
            return _shape(query, {}, (Span(Tier.RAW, query.start, query.end),), None)
        return await self._read(connection, query, _spans(query, *known), known[0])

    async def answer_raw(self, query: FunnelQuery) -> FunnelAnswer:
        """Answer from the facts alone: the same numbers, at the price that the rollups save."""
        async with self._connections.write(patient=True) as connection:
            return await self._read(connection, query, (Span(Tier.RAW, query.start, query.end),), None)

    async def _read(self, connection: Connection, query: FunnelQuery, spans: Sequence[Span], closed_to: datetime | None) -> FunnelAnswer:
        statement, parameters = _statement(query, spans)
        cursor = await connection.execute(statement, parameters, binary=True)
        tallies = {row[0]: Tally(row[1], row[2], row[3], Sketch(tuple(row[5]), tuple(row[6])), row[4]) for row in await cursor.fetchall()}
        return _shape(query, tallies, spans, closed_to)


async def _known(connection: Connection, tenant: str) -> tuple[datetime, datetime] | None:
    """How far the rollups of a tenant reach and where its minutes begin; None for a tenant without facts."""
    cursor = await connection.execute("select closed_to, minutes_from from tenants where tenant_id = %s", (tenant,))
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])


def _spans(query: FunnelQuery, closed_to: datetime, minutes_from: datetime) -> tuple[Span, ...]:
    """The spans that answer a query; minutes that were removed are read from the facts."""
    cut: list[Span] = []
    for span in decompose(query.start, query.end, closed_to, _tiers(query)):
        # Minutes begin at a full hour, and stand only at the edges of hours: what is read raw stays at the edge of the window.
        middle = min(max(span.start, minutes_from), span.end) if span.tier is Tier.MINUTE else span.start
        if span.start < middle:
            cut.append(Span(Tier.RAW, span.start, middle))
        if middle < span.end:
            cut.append(Span(span.tier, middle, span.end))
    return tuple(cut)


def _tiers(query: FunnelQuery) -> tuple[Tier, ...]:
    """Return the tiers that know what the query asks for, coarsest first; none of them knows the outcome of retries."""
    if query.retry_outcome is not None:
        return ()
    coarse = (Tier.HOUR,) if query.group_by == "hour" else (Tier.DAY, Tier.HOUR)
    filtered = query.channel is not None or query.error_class is not None
    return coarse if filtered else (*coarse, Tier.MINUTE)


def _statement(query: FunnelQuery, spans: Sequence[Span]) -> tuple[bytes, dict[str, Any]]:
    parameters: dict[str, Any] = {
        "tenant": query.tenant_id,
        "channel": _EVERY if query.channel is None else query.channel,
        "error": _EVERY if query.error_class is None else query.error_class,
    }
    cell = " and channel = %(channel)s and error_class = %(error)s"
    narrowed = "" if query.channel is None else " and channel = %(channel)s"
    narrowed += "" if query.error_class is None else " and error_class = %(error)s"
    if query.retry_outcome is not None:
        narrowed += " and retry_outcome = any(%(outcomes)s)"
        parameters["outcomes"] = outcomes_of(query.retry_outcome)

    def bounds(column: str, start: datetime, end: datetime) -> str:
        number = len(parameters)
        parameters[f"s{number}"], parameters[f"e{number}"] = start, end
        return f"tenant_id = %(tenant)s and {column} >= %(s{number})s and {column} < %(e{number})s"

    def step(column: str) -> str:
        return f"date_bin('1 {query.group_by}', {column}, 'epoch')" if query.group_by else "timestamptz 'epoch'"

    rolled_parts: list[str] = []
    loose_parts: list[str] = []
    sources = [(span.tier, "facts", span.start, span.end) for span in spans]
    covered = rolled(spans)
    if covered is not None:
        sources.append((Tier.RAW, "late_facts", *covered))
    for tier, table, start, end in sources:
        if tier is Tier.RAW:
            loose_parts.append(
                f"select {step('event_time')}, event_type, retry_outcome not in ('', 'none'), latency_bin from {table} "  # noqa: S608
                f"where {bounds('event_time', start, end)} "
                f"and event_type in ('funnel_view', 'lead_submitted', 'validation_failed', 'async_failure'){narrowed}"
            )
        else:
            rolled_parts.append(
                f"select {step('bucket')}, starts, submissions, retried, failures, bins, counts from {_TABLES[tier]} "  # noqa: S608
                f"where {bounds('bucket', start, end)}{'' if tier is Tier.MINUTE else cell}"
            )
    statement = f"""
with rolled (step, starts, submissions, retried, failures, bins, counts) as materialized (
  {" union all ".join(rolled_parts) or _NOTHING_ROLLED}
), loose as materialized (
  select step, event_type, was_retried, latency_bin, count(*) as n
  from ({" union all ".join(loose_parts) or _NOTHING_LOOSE})
    as facts (step, event_type, was_retried, latency_bin)
  group by step, event_type, was_retried, latency_bin
), sums as (
  select step, sum(starts)::int8 as starts, sum(submissions)::int8 as submissions,
         sum(retried)::int8 as retried, sum(failures)::int8 as failures
  from (
    select step, starts, submissions, retried, failures from rolled
    union all
    select step, case when event_type = 'funnel_view' then n else 0 end,
           case when event_type = 'lead_submitted' then n else 0 end,
           case when event_type = 'lead_submitted' and was_retried then n else 0 end,
           case when event_type in ('validation_failed', 'async_failure') then n else 0 end
    from loose
  ) as parts group by step
), binned as (
  select step, bin, sum(n)::int8 as n from (
    select step, unnest(bins) as bin, unnest(counts) as n from rolled
    union all
    select step, latency_bin, n from loose where event_type = 'lead_submitted' and latency_bin is not null
  ) as parts group by step, bin
), sketches as (
  select step, array_agg(bin order by bin) as bins, array_agg(n order by bin) as counts
  from binned group by step
)
select step, starts, submissions, retried, failures, coalesce(bins, '{{}}'), coalesce(counts, '{{}}')
from sums left join sketches using (step)
"""  # noqa: S608 - values are bound, the rest is built from constants
    return statement.encode(), parameters


def _shape(query: FunnelQuery, tallies: dict[datetime, Tally], spans: Sequence[Span], closed_to: datetime | None) -> FunnelAnswer:
    series = None
    total = tallies.get(EPOCH, Tally())
    if query.group_by is not None:
        empty = Tally()
        starts = bucket_starts(query.start, query.end, STEPS[query.group_by])
        series = tuple(FunnelBucket(start, tallies.get(start, empty).metrics()) for start in starts)
        total = Tally(
            sum(tally.starts for tally in tallies.values()),
            sum(tally.submissions for tally in tallies.values()),
            sum(tally.retried for tally in tallies.values()),
            Sketch.merged(tally.latency for tally in tallies.values()),
            sum(tally.failures for tally in tallies.values()),
        )
    fine = any(span.tier in (Tier.RAW, Tier.MINUTE) for span in spans)
    return FunnelAnswer(
        total.metrics(),
        series,
        "analytics-hot-window" if fine else "analytics-rollup",
        closed_to,
    )
