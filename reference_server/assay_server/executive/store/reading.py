"""What the dashboard reads: sums by month and part, alerts, risks, customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assay_server.executive.figures import Measurements, Orders
from assay_server.executive.ledger import Ledger, Part
from assay_server.executive.months import Month
from assay_server.postgres.connections import Connection, Connections

from .records import Alert, AtRisk, Risk

_BACK = 23
"""How many months before the last one are read: a window of twelve and the twelve before it."""

_SUMS = """
select kind, date_trunc('month', entry_date)::date, region, product, sum(amount), null::numeric from executive_entries
where entry_date >= %(first)s and entry_date < %(end)s group by 1, 2, 3, 4
union all
select 'backlog', month, region, product, amount, null from executive_backlog where month >= %(first)s and month < %(end)s
union all
select 'pipeline', month, region, product, amount, null from executive_pipeline where month >= %(first)s and month < %(end)s
union all
select 'recurring', month::date, region, product, sum(mrr), null
from generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '1 month') as month
join executive_subscriptions on starts_on < month + interval '1 month' and (ends_on is null or ends_on >= month + interval '1 month')
group by 2, 3, 4
union all
select 'recurring', date_trunc('month', ordered_on)::date, region, product, sum(amount), null from executive_orders
where recurring and ordered_on >= %(first)s and ordered_on < %(end)s group by 2, 3, 4
union all
select 'new_recurring', date_trunc('month', starts_on)::date, '', '', sum(mrr), null from executive_subscriptions
where starts_on >= %(first)s and starts_on < %(end)s group by 2
union all
select 'orders', date_trunc('month', ordered_on)::date, '', '', sum(amount), sum(profit) from executive_orders
where ordered_on >= %(first)s and ordered_on < %(end)s group by 2
union all
select 'acquisition', date_trunc('month', spent_on)::date, '', '', sum(amount), null from executive_spend
where spent_on >= %(first)s and spent_on < %(end)s group by 2
union all
select 'uptime', date_trunc('month', measured_at at time zone 'UTC')::date, '', '', sum(ratio), count(*) from executive_uptime
where measured_at >= %(first)s::timestamp at time zone 'UTC' and measured_at < %(end)s::timestamp at time zone 'UTC' group by 2
union all
select 'win_rate', month, '', '', rate, null from executive_win_rates where month >= %(first)s and month < %(end)s
union all
select 'retention', month, '', '', rate, null from executive_retention where month < %(end)s
"""

_ALERTS = """
select alert_id, type, title, description, severity, created_at from executive_alerts order by created_at desc, alert_id limit %s
"""
_RISKS = "select risk_id, title, owner, due, mitigation, status from executive_risks order by due, risk_id limit %s"

_AT_RISK = """
select c.customer_id, c.name, coalesce(sum(s.mrr), 0), c.risk, c.reasons
from (select * from executive_customers order by risk desc, customer_id limit %(limit)s) as c
left join executive_subscriptions as s
  on s.customer_id = c.customer_id and s.starts_on <= %(today)s and (s.ends_on is null or s.ends_on > %(today)s)
group by c.customer_id, c.name, c.risk, c.reasons order by c.risk desc, c.customer_id
"""


@dataclass(frozen=True, slots=True)
class Overview:
    """What a dashboard shows, of one moment."""

    ledger: Ledger
    alerts: tuple[Alert, ...]
    risks: tuple[Risk, ...]


class Reading:
    """Reads the books; the parts of one answer are of one moment."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def ledger(self, last: Month) -> Ledger:
        """The sums of the 24 months that end with `last`."""
        async with self._connections.read() as connection:
            return await _ledger(connection, last)

    async def overview(self, last: Month, most: int) -> Overview:
        """The sums, and so many of the newest alerts and of the first risks."""
        async with self._snapshot() as connection:
            ledger = await _ledger(connection, last)
            alerts = await (await connection.execute(_ALERTS, (most,), binary=True)).fetchall()
            risks = await (await connection.execute(_RISKS, (most,), binary=True)).fetchall()
        return Overview(
            ledger,
            tuple(Alert(*row) for row in alerts),
            tuple(Risk(*row) for row in risks),
        )

    async def customers_at_risk(self, today: date, most: int) -> tuple[AtRisk, ...]:
        """The customers with the highest risk, with their recurring revenue of a day."""
        async with self._connections.read() as connection:
            cursor = await connection.execute(_AT_RISK, {"today": today, "limit": most}, binary=True)
            return tuple(AtRisk(row[0], row[1], row[2], row[3], tuple(row[4])) for row in await cursor.fetchall())

    @asynccontextmanager
    async def _snapshot(self) -> AsyncGenerator[Connection]:
        async with self._connections.read() as connection, connection.transaction():
            await connection.execute("set transaction isolation level repeatable read, read only")
            yield connection


async def _ledger(connection: Connection, last: Month) -> Ledger:
    dates = {"first": last.plus(-_BACK).first_day, "last": last.first_day, "end": last.plus(1).first_day}
    cursor = await connection.execute(_SUMS, dates, binary=True)
    parted: defaultdict[str, defaultdict[Month, defaultdict[Part, Decimal]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    plain: defaultdict[str, dict[Month, Decimal]] = defaultdict(dict)
    second: defaultdict[str, dict[Month, Decimal]] = defaultdict(dict)
    for kind, day, region, product, amount, other in await cursor.fetchall():
        month = Month.of(day)
        parted[kind][month][Part(region, product)] += amount
        plain[kind][month] = amount
        if other is not None:
            second[kind][month] = other
    return Ledger(
        recognized=parted["recognized"],
        booked=parted["booked"],
        backlog=parted["backlog"],
        recurring=parted["recurring"],
        pipeline=parted["pipeline"],
        win_rate=plain["win_rate"],
        retention=plain["retention"],
        acquisition=plain["acquisition"],
        new_recurring=plain["new_recurring"],
        uptime={month: Measurements(total, int(second["uptime"][month])) for month, total in plain["uptime"].items()},
        orders={month: Orders(amount, second["orders"][month]) for month, amount in plain["orders"].items()},
    )
