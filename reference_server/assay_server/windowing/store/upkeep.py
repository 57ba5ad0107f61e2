"""Upkeep of the rollups: compared with the facts, computed anew, and thinned out once the coarser ones are verified.

Each step is a transaction of its own, so that a task that was stopped goes on with what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import sql

from assay_server.postgres.connections import Connections
from assay_server.postgres.partitions import partitions_before
from assay_server.windowing.spans import DAY

from .folding import FOLD_LOCK, buckets_of

_STEP_ROWS = 20_000
"""How many buckets a step takes on, and all of the last target that it comes to."""

_NUMBERS = "posts, replies, reposts, reactions, zaps, satoshi"
_RANGE = "target > %(after)s and (%(upto)s::bytea is null or target <= %(upto)s)"

_UPTO = b"select target from nostr_rollups where target > %(after)s order by target offset %(rows)s limit 1"

_FOLDED = f"at >= (select facts_from from nostr_state) and accepted_at < (select folded_to from nostr_state) and {_RANGE}"  # noqa: S608 - built from constants

_COMPARE = f"""
with computed as ({buckets_of("nostr_facts", _FOLDED)}
), stored as (
  select target, dimension, length, bucket, key, {_NUMBERS} from nostr_rollups
  where {_RANGE} and bucket >= (select facts_from from nostr_state)
), hours as (
  select target, dimension, 86400 as length, bucket / 86400 * 86400 as bucket, key, sum(posts) as posts, sum(replies) as replies,
    sum(reposts) as reposts, sum(reactions) as reactions, sum(zaps) as zaps, sum(satoshi) as satoshi
  from nostr_rollups, nostr_state where {_RANGE} and length = 3600 and bucket >= hours_from and bucket < facts_from
  group by target, dimension, bucket / 86400 * 86400, key
), days as (
  select target, dimension, length, bucket, key, {_NUMBERS} from nostr_rollups, nostr_state
  where {_RANGE} and length = 86400 and bucket >= hours_from and bucket < facts_from
), compared as (
  select target, dimension, length, bucket, key, to_jsonb(s) is distinct from to_jsonb(c) as differs
  from stored s full join computed c using (target, dimension, length, bucket, key)
  union all
  select target, dimension, length, bucket, key, to_jsonb(d) is distinct from to_jsonb(h)
  from days d full join hours h using (target, dimension, length, bucket, key)
)
select count(*), count(*) filter (where differs),
  array(select row(target, dimension, length, bucket) from compared where differs order by 1 limit 20)
from compared
"""  # noqa: S608 - built from constants

_UNLIKE_DAYS = """
with hours as (
  select target, dimension, bucket / 86400 * 86400 as bucket, key, sum(posts) as posts, sum(replies) as replies,
    sum(reposts) as reposts, sum(reactions) as reactions, sum(zaps) as zaps, sum(satoshi) as satoshi
  from nostr_rollups where length = 3600 and bucket >= %(start)s and bucket < %(end)s
  group by target, dimension, bucket / 86400 * 86400, key
), days as (
  select target, dimension, bucket, key, posts, replies, reposts, reactions, zaps, satoshi
  from nostr_rollups where length = 86400 and bucket >= %(start)s and bucket < %(end)s
)
select count(*) from days d full join hours h using (target, dimension, bucket, key)
where (d.posts, d.replies, d.reposts, d.reactions, d.zaps, d.satoshi)
  is distinct from (h.posts, h.replies, h.reposts, h.reactions, h.zaps, h.satoshi)
"""

_REMOVE = """
delete from nostr_rollups where ctid = any(array(
  select ctid from nostr_rollups where length = 3600 and bucket < (select hours_from from nostr_state) limit %s
))
"""


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """Where a bucket that differs is; `dimension` is 0 for senders, 1 for posts that are answered, 2 for hashtags."""

    target: str
    dimension: int
    length: int
    bucket: datetime


@dataclass(frozen=True, slots=True)
class RollupsVerified:
    """How many buckets were compared, how many of them differ, and the first of those."""

    buckets: int
    differ: int
    first: tuple[BucketPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class HoursCompacted:
    """How many hours were removed; with `unlike` days that differ from their hours, nothing is."""

    removed: int
    unlike: int = 0


class RollupUpkeep:
    """Verifies, recomputes and thins out the rollups of every target."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def verify(self) -> RollupsVerified:
        """Compare every bucket with the facts that it rests on, and days without facts with their hours."""
        after, buckets, differ, first = b"", 0, 0, list[BucketPlace]()
        while True:
            async with self._connections.read() as connection:
                bounds = {"after": after, "rows": _STEP_ROWS}
                upto = await (await connection.execute(_UPTO, bounds)).fetchone()
                last = None if upto is None else bytes(upto[0])
            async with self._connections.write(patient=True) as connection:
                row = await (await connection.execute(_COMPARE.encode(), {"after": after, "upto": last}, binary=True)).fetchone()
            assert row is not None
            buckets, differ = buckets + row[0], differ + row[1]
            places = row[2][: max(0, 20 - len(first))]
            first += [
                BucketPlace(bytes(target).hex(), dimension, length, datetime.fromtimestamp(bucket, UTC))
                for target, dimension, length, bucket in places
            ]
            if last is None:
                return RollupsVerified(buckets, differ, tuple(first))
            after = last

    async def backfill(self, start: datetime, end: datetime) -> int:
        """Compute the buckets of whole days anew from the facts, as far as there are facts; return how many there are now."""
        first, last = (int(moment.timestamp()) // DAY * DAY for moment in (start, end))
        async with self._connections.write(patient=True) as connection:
            await connection.execute("select pg_advisory_xact_lock(%s)", (FOLD_LOCK,))
            kept = await (await connection.execute("select facts_from from nostr_state")).fetchone()
            assert kept is not None
            bounds = {"start": max(first, kept[0]), "end": last}
            await connection.execute("delete from nostr_rollups where bucket >= %(start)s and bucket < %(end)s", bounds)
            folded = "at >= %(start)s and at < %(end)s and accepted_at < (select folded_to from nostr_state) and target is not null"
            counted = f"insert into nostr_rollups {buckets_of('nostr_facts', folded)}"
            return (await connection.execute(counted.encode(), bounds)).rowcount

    async def compact(self, before: datetime) -> HoursCompacted:
        """Remove the hours before a whole day, once every day says what its hours say."""
        until = int(before.timestamp()) // DAY * DAY
        async with self._connections.write(patient=True) as connection:
            await connection.execute("select pg_advisory_xact_lock(%s)", (FOLD_LOCK,))
            state = await (await connection.execute("select hours_from from nostr_state")).fetchone()
            assert state is not None
            if until > state[0]:
                bounds = {"start": state[0], "end": until}
                row = await (await connection.execute(_UNLIKE_DAYS.encode(), bounds)).fetchone()
                if row and row[0]:
                    return HoursCompacted(0, int(row[0]))
                await connection.execute("update nostr_state set hours_from = %s", (until,))
        # From here on nobody reads them.
        removed = 0
        while True:
            async with self._connections.write(patient=True) as connection:
                step = (await connection.execute(_REMOVE.encode(), (_STEP_ROWS,))).rowcount
            removed += step
            if step < _STEP_ROWS:
                return HoursCompacted(removed)

    async def retain(self, before: datetime) -> tuple[str, ...]:
        """Remove the facts of whole days before a moment; return the names of the days that went.

        A day whose facts are not all in the rollups stays, and so do those after it.
        """
        names: list[str] = []
        for name in await partitions_before(self._connections, "nostr_facts", before):
            day = datetime.strptime(name.removeprefix("nostr_facts_"), "%Y%m%d").replace(tzinfo=UTC)
            table = sql.Identifier(name)
            async with self._connections.write(patient=True) as connection:
                await connection.execute("select pg_advisory_xact_lock(%s)", (FOLD_LOCK,))
                waiting = sql.SQL("select exists (select from {} where accepted_at >= (select folded_to from nostr_state))").format(table)
                row = await (await connection.execute(waiting)).fetchone()
                if row is None or row[0]:
                    break
                await connection.execute(sql.SQL("alter table nostr_facts detach partition {}").format(table))
                await connection.execute(sql.SQL("drop table {}").format(table))
                following = int((day + timedelta(days=1)).timestamp())
                await connection.execute("update nostr_state set facts_from = greatest(facts_from, %s)", (following,))
            names.append(name)
        return tuple(names)
