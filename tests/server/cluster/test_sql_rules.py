"""Every statement that the server sends about tables of tenants is one that a cluster can run, and so is every key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from assay_server.postgres.connections import Connections, Limits
from assay_server.postgres.distribution import TENANT, created_tables, tenant_tables
from assay_server.reliability.store import Store
from assay_server.rooms import ROOMS, SCHEMAS
from assay_server.settings import Settings
from psycopg import AsyncCursor, sql

from .sql_rules import mentions, violations
from .tour import tour

END = datetime(2026, 11, 20, tzinfo=UTC)

EVERY_TENANT = {
    "select tenant_id from tenants where closed_to < %s union select tenant_id from late_facts order by 1": "whose buckets can be closed",
    "select tenant_id from tenants order by tenant_id": "a list of all of them",
    "select tenant_id, seq from incident_feeds order by tenant_id": "what was committed while nobody listened",
    "select min(closed_to) from tenants": "how far facts may be removed",
    "select exists (select 1 from late_facts where event_time < %s)": "whether facts that are to be removed are folded",
    "delete from event_ids where event_time < %s": "ids leave with their facts",
    "delete from backfills where range_start = %s and range_end = %s": "a backfill is over for all of them",
}
"""The statements that mean all tenants, with why."""


def _text(query: object) -> str:
    match query:
        case bytes():
            return query.decode()
        case sql.Composable():
            return query.as_string()
        case _:
            return str(query)


def _flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are sent, each on one line, as they are sent."""
    statements: list[str] = []
    execute = AsyncCursor[Any].execute

    async def record(self: AsyncCursor[Any], query: Any, *values: Any, **options: Any) -> Any:
        statements.append(_flat(_text(query)))
        return await execute(self, query, *values, **options)

    monkeypatch.setattr(AsyncCursor, "execute", record)
    return statements


async def _tables(dsn: str) -> dict[str, bool]:
    """Every table of every contract, with whether it holds rows of tenants."""
    for room in ROOMS:
        await (await room.open(dsn, Settings())).aclose()
    connections = Connections(dsn, Limits())
    await connections.open()
    try:
        async with connections.read() as connection:
            return await tenant_tables(connection, created_tables(SCHEMAS))
    finally:
        await connections.close()


async def test_every_key_of_a_table_of_tenants_begins_with_the_tenant(dsn: str) -> None:
    """A cluster can hold a key within one of its pieces only."""
    tables = await _tables(dsn)
    with psycopg.connect(dsn) as connection:
        keys = connection.execute(
            "select i.indrelid::regclass::text, i.indexrelid::regclass::text, a.attname from pg_index i "
            "join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] where i.indisunique or i.indisprimary"
        ).fetchall()
        whole = "relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace"
        known = {str(row[0]) for row in connection.execute(f"select relname from pg_class where {whole}".encode()).fetchall()}
    apart = {table for table, by_tenant in tables.items() if by_tenant}

    assert {"facts", "event_ids", "rollup_minutes", "incidents"} <= apart
    assert set(tables) == known - {"server_keys", "idempotency_keys"}
    assert [key for key in keys if key[0] in apart and key[2] != TENANT] == []


async def test_every_statement_on_a_table_of_tenants_can_run_on_a_cluster(dsn: str, sent: list[str]) -> None:
    """Sent are all that the store has, placed table by table as on a cluster."""
    tables = [name for name, by_tenant in (await _tables(dsn)).items() if by_tenant]
    connections = (await Store.open(dsn, Limits(acquire_seconds=30, statement_seconds=60)))._connections  # pyright: ignore[reportPrivateUsage] - the same store, told that it is on a cluster
    sent.clear()
    async with Store(connections, distributed=True) as store:
        await tour(store, END, 400)
    about = sorted({statement for statement in sent if mentions(statement, tables)})
    problems = [
        f"{statement}: {problem}"
        for statement in about
        for problem in violations(statement, tables, every_tenant=statement in EVERY_TENANT)
    ]

    assert problems == []
    assert set(EVERY_TENANT) <= set(about)


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from facts where event_time > %s",
        "select * from facts where tenant_id = %s or event_time > %s",
        "select * from facts f where exists (select 1 from late_facts l where l.event_id = f.event_id) and f.tenant_id = %s",
        "select * from facts f join late_facts l on l.event_id = f.event_id where f.tenant_id = %s",
        "update tenants set closed_to = %s",
        "delete from late_facts where event_id = %s",
        "insert into event_ids (event_id, tenant_id) values (%s, %s)",
        "insert into event_ids values (%s, %s)",
        "insert into event_ids (tenant_id, event_id) values (%s, %s) on conflict (event_id) do nothing",
        "with gone as (delete from late_facts where tenant_id = %s returning *) select count(*) from gone",
    ],
)
def test_a_statement_that_a_cluster_cannot_run_well_is_found(statement: str) -> None:
    """Without a tenant, with one that an alternative takes away again, with another key, with a change inside."""
    assert violations(statement, ["facts", "late_facts", "tenants", "event_ids"])


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from facts where tenant_id = %(tenant)s and (channel = %s or channel = '')",
        "select * from facts f where f.tenant_id = %s and exists (select 1 from late_facts l where l.tenant_id = f.tenant_id)",
        "select * from facts f join late_facts l on l.tenant_id = f.tenant_id where %s = f.tenant_id",
        "select closed_to from tenants where tenant_id = any(%s)",
        "insert into event_ids (tenant_id, event_id) select tenant_id, event_id from stage on conflict (tenant_id, event_id) do nothing",
        "select * from stage",
    ],
)
def test_a_statement_that_a_cluster_can_run_passes(statement: str) -> None:
    """Bound by a value, by a table that is bound, or by what is inserted."""
    assert violations(statement, ["facts", "late_facts", "tenants", "event_ids"]) == []


@pytest.mark.parametrize("statement", ["select * from facts f, tenants t", "select * from tenants for update"])
def test_a_statement_about_all_tenants_reads_one_table_and_locks_nothing(statement: str) -> None:
    """It runs on every machine at its own time."""
    assert violations(statement, ["facts", "tenants"], every_tenant=True)
