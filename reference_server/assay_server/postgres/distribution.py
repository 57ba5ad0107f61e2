"""The schema on many machines: which tables Citus spreads by tenant, and how they get there.

What is distributed follows from the schema. A table that our migrations make and that has a column `tenant_id` is distributed by it, all
such tables side by side, so that everything of a tenant is on one machine. Every other table stays whole, on the coordinator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from .connections import Connection, Connections
from .migrations import Migrations
from .store_errors import StoreError

TENANT = "tenant_id"
"""The column that tables are distributed by."""

_CREATED = re.compile(r"^create table (?:if not exists )?([a-z_]+)", re.IGNORECASE | re.MULTILINE)

_TABLES = """
select c.relname, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = %s and not a.attisdropped)
from unnest(%s::text[]) as name join pg_class c on c.oid = to_regclass(name) where c.relkind in ('r', 'p')
"""
_DISTRIBUTED = "select p.logicalrelid::regclass::text, column_to_column_name(p.logicalrelid, p.partkey) from pg_dist_partition p"
_WORKERS = "select count(*) from pg_dist_node where isactive and noderole = 'primary' and groupid <> 0"
_SERVERS = """
select count(*) from pg_stat_activity
where datname = current_database() and application_name in ('assay', 'assay-feed') and pid <> pg_backend_pid()
"""

Step = Literal["distribute", "distributed", "coordinator"]


class NotDistributable(StoreError):
    """The database cannot be distributed as it is; the message says what to do first."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What becomes of a table: it is to be distributed, is distributed already, or stays on the coordinator."""

    table: str
    step: Step
    statements: tuple[sql.Composed, ...] = ()


async def is_distributed(connections: Connections, table: str) -> bool:
    """Whether a table is spread over the machines of a cluster."""
    async with connections.read() as connection:
        return await _has_citus(connection) and table in await _distributed(connection)


def created_tables(schemas: Iterable[Migrations]) -> tuple[str, ...]:
    """The tables that migrations make, in their order, and those that remember which ran."""
    names: dict[str, None] = {}
    for schema in schemas:
        names |= dict.fromkeys(name for _, script in schema.scripts() for name in _CREATED.findall(script))
        names[schema.table] = None
    return tuple(names)


async def plan_distribution(connections: Connections, schemas: Sequence[Migrations], shards: int) -> tuple[TablePlan, ...]:
    """What becomes of every table; raises `NotDistributable` when a step has to come before."""
    names = created_tables(schemas)
    async with connections.read() as connection:
        tables = await tenant_tables(connection, names)
        if missing := [name for name in names if name not in tables]:
            raise NotDistributable(f"expected the tables of every contract, found no {missing[0]}; run `assay admin migrate` first")
        await _check_cluster(connection)
        known = await _distributed(connection)
    first = next((name for name, column in known.items() if name in tables and column == TENANT), None)
    plans: list[TablePlan] = []
    for name, by_tenant in tables.items():
        if not by_tenant and name not in known:
            plans.append(TablePlan(name, "coordinator"))
        elif not by_tenant or known.get(name, TENANT) != TENANT:
            raise NotDistributable(
                f"expected {name} {f'distributed by {TENANT}' if by_tenant else 'on the coordinator alone'}, found it distributed "
                f"otherwise; run `select undistribute_table('{name}')` first"
            )
        elif name in known:
            plans.append(TablePlan(name, "distributed"))
        else:
            plans.append(TablePlan(name, "distribute", _statements(name, first, shards)))
            first = first or name
    return tuple(plans)


async def distribute(connections: Connections, plan: TablePlan) -> None:
    """Do what a plan says of one table."""
    for statement in plan.statements:
        async with connections.write(patient=True) as connection:
            await connection.execute(statement)


async def tenant_tables(connection: Connection, names: Sequence[str]) -> dict[str, bool]:
    """The tables that exist of these, each with whether it holds rows of tenants."""
    cursor = await connection.execute(_TABLES, (TENANT, list(names)))
    found = {str(name): bool(by_tenant) for name, by_tenant in await cursor.fetchall()}
    return {name: found[name] for name in names if name in found}


async def _check_cluster(connection: Connection) -> None:
    if not await _has_citus(connection):
        raise NotDistributable(
            "expected the Citus extension in this database, found none; run `create extension citus` in it, on the coordinator and "
            "on every worker"
        )
    if not await _number(connection, _WORKERS):
        raise NotDistributable(
            "expected a coordinator with at least one worker, found none; on the coordinator run "
            "`select citus_set_coordinator_host('HOST', PORT)` once and `select citus_add_node('HOST', PORT)` for each worker"
        )
    if servers := await _number(connection, _SERVERS):
        raise NotDistributable(
            f"expected no server on this database, found {servers} connections of servers; stop them, and start them again afterwards"
        )


async def _has_citus(connection: Connection) -> bool:
    return await _number(connection, "select count(*) from pg_extension where extname = 'citus'") > 0


async def _distributed(connection: Connection) -> dict[str, str | None]:
    """Every table that Citus knows, with the column that it is distributed by."""
    cursor = await connection.execute(_DISTRIBUTED)
    return {str(name): column for name, column in await cursor.fetchall()}


async def _number(connection: Connection, statement: str) -> int:
    row = await (await connection.execute(statement.encode())).fetchone()
    return int(row[0]) if row else 0


def _statements(name: str, beside: str | None, shards: int) -> tuple[sql.Composed, ...]:
    """Spread a table, beside the one that is spread already, and free the room that its rows took here."""
    placed = sql.SQL("shard_count => {}").format(shards) if beside is None else sql.SQL("colocate_with => {}").format(beside)
    return (
        sql.SQL("select create_distributed_table({}, {}, {})").format(name, TENANT, placed),
        sql.SQL("select truncate_local_data_after_distributing_table({})").format(name),
    )
