"""How events come in: verified before, each id once, all of a batch at one moment of arrival.

Batches are accepted one after the other under a lock, and the moment of arrival is read under it: whoever sees a batch sees every
batch that arrived before it. A reader that gets the lock knows that nothing is on its way, and takes the present as its moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from psycopg import sql

from assay_server.postgres.connections import Connection, Connections
from assay_server.windowing.events import EventRejected
from assay_server.windowing.facts import Fact, FactKind

from .values import Ingested

ARRIVALS_LOCK = 0x41534E41
"""Held exclusively while a batch is accepted or folded into the rollups."""
_DAYS_LOCK = 0x41534E44

KINDS = {FactKind.POST: 0, FactKind.REPLY: 1, FactKind.REPOST: 2, FactKind.REACTION: 3, FactKind.ZAP: 4}

STAGE = """
create temporary table if not exists nostr_stage (
  place int4, event_id bytea, at int8, kind int2, sender bytea, target bytea, answers bytea, satoshi int8, hashtags bytea[], relay text
) on commit delete rows
"""
_COPY = "copy nostr_stage from stdin (format binary)"
_TYPES = ("int4", "bytea", "int8", "int2", "bytea", "bytea", "bytea", "int8", "bytea[]", "text")

ARRIVAL = """
update nostr_state set accepted_at = greatest(clock_timestamp(), accepted_at + interval '1 microsecond') returning accepted_at
"""

_INSERT = """
with fresh as (
  insert into nostr_facts (event_id, at, accepted_at, kind, sender, target, answers, satoshi, hashtags, relay)
  select event_id, at, %(arrival)s, kind, sender, target, answers, satoshi, hashtags, relay from nostr_stage order by event_id, place
  on conflict do nothing
  returning event_id, at, kind, sender, target, answers, satoshi, hashtags
), recent as (
  insert into nostr_recent
  select %(arrival)s, at, kind, sender, target, answers, satoshi, hashtags from fresh where target is not null
), posts as (
  insert into nostr_posts select sender, event_id, %(arrival)s from fresh where kind = 0 order by 1, 2
)
select count(*) from fresh
"""


class Ingest:
    """Takes batches of facts; remembers which days have their place already."""

    __slots__ = ("_connections", "_days")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._days: set[date] = set()

    async def add(self, facts: Sequence[tuple[Fact, str | None]], *, patient: bool = False) -> Ingested:
        """Store the facts that are new, each with the relay that it came from; all or none."""
        if not facts:
            return Ingested(0, 0)
        await self._make_room({datetime.fromtimestamp(fact.at, UTC).date() for fact, _ in facts})
        async with self._connections.write(patient=patient) as connection:
            await _stage(connection, facts)
            await connection.execute("select pg_advisory_xact_lock(%s)", (ARRIVALS_LOCK,))
            arrival = await (await connection.execute(ARRIVAL.encode())).fetchone()
            assert arrival is not None
            row = await (await connection.execute(_INSERT.encode(), {"arrival": arrival[0]})).fetchone()
        accepted = int(row[0]) if row else 0
        return Ingested(accepted, len(facts) - accepted)

    async def set_aside(self, rejected: Sequence[tuple[EventRejected, str | None]]) -> None:
        """Keep why events were rejected, each with its id where that could be read."""
        codes = [error.code for error, _ in rejected]
        reasons = [error.reason for error, _ in rejected]
        ids = [None if id is None else id.replace("\0", "") for _, id in rejected]
        async with self._connections.write() as connection:
            await connection.execute(
                "insert into nostr_rejections (code, reason, event_id) select * from unnest(%s::text[], %s::text[], %s::text[])",
                (codes, reasons, ids),
            )

    async def _make_room(self, days: set[date]) -> None:
        if new_days := days - self._days:
            async with self._connections.write(patient=True) as connection:
                await _make_partitions(connection, sorted(new_days))
            self._days |= new_days


async def _stage(connection: Connection, facts: Iterable[tuple[Fact, str | None]]) -> None:
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for place, (fact, relay) in enumerate(facts):
            target = None if fact.target is None else bytes.fromhex(fact.target)
            hashtags = [hashtag.encode() for hashtag in sorted(fact.hashtags)]
            await copy.write_row((
                place, bytes.fromhex(fact.event), fact.at, KINDS[fact.kind], bytes.fromhex(fact.sender), target,
                _event_id(fact.answers), fact.satoshi, hashtags, relay,
            ))  # fmt: skip


def _event_id(answers: str | None) -> bytes | None:
    """The id that a fact answers; None where it is none, since no post then has it."""
    if answers is None or len(answers) != 64 or not set(answers) <= set("0123456789abcdef"):
        return None
    return bytes.fromhex(answers)


async def _make_partitions(connection: Connection, days: Sequence[date]) -> None:
    """Attach a partition a day; attaching, unlike creating in place, does not stop readers and writers."""
    await connection.execute("select pg_advisory_xact_lock(%s)", (_DAYS_LOCK,))
    for day in days:
        name = f"nostr_facts_{day:%Y%m%d}"
        known = await (await connection.execute("select to_regclass(%s)", (name,))).fetchone()
        if known and known[0] is not None:
            continue
        start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        await connection.execute(sql.SQL("create table {} (like nostr_facts)").format(sql.Identifier(name)))
        await connection.execute(
            sql.SQL("alter table nostr_facts attach partition {} for values from ({}) to ({})").format(
                sql.Identifier(name), sql.Literal(start), sql.Literal(start + int(timedelta(days=1).total_seconds()))
            )
        )
