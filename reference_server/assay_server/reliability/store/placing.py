"""How a staged batch goes into the tables of facts: in one statement where they are on one machine, table by table where they are on many.

A statement that inserts into several tables is the fastest, but a cluster takes none: its tables are pieces on many machines, and each
insert is a plan of its own. What the rows are is the same either way, and so are the locks: rows go in by the order of their key.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from psycopg.errors import UniqueViolation

from assay_server.postgres.connections import Connection

from .facts import Fact

_CAUTIOUS_FOR = 16
"""How many batches are asked about row by row after one that held a known event."""

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

_CLAIM_IDS = """
insert into event_ids (tenant_id, event_id, event_time)
select tenant_id, event_id, event_time from stage order by tenant_id, event_id
on conflict (tenant_id, event_id) do nothing returning tenant_id, event_id
"""
_KEEP_FRESH = """
delete from stage s where not exists (
  select from unnest(%s::text[], %s::text[]) as fresh (tenant_id, event_id)
  where fresh.tenant_id = s.tenant_id and fresh.event_id = s.event_id
)
"""
_STORE_FACTS = """
insert into facts (tenant_id, event_id, event_time, event_type, channel, component, error_class, retry_outcome,
  latency_ms, latency_bin, correlation_id, scenario_id, scenario_version, step)
select tenant_id, event_id, event_time, event_type, channel, component, error_class, retry_outcome,
  latency_ms, latency_bin, correlation_id, scenario_id, scenario_version, step
from stage order by tenant_id, event_time
"""
_WATERMARKS = "select tenant_id, closed_to from tenants where tenant_id = any(%s)"
_NOTE_LATE = """
insert into late_facts (tenant_id, event_id, event_time, event_type, channel, error_class, retry_outcome, latency_bin)
select tenant_id, event_id, event_time, event_type, channel, error_class, retry_outcome, latency_bin
from stage join unnest(%s::text[], %s::timestamptz[]) as marks (tenant_id, closed_to) using (tenant_id)
where event_time < closed_to order by tenant_id, event_id
"""


class Placing(Protocol):
    """Moves what is new from the stage to the facts and returns how much that was; the locks of all tenants are held."""

    async def place(self, connection: Connection, facts: Collection[Fact]) -> int:
        """Place what is staged, which is these facts."""
        ...


class OneMachine:
    """Places facts in one statement.

    Hoping that everything is new costs a third less than asking row by row. A batch that disappoints is asked about after all, and so are
    the next few, since what is sent again is seldom sent alone.
    """

    __slots__ = ("_cautious",)

    def __init__(self) -> None:
        self._cautious = 0

    async def place(self, connection: Connection, facts: Collection[Fact]) -> int:
        """Place what is staged."""
        if self._cautious == 0:
            with suppress(UniqueViolation):
                async with connection.transaction():
                    return (await connection.execute(_INSERT_ALL)).rowcount
            self._cautious = _CAUTIOUS_FOR
        self._cautious -= 1
        row = await (await connection.execute(_INSERT_NEW)).fetchone()
        return int(row[0]) if row else 0


class ManyMachines:
    """Places facts in tables that are distributed by tenant."""

    __slots__ = ()

    async def place(self, connection: Connection, facts: Collection[Fact]) -> int:
        """Place what is staged, shard after shard in one order, so that concurrent batches wait for each other and never deadlock."""
        await connection.execute("select set_config('citus.multi_shard_modify_mode', 'sequential', true)")
        fresh = await (await connection.execute(_CLAIM_IDS)).fetchall()
        if len(fresh) < len(facts):
            await connection.execute(_KEEP_FRESH, [[row[0] for row in fresh], [row[1] for row in fresh]])
        if not fresh:
            return 0
        await connection.execute(_STORE_FACTS)
        tenants = sorted({fact.tenant_id for fact in facts})
        closed_to: dict[str, datetime] = dict(await (await connection.execute(_WATERMARKS, (tenants,))).fetchall())
        if any(fact.event_time < closed_to[fact.tenant_id] for fact in facts):
            await connection.execute(_NOTE_LATE, (list(closed_to), list(closed_to.values())))
        return len(fresh)
