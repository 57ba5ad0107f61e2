"""How rollups keep up: what arrived since the last time is added to hours and days, late events as any other."""

from __future__ import annotations

from datetime import timedelta

from assay_server.postgres.connections import Connections

from .ingest import ARRIVAL, ARRIVALS_LOCK

REMEMBERED = timedelta(minutes=15)
"""For how long an answer can be asked for as of an earlier moment."""
_KEPT = REMEMBERED + timedelta(minutes=5)
_REJECTIONS_KEPT = timedelta(days=7)

_COUNTS = """
  count(*) filter (where kind = 0) as posts, count(*) filter (where kind = 1) as replies, count(*) filter (where kind = 2) as reposts,
  count(*) filter (where kind = 3) as reactions, count(*) filter (where kind = 4) as zaps, sum(satoshi)::numeric as satoshi
"""


def buckets_of(table: str, condition: str) -> str:
    """The statement that counts facts of a table into buckets; there are no hours before those that are kept."""
    return f"""
select target, dimension, length, at / length * length as bucket, key, {_COUNTS}
from (
  select target, 0::int2 as dimension, sender as key, at, kind, satoshi from {table} where {condition}
  union all
  select target, 1::int2, answers, at, kind, satoshi from {table} where {condition} and kind <> 0 and answers is not null
  union all
  select target, 2::int2, hashtag, at, kind, satoshi from {table}, unnest(hashtags) as hashtag where {condition} and kind = 0
) as facts, (values (3600), (86400)) as buckets (length)
where length = 86400 or at >= (select hours_from from nostr_state)
group by target, dimension, length, at / length * length, key
"""  # noqa: S608 - built from constants


_FOLD = f"""
insert into nostr_rollups as r (target, dimension, length, bucket, key, posts, replies, reposts, reactions, zaps, satoshi)
{buckets_of("nostr_recent", "accepted_at >= %(start)s and accepted_at < %(end)s")}
order by target, dimension, length, bucket, key
on conflict (target, dimension, length, bucket, key) do update set
  posts = r.posts + excluded.posts, replies = r.replies + excluded.replies, reposts = r.reposts + excluded.reposts,
  reactions = r.reactions + excluded.reactions, zaps = r.zaps + excluded.zaps, satoshi = r.satoshi + excluded.satoshi
"""

FOLD_LOCK = 0x41534E46


class Folding:
    """Moves the moment forward up to which the rollups hold everything."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def fold(self) -> int:
        """Add everything that arrived before now; return how many buckets changed."""
        async with self._connections.write(patient=True) as connection:
            # Nothing is on its way while the lock is held; released, it does not keep batches waiting for the folding.
            await connection.execute("select pg_advisory_xact_lock(%s)", (ARRIVALS_LOCK,))
            row = await (await connection.execute(ARRIVAL.encode())).fetchone()
        assert row is not None
        end = row[0]
        async with self._connections.write(patient=True) as connection:
            await connection.execute("select pg_advisory_xact_lock(%s)", (FOLD_LOCK,))
            known = await (await connection.execute("select folded_to from nostr_state")).fetchone()
            assert known is not None
            if known[0] >= end:
                return 0
            changed = (await connection.execute(_FOLD.encode(), {"start": known[0], "end": end})).rowcount
            await connection.execute("update nostr_state set folded_to = %s", (end,))
        return changed

    async def forget(self) -> None:
        """Remove from the recent facts what no question can be about any more."""
        async with self._connections.write() as connection:
            statement = (
                b"delete from nostr_recent where accepted_at < least((select folded_to from nostr_state), clock_timestamp() - %s::interval)"
            )
            await connection.execute(statement, (_KEPT,))
            await connection.execute(
                b"delete from nostr_rejections where received_at < clock_timestamp() - %s::interval", (_REJECTIONS_KEPT,)
            )
