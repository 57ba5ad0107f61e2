"""Migrations run once, and a newer schema is not served."""

from __future__ import annotations

import psycopg
import pytest
from assay_server.postgres.connections import Connections, Limits
from assay_server.postgres.migrations import migrate
from assay_server.postgres.shared_keys import shared_key
from assay_server.postgres.store_errors import SchemaMismatch
from assay_server.reliability.store import Store
from assay_server.reliability.store.store import MIGRATIONS


async def test_a_newer_schema_is_rejected(dsn: str) -> None:
    """A newer server migrated it: this one may misread what it finds."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("insert into schema_version (version) values (9999)")

    with pytest.raises(SchemaMismatch, match=r"schema version 9999, this server knows .* and older; run a newer assay"):
        await Store.open(dsn)


async def test_a_migrated_database_stays_as_it_is(dsn: str) -> None:
    """The second run finds nothing to do."""
    connections = Connections(dsn, Limits())
    await connections.open()
    first, second = await migrate(connections, MIGRATIONS), await migrate(connections, MIGRATIONS)
    await connections.close()

    assert first == second == max(number for number, _ in MIGRATIONS.scripts())


async def test_every_server_of_a_database_has_the_same_key(dsn: str) -> None:
    """A cursor of one is good for the other, and after a restart."""
    keys: list[bytes] = []
    for _ in range(2):
        connections = Connections(dsn, Limits())
        await connections.open()
        keys += [await shared_key(connections, "cursors"), await shared_key(connections, "others")]
        await connections.close()

    assert keys[0] == keys[2] != keys[1] == keys[3]
    assert len(keys[0]) == 32
