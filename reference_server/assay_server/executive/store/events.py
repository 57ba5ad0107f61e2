"""Events of the dashboard's users, each with its measurements in one transaction, and their percentiles."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay_server.postgres.connections import Connection, Connections

_EVENTS = """
insert into executive_events (event_id, subject, event_type)
select * from unnest(%s::text[], %s::text[], %s::text[])
"""
_METRICS = """
insert into executive_event_metrics (event_id, metric, value)
select * from unnest(%s::text[], %s::text[], %s::float8[])
"""
# The nearest rank, in whole numbers: of n values in order the ceil(0.95 n)-th.
_PERCENTILES = """
select metric, count(*), (array_agg(value order by value))[(%(rank)s * count(*) + 99) / 100]
from executive_events join executive_event_metrics using (event_id)
where received_at >= statement_timestamp() - make_interval(hours => %(hours)s)
  and (%(types)s::text[] is null or event_type = any(%(types)s))
group by metric
"""
_PURGE = "delete from executive_events where received_at < statement_timestamp() - make_interval(days => %s)"


@dataclass(frozen=True, slots=True)
class UserEvent:
    """What one user did, and what was measured, by metric."""

    subject: str
    event_type: str
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Percentile:
    """A percentile of so many values."""

    samples: int
    value: float


class Events:
    """Adds, reads and clears events."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def add(self, events: Sequence[UserEvent]) -> None:
        """Store events, each with its measurements, all in one transaction."""
        if events:
            async with self._connections.write() as connection:
                await _insert(connection, events)

    async def percentiles(self, days: int, event_types: Sequence[str] | None, rank: int) -> Mapping[str, Percentile]:
        """The percentile of every metric over what was received in the last `days` x 24 hours, of some types of events or of all."""
        parameters = {"hours": days * 24, "types": None if event_types is None else list(event_types), "rank": rank}
        async with self._connections.read() as connection:
            cursor = await connection.execute(_PERCENTILES, parameters)
            return {str(metric): Percentile(int(count), float(value)) for metric, count, value in await cursor.fetchall()}

    async def purge(self, days: int) -> int:
        """Delete the events that are older than `days` and return how many those were."""
        async with self._connections.write(patient=True) as connection:
            return (await connection.execute(_PURGE, (days,))).rowcount


async def _insert(connection: Connection, events: Sequence[UserEvent]) -> None:
    ids = [secrets.token_hex(16) for _ in events]
    measured = [
        (event_id, metric, float(value)) for event_id, event in zip(ids, events, strict=True) for metric, value in event.metrics.items()
    ]
    await connection.execute(_EVENTS, [ids, [event.subject for event in events], [event.event_type for event in events]])
    if measured:
        await connection.execute(_METRICS, [list(column) for column in zip(*measured, strict=True)])
