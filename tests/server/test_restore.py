"""A backup that was taken with Postgres' own tools beside a running server is restored, and everything in it is right."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from assay_server.postgres import EmbeddedPostgres
from assay_server.postgres.binaries import find_binaries
from assay_server.reliability.store import FunnelQuery, Store
from assay_server.rollups import Incident
from psycopg.conninfo import make_conninfo

from .test_funnel import END, facts

FOLDER = find_binaries().folder


async def run(tool: str, *arguments: str) -> None:
    """Run a tool of Postgres to its end."""
    process = await asyncio.create_subprocess_exec(str(FOLDER / tool), *arguments)
    assert await process.wait() == 0


@pytest.mark.skipif(not (FOLDER / "pg_dump").exists(), reason="this Postgres comes without pg_dump")
async def test_a_restored_database_is_whole(store: Store, dsn: str, postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    """Rollups are what the facts say, the sequence goes on, and an event that was known before is known after."""
    known = list(facts(3, 600))
    await store.ingest(known)
    await store.close(END - timedelta(hours=2))
    incident = Incident("inc-1", "open", "high", "credit_check", END, END)
    seq = await store.apply_changes("tenant-a", [incident])
    query = FunnelQuery("tenant-a", END - timedelta(days=4), END, "day")
    expected = await store.funnel(query)

    await run("pg_dump", "--format=custom", f"--file={tmp_path / 'backup'}", f"--dbname={dsn}")
    restored = make_conninfo(postgres.dsn, dbname="restored")
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("create database restored")
        try:
            await run("pg_restore", "--exit-on-error", f"--dbname={restored}", str(tmp_path / "backup"))
            async with await Store.open(restored) as opened:
                assert await opened.funnel(query) == expected
                assert (await opened.upkeep.verify("tenant-a")).differences == ()
                assert (await opened.ingest(known)).accepted == 0
                assert await opened.apply_changes("tenant-a", [incident]) == seq + 1
        finally:
            connection.execute("drop database restored with (force)")
