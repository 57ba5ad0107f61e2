"""Keys that all servers of one database share: made by the first, read by every other."""

from __future__ import annotations

import secrets

from .connections import Connections

_TABLE = "create table if not exists server_keys (name text primary key, key bytea not null)"
_LOCK = 0x4153534B


async def shared_key(connections: Connections, name: str) -> bytes:
    """The 32 random bytes of a name; the same in every process and after every restart."""
    async with connections.write() as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        await connection.execute(_TABLE)
        await connection.execute("insert into server_keys values (%s, %s) on conflict do nothing", (name, secrets.token_bytes(32)))
        row = await (await connection.execute("select key from server_keys where name = %s", (name,))).fetchone()
    assert row is not None
    return bytes(row[0])
