"""The pool lends connections, names its troubles, and recovers from them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import psycopg
import pytest
from assay_server.postgres.connections import Connections, Limits
from assay_server.postgres.store_errors import SchemaMismatch, StoreDown, StoreError, StoreReadOnly, StoreTimeout
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo


@pytest.fixture
async def connections(dsn: str) -> AsyncIterator[Connections]:
    """A small pool that gives up soon."""
    pool = Connections(dsn, Limits(connections=2, acquire_seconds=0.3, statement_seconds=0.5, reconnect_seconds=0.5))
    await pool.open()
    yield pool
    await pool.close()


async def ask(connections: Connections) -> str:
    """The name of what comes of one read."""
    try:
        async with connections.read() as connection:
            await connection.execute("select 1")
    except StoreError as error:
        return type(error).__name__
    return "ok"


async def test_the_pool_comes_back_after_an_outage_that_many_waited_through(dsn: str, connections: Connections) -> None:
    """Longer than it tries to connect again, with more callers than may wait."""
    name = conninfo_to_dict(dsn)["dbname"]
    with psycopg.connect(make_conninfo(dsn, dbname="postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(str(name))))
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
        during: set[str] = set()
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            during |= set(await asyncio.gather(*(ask(connections) for _ in range(100))))
            await asyncio.sleep(0.1)
        admin.execute(sql.SQL("alter database {} allow_connections true").format(sql.Identifier(str(name))))
    deadline = time.monotonic() + 15
    while await ask(connections) != "ok":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)

    assert "ok" not in during
    assert set(await asyncio.gather(*(ask(connections) for _ in range(30)))) == {"ok"}


async def test_a_caller_hears_at_once_that_the_database_is_down(dsn: str, connections: Connections) -> None:
    """Only one at a time waits for it; the others have their answer without delay."""
    name = conninfo_to_dict(dsn)["dbname"]
    with psycopg.connect(make_conninfo(dsn, dbname="postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(str(name))))
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
        for _ in range(6):
            await ask(connections)
        began = time.monotonic()
        outcomes = await asyncio.gather(*(ask(connections) for _ in range(50)))
        spent = time.monotonic() - began
        admin.execute(sql.SQL("alter database {} allow_connections true").format(sql.Identifier(str(name))))

    assert set(outcomes) == {"StoreDown"}
    assert spent < 1.5


async def test_a_database_that_does_not_answer_is_cut_off(connections: Connections) -> None:
    """On this side: what never looks at a timeout cannot be cancelled there."""

    async def hang() -> None:
        async with connections.read() as connection:
            await connection.execute("set statement_timeout = 0")
            await connection.execute("select pg_sleep(60)")

    began = time.monotonic()
    with pytest.raises(StoreTimeout):
        await hang()
    spent = time.monotonic() - began

    assert spent < 5
    assert await ask(connections) == "ok"


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("select pg_sleep(5)", StoreTimeout),
        ("select * from nothing_of_ours", SchemaMismatch),
        ("select nothing from facts", SchemaMismatch),
        ("set transaction read only; delete from facts", StoreReadOnly),
        ("set local role pg_read_all_stats; delete from facts", StoreReadOnly),
        ("select pg_terminate_backend(pg_backend_pid())", StoreDown),
    ],
)
async def test_troubles_of_the_database_have_names(connections: Connections, statement: str, error: type[StoreError]) -> None:
    """None of them is a defect of the server."""

    async def run() -> None:
        async with connections.write() as connection:
            await connection.execute(statement.encode())

    with pytest.raises(error):
        await run()

    assert await ask(connections) == "ok"


async def test_a_connection_that_listens_notices_a_machine_that_is_gone(connections: Connections) -> None:
    """The system asks now and then, whether or not anything is said."""
    connection = await connections.listen_connection()
    try:
        parameters = connection.info.get_parameters()
    finally:
        await connection.close()

    assert {name: value for name, value in parameters.items() if name.startswith("keepalives")} == {
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
    }
