"""Migrations: plain numbered SQL, applied once, in order, by one process at a time."""

from __future__ import annotations

from importlib import resources

from psycopg import sql

from .connections import Connections

_LOCK = 0x41535359
"""The advisory lock that makes concurrent starts wait for each other."""


def _migrations() -> list[tuple[int, str]]:
    folder = resources.files("assay_server") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [(int(file.name.split("_")[0]), file.read_text(encoding="utf-8")) for file in files]


async def migrate(connections: Connections) -> int:
    """Bring the schema up to date and return its version."""
    async with connections.write(patient=True) as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        await connection.execute(
            "create table if not exists schema_version (version int primary key, applied_at timestamptz not null default now())"
        )
        cursor = await connection.execute("select coalesce(max(version), 0) from schema_version")
        row = await cursor.fetchone()
        version = int(row[0]) if row else 0
        for number, script in _migrations():
            if number <= version:
                continue
            await connection.execute(sql.SQL(script))  # pyright: ignore[reportArgumentType]
            await connection.execute("insert into schema_version (version) values (%s)", (number,))
            version = number
        return version
