"""Idempotency keys that all servers of one database share: which requests are under way, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from .connections import Connections

_TABLE = """
create table if not exists idempotency_keys (
  owner text, key text, digest bytea not null, started_at timestamptz not null default clock_timestamp(), reply bytea,
  primary key (owner, key)
)
"""
_LOCK = 0x4153534C
_ABANDONED = "interval '60 seconds'"
"""How long a request may be under way; the server that had it is gone then."""

_BEGIN = f"""
insert into idempotency_keys as k (owner, key, digest) values (%(owner)s, %(key)s, %(digest)s)
on conflict (owner, key) do update set digest = excluded.digest, started_at = excluded.started_at, reply = null
where k.started_at < clock_timestamp() - %(kept)s * interval '1 second'
   or (k.reply is null and k.started_at < clock_timestamp() - {_ABANDONED})
returning 1
"""  # noqa: S608 - built from constants
_UNDER_WAY = "where owner = %(owner)s and key = %(key)s and digest = %(digest)s and reply is null"
_KEEP = f"update idempotency_keys set reply = %(reply)s {_UNDER_WAY}"  # noqa: S608 - built from constants
_FREE = f"delete from idempotency_keys {_UNDER_WAY}"  # noqa: S608 - built from constants


class StoredReply(msgspec.Struct, frozen=True):
    """An answer that is given again as it was."""

    status: int
    headers: dict[str, str]
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of a key: `fresh` for a request to answer now, `replayed` with the reply of the first, else what stands against it."""

    state: Literal["fresh", "replayed", "conflict", "in-progress"]
    reply: StoredReply | None = None


class IdempotencyKeys:
    """Remembers keys by owner. Every method raises `StoreError` when the store does not answer."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @classmethod
    async def open(cls, connections: Connections) -> IdempotencyKeys:
        """Make the table over connections that are open already; their owner closes them."""
        async with connections.write() as connection:
            await connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
            await connection.execute(_TABLE.encode())
        return cls(connections)

    async def begin(self, owner: str, key: str, digest: bytes, kept_seconds: float) -> Begun:
        """Take a key for a request, or say what became of the first one; `digest` is that of the body."""
        values = {"owner": owner, "key": key, "digest": digest, "kept": kept_seconds}
        async with self._connections.write() as connection:
            if (await (await connection.execute(_BEGIN.encode(), values)).fetchone()) is not None:
                return Begun("fresh")
            cursor = await connection.execute(
                "select digest, reply from idempotency_keys where owner = %s and key = %s", (owner, key), binary=True
            )
            row = await cursor.fetchone()
        if row is None:
            return Begun("in-progress")
        if bytes(row[0]) != digest:
            return Begun("conflict")
        return Begun("in-progress") if row[1] is None else Begun("replayed", msgspec.msgpack.decode(row[1], type=StoredReply))

    async def finish(self, owner: str, key: str, digest: bytes, reply: StoredReply | None) -> None:
        """Keep the reply of a request; without one its key is free again. A key that another body has taken over stays as it is."""
        values = {"owner": owner, "key": key, "digest": digest, "reply": None if reply is None else msgspec.msgpack.encode(reply)}
        async with self._connections.write() as connection:
            await connection.execute((_FREE if reply is None else _KEEP).encode(), values)

    async def prune(self, kept_seconds: float) -> None:
        """Forget every key whose time is over."""
        async with self._connections.write() as connection:
            statement = b"delete from idempotency_keys where started_at < clock_timestamp() - %s * interval '1 second'"
            await connection.execute(statement, (kept_seconds,))
