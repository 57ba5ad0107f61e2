"""Incidents: their state, their changes in one gapless sequence per tenant, and the bell that tells of them.

The counter row of a tenant is locked by whoever appends, so numbers have no gap and no two change sets share
one. NOTIFY carries only tenant and number: it is lost while nobody listens, so readers always go back to the
table from the last number that they have.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from assay_server.postgres.connections import Connection, Connections
from assay_server.postgres.store_errors import StoreDown
from assay_server.rollups import STEP, Density, Incident, floor, replay

from .values import ChangeSet, IncidentChanges, IncidentState

RETAINED = 1000
"""How many change sets of a tenant are kept."""

_BELL = "assay_incidents"
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Incident, ...]).decode

_APPEND = """
insert into incident_feeds as f (tenant_id, seq) values (%s, 1)
on conflict (tenant_id) do update set seq = f.seq + 1 returning seq
"""

_UPSERT = """
insert into incidents (tenant_id, incident_id, status, severity, component, updated_at, opened_at)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                     %s::timestamptz[], %s::timestamptz[])
on conflict (tenant_id, incident_id) do update set
  status = excluded.status, severity = excluded.severity,
  component = excluded.component, updated_at = greatest(incidents.updated_at, excluded.updated_at)
returning incident_id, updated_at
"""

# One row a thing, each with the columns of every kind: rows of several columns in one value cannot be sent from one database to another.
_STATE = """
select 'feed', seq, null::text, null::text, null::text, null::text, null::timestamptz, null::timestamptz, null::text
from incident_feeds where tenant_id = %(tenant)s
union all
select 'first', min(seq), null, null, null, null, null, null, null from incident_changes where tenant_id = %(tenant)s
union all
select 'incident', null, incident_id, status, severity, component, updated_at, opened_at, null
from incidents where tenant_id = %(tenant)s
union all
(select 'changes', seq, null, null, null, null, null, null, changes::text
from incident_changes where tenant_id = %(tenant)s and seq > %(after)s order by seq limit %(limit)s)
"""

_DENSITY = """
select date_bin('10 minutes', event_time, 'epoch') as step, component,
       count(*) filter (where event_type in ('validation_failed', 'async_failure')), count(*)
from facts where tenant_id = %s and event_time >= %s and event_time < %s and component <> ''
group by 1, 2
"""


class Incidents:
    """Keeps the incidents of every tenant."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def apply(self, tenant_id: str, changes: Sequence[Incident]) -> int:
        """Append one change set and return its sequence number."""
        async with self._connections.write() as connection:
            return await _apply(connection, tenant_id, changes)

    async def state(self, tenant_id: str, after: int | None = None) -> IncidentState:
        """Return the state and, when `after` is given, the changes since, all from one snapshot."""
        seq, incidents, sets, truncated = await self._read(tenant_id, after, RETAINED)
        if after is None:
            return IncidentState(seq, incidents)
        return IncidentState(seq, incidents, None if truncated else sets, truncated)

    async def changes_after(self, tenant_id: str, after: int, limit: int = RETAINED) -> IncidentChanges:
        """Return up to `limit` change sets after a number, or say that some of them are gone."""
        seq, _, sets, truncated = await self._read(tenant_id, after, limit)
        return IncidentChanges(seq, () if truncated else sets, truncated)

    async def detect(self, tenant_id: str, now: datetime) -> tuple[int, ...]:
        """Look at the failures since the last look, apply what the rule says, return the new numbers."""
        until = floor(now, STEP)
        async with self._connections.write(patient=True) as connection:
            await connection.execute(
                "insert into incident_feeds (tenant_id, seq) values (%s, 0) on conflict do nothing",
                (tenant_id,),
            )
            row = await (
                await connection.execute("select detected_to from incident_feeds where tenant_id = %s for update", (tenant_id,))
            ).fetchone()
            since: datetime = row[0] if row else until
            if since >= until:
                return ()
            cursor = await connection.execute(_DENSITY, (tenant_id, since, until))
            steps: dict[datetime, list[Density]] = {}
            for step, component, failures, events in await cursor.fetchall():
                steps.setdefault(step, []).append(Density(component, failures, events))
            cursor = await connection.execute(
                "select incident_id, status, severity, component, updated_at, opened_at from incidents "
                "where tenant_id = %s and status <> 'resolved'",
                (tenant_id,),
            )
            standing = [Incident(*fields) for fields in await cursor.fetchall()]
            # Before the first failure or the standing incident there is nothing to look at.
            first = since if standing else min(steps, default=until)
            sets = replay(tenant_id, standing, steps, first, until)
            numbers = [await _apply(connection, tenant_id, changes) for changes in sets]
            await connection.execute("update incident_feeds set detected_to = %s where tenant_id = %s", (until, tenant_id))
            return tuple(numbers)

    async def listen(self) -> AsyncGenerator[tuple[str, int]]:
        """Yield (tenant, number) as change sets are committed, across lost connections.

        Whenever a connection is made, the first one too, each tenant that moved since it was last yielded is
        yielded with its present number, so what is committed while nobody listens is made up for. A number may
        come twice, none is missed for good.
        """
        last: dict[str, int] = {}
        wait = 0.1
        while True:
            try:
                connection = await self._connections.listen_connection()
            except StoreDown:
                await asyncio.sleep(wait)
                wait = min(wait * 2, 5.0)
                continue
            wait = 0.1
            try:
                await connection.execute(f"listen {_BELL}")
                cursor = await connection.execute("select tenant_id, seq from incident_feeds order by tenant_id")
                for tenant, seq in await cursor.fetchall():
                    if last.get(tenant, 0) != seq:
                        last[tenant] = seq
                        yield tenant, seq
                async for bell in connection.notifies():
                    tenant, _, number = bell.payload.rpartition(" ")
                    # Any role of the database may notify: what is not ours is passed over.
                    if tenant and _NUMBER.fullmatch(number):
                        last[tenant] = int(number)
                        yield tenant, int(number)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                continue
            finally:
                with suppress(psycopg.Error):
                    await connection.close()

    async def _read(self, tenant_id: str, after: int | None, limit: int) -> tuple[int, tuple[Incident, ...], tuple[ChangeSet, ...], bool]:
        parameters: dict[str, Any] = {
            "tenant": tenant_id,
            "after": 2**62 if after is None else after,
            "limit": limit,
        }
        async with self._connections.read() as connection:
            rows = await (await connection.execute(_STATE, parameters, binary=True)).fetchall()
        seq, first = 0, 1
        incidents: list[Incident] = []
        sets: list[ChangeSet] = []
        for kind, number, *fields, changes in rows:
            match kind:
                case "feed":
                    seq = int(number)
                case "first":
                    first = 1 if number is None else int(number)
                case "incident":
                    incidents.append(Incident(*fields))
                case _:
                    sets.append(ChangeSet(number, _decode(changes)))
        incidents.sort(key=lambda incident: incident.incident_id)
        sets.sort(key=lambda change_set: change_set.seq)
        truncated = after is not None and (after > seq or (after < seq and after < first - 1))
        return seq, tuple(incidents), tuple(sets), truncated


async def _apply(connection: Connection, tenant_id: str, changes: Sequence[Incident]) -> int:
    row = await (await connection.execute(_APPEND, (tenant_id,))).fetchone()
    assert row is not None
    seq = int(row[0])
    once = {change.incident_id: change for change in changes}
    ordered = [once[key] for key in sorted(once)]
    cursor = await connection.execute(
        _UPSERT,
        (
            [tenant_id] * len(ordered),
            [change.incident_id for change in ordered],
            [change.status for change in ordered],
            [change.severity for change in ordered],
            [change.component for change in ordered],
            [change.updated_at for change in ordered],
            [change.opened_at for change in ordered],
        ),
    )
    # Detection stamps the end of a step, which may lie before a change made by hand since; a clock may go back. The time of an
    # incident's last change never does.
    latest: dict[str, datetime] = dict(await cursor.fetchall())
    changes = [replace(change, updated_at=latest[change.incident_id]) for change in changes]
    await connection.execute(
        "insert into incident_changes (tenant_id, seq, changes) values (%s, %s, %s::jsonb)",
        (tenant_id, seq, _encode(changes).decode()),
    )
    await connection.execute("delete from incident_changes where tenant_id = %s and seq <= %s", (tenant_id, seq - RETAINED))
    await connection.execute("select pg_notify(%s, %s)", (_BELL, f"{tenant_id} {seq}"))
    return seq
