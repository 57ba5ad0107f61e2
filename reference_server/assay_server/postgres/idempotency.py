"""Idempotency keys: the first result of a request, kept in the transaction that made it.

A key belongs to a scope, such as the subject of a credential, and to an operation. Whoever claims a key holds an advisory lock until
its transaction ends, so a second request hears at once that the first is under way, and a request that fails keeps nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
from assay_contracts.json_types import is_list, is_mapping

from .connections import Connection, Connections

KEPT_HOURS = 24
"""How long a result is kept."""

_LOCK = 0x4153534C
_TABLE = """
create table if not exists idempotency_keys (
  scope text collate "C" not null, operation text collate "C" not null, key text collate "C" not null,
  digest bytea not null, result bytea not null, created_at timestamptz not null default clock_timestamp(),
  primary key (scope, operation, key)
)
"""
_INDEX = "create index if not exists idempotency_keys_by_time on idempotency_keys (created_at)"
_TRY = "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
_KNOWN = """
select digest, result from idempotency_keys
where scope = %s and operation = %s and key = %s and created_at > clock_timestamp() - make_interval(hours => %s)
"""
_KEEP = """
insert into idempotency_keys (scope, operation, key, digest, result) values (%s, %s, %s, %s, %s)
on conflict (scope, operation, key) do update set digest = excluded.digest, result = excluded.result, created_at = excluded.created_at
"""


class KeyConflict(Exception):
    """The key names a request with another body."""


class KeyInProgress(Exception):
    """The first request with the key is under way."""


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that is made once: whose key it is, for which operation, and the digest of its body."""

    scope: str
    operation: str
    key: str
    digest: bytes


def digest_of(body: Any) -> bytes:
    """The digest of a JSON value: the same for bodies that are equal as JSON, whatever their spelling.

    >>> digest_of({"a": 1, "b": [2.0]}) == digest_of({"b": [2], "a": 1.0})
    True
    """
    return hashlib.blake2b(msgspec.json.encode(_plain(body), order="deterministic"), digest_size=32).digest()


def _plain(value: Any) -> Any:
    """The value with every whole number as an integer."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if is_list(value):
        return [_plain(item) for item in value]
    if is_mapping(value):
        return {name: _plain(item) for name, item in value.items()}
    return value


async def prepare_keys(connections: Connections) -> None:
    """Create the table of keys unless it is there."""
    async with connections.write(patient=True) as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        await connection.execute(_TABLE)
        await connection.execute(_INDEX)


async def claim_key(connection: Connection, request: KeyedRequest) -> bytes | None:
    """Claim a key for the transaction of the caller: the result that is kept, or None for the first request.

    Raises `KeyConflict` when the key is kept with another digest, `KeyInProgress` when another transaction claims it.
    """
    name = msgspec.json.encode((request.scope, request.operation, request.key)).decode()
    row = await (await connection.execute(_TRY, (name,))).fetchone()
    if row is None or not row[0]:
        raise KeyInProgress(request.key)
    known = await (await connection.execute(_KNOWN, (request.scope, request.operation, request.key, KEPT_HOURS))).fetchone()
    if known is None:
        return None
    if bytes(known[0]) != request.digest:
        raise KeyConflict(request.key)
    return bytes(known[1])


async def keep_result(connection: Connection, request: KeyedRequest, result: bytes) -> None:
    """Keep the result of a request whose key the transaction has claimed."""
    await connection.execute(_KEEP, (request.scope, request.operation, request.key, request.digest, result))


async def purge_keys(connections: Connections) -> int:
    """Delete the results that are no longer kept and return how many those were."""
    async with connections.write(patient=True) as connection:
        cursor = await connection.execute(
            "delete from idempotency_keys where created_at <= clock_timestamp() - make_interval(hours => %s)", (KEPT_HOURS,)
        )
        return cursor.rowcount
