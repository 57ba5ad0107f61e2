"""One Postgres for all tests of the server, and a database of its own for each."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator

import psycopg
import pytest
from assay_server.postgres import EmbeddedPostgres
from assay_server.reliability.store import Limits, Store
from psycopg import sql
from psycopg.conninfo import make_conninfo

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A cluster whose database `pattern` is migrated already."""
    with EmbeddedPostgres.start(connections=200) as cluster:
        with psycopg.connect(cluster.dsn, autocommit=True) as connection:
            connection.execute("create database pattern")

        async def migrate() -> None:
            await (await Store.open(make_conninfo(cluster.dsn, dbname="pattern"))).aclose()

        asyncio.run(migrate())
        yield cluster


@pytest.fixture(scope="session")
def new_database(postgres: EmbeddedPostgres) -> Callable[[], str]:
    """Makes a fresh, migrated database that lasts as long as the cluster, for a server that many tests share."""

    def create() -> str:
        name = f"kept_{next(_numbers)}"
        with psycopg.connect(postgres.dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("create database {} template pattern").format(sql.Identifier(name)))
        return make_conninfo(postgres.dsn, dbname=name)

    return create


@pytest.fixture
def dsn(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A fresh, migrated database."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template pattern").format(sql.Identifier(name)))
        yield make_conninfo(postgres.dsn, dbname=name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
async def store(dsn: str) -> AsyncIterator[Store]:
    """A store over a fresh database."""
    async with await Store.open(dsn, Limits(acquire_seconds=30, statement_seconds=30)) as opened:
        yield opened
