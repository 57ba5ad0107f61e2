"""Trouble with the database has a name, and comes quickly."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import psycopg
import pytest
from assay_server.reliability.store import FailureQuery, Limits, Store, StoreBusy, StoreDown, StoreTimeout


async def until_they_wait(connection: psycopg.AsyncConnection[Any], number: int) -> None:
    """Return once so many connections to this database wait for a lock."""
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    async with asyncio.timeout(30):
        while (row := await (await connection.execute(waiting)).fetchone()) is None or row[0] < number:
            # What a transaction sees of the others' activity stays as it was first read.
            await connection.execute("select pg_stat_clear_snapshot()")
            await asyncio.sleep(0.02)


async def test_a_full_pool_is_busy_at_once(dsn: str) -> None:
    """When every connection is taken the caller hears of it within the time set, and it passes."""
    async with await Store.open(dsn, Limits(connections=2, acquire_seconds=0.1)) as store:
        async with await psycopg.AsyncConnection.connect(dsn) as blocker:
            await blocker.execute("lock table facts in access exclusive mode")
            waiting = [asyncio.create_task(store.failures(FailureQuery("tenant-a"))) for _ in range(2)]
            await until_they_wait(blocker, 2)
            began = time.perf_counter()
            with pytest.raises(StoreBusy, match="all 2 connections"):
                await store.ping()
            assert time.perf_counter() - began < 10
        await asyncio.gather(*waiting)
        await store.ping()


async def test_a_slow_statement_times_out(dsn: str) -> None:
    """A statement that waits longer than it may is cancelled, and the store goes on."""
    async with await Store.open(dsn, Limits(statement_seconds=0.2)) as store:
        async with await psycopg.AsyncConnection.connect(dsn) as blocker:
            await blocker.execute("lock table facts in access exclusive mode")
            with pytest.raises(StoreTimeout, match=r"longer than 0\.2 s"):
                await store.failures(FailureQuery("tenant-a"))
        await store.failures(FailureQuery("tenant-a"))


async def test_a_lost_connection_is_down_and_comes_back(dsn: str) -> None:
    """The statement that meets the loss fails by name; the pool finds its way back."""
    async with await Store.open(dsn, Limits(connections=1)) as store:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as other:
            await other.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'assay' and datname = current_database()"
            )
        with pytest.raises(StoreDown, match="lost"):
            await store.ping()
        await asyncio.sleep(0.3)
        await store.ping()


async def test_no_database_is_down() -> None:
    """A DSN that nobody answers is told apart from one that is no DSN."""
    with pytest.raises(StoreDown, match="got no response"):
        await Store.open("host=/nonexistent dbname=postgres")
    with pytest.raises(ValueError, match="expected a Postgres DSN"):
        await Store.open("nonsense")


async def test_several_servers_may_start_at_once(postgres: object, dsn: str) -> None:
    """Migrations run once, whoever comes first."""
    stores = await asyncio.gather(*(Store.open(dsn) for _ in range(4)))

    await asyncio.gather(*(store.ping() for store in stores))
    await asyncio.gather(*(store.aclose() for store in stores))
