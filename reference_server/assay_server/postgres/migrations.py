"""Migrations: plain numbered SQL, applied once, in order, by one process at a time."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from psycopg import sql

from .connections import Connections
from .store_errors import SchemaMismatch

_LOCK = 0x41535359
"""The advisory lock that makes concurrent starts wait for each other."""


@dataclass(frozen=True, slots=True)
class Migrations:
    """The migrations of one store: a folder of files named `0001_what.sql`, and the table that remembers which ran."""

    folder: Traversable
    table: str

    def scripts(self) -> list[tuple[int, str]]:
        """Each number with its SQL, in order."""
        files = sorted((file for file in self.folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
        return [(int(file.name.split("_")[0]), file.read_text(encoding="utf-8")) for file in files]


async def migrate(connections: Connections, migrations: Migrations) -> int:
    """Bring the schema up to date and return its version; raises `SchemaMismatch` when it is newer than the last file."""
    scripts, table = migrations.scripts(), sql.Identifier(migrations.table)
    async with connections.write(patient=True) as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        await connection.execute(
            sql.SQL("create table if not exists {} (version int primary key, applied_at timestamptz not null default now())").format(table)
        )
        cursor = await connection.execute(sql.SQL("select coalesce(max(version), 0) from {}").format(table))
        row = await cursor.fetchone()
        version = int(row[0]) if row else 0
        newest = max((number for number, _ in scripts), default=0)
        if version > newest:
            raise SchemaMismatch(
                f"the database has schema version {version}, this server knows {newest} and older; "
                "run a newer assay, or give another database"
            )
        for number, script in scripts:
            if number <= version:
                continue
            await connection.execute(sql.SQL(script))  # pyright: ignore[reportArgumentType]
            await connection.execute(sql.SQL("insert into {} (version) values (%s)").format(table), (number,))
            version = number
        return version
