"""How records come in: a statement for each kind, each record once."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from assay_server.postgres.connections import Connection, Connections

from .records import (
    Alert,
    Backlog,
    Customer,
    Entry,
    Order,
    Pipeline,
    Record,
    Retention,
    Risk,
    Spend,
    Subscription,
    Uptime,
    WinRate,
)

_MOST = 10_000
"""Records a statement."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Where one kind of record goes. A `state` that is recorded again replaces the one before; anything else stays as it was first."""

    name: str
    key: tuple[str, ...]
    types: tuple[str, ...]
    state: bool = False

    def statement(self, columns: Sequence[str]) -> bytes:
        """The insert of any number of records, given as one array a column, in the order of the key."""
        arrays = ", ".join(f"%s::{type_name}[]" for type_name in self.types)
        update = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in self.key)
        action = f"update set {update}" if self.state else "nothing"
        keys = ", ".join(self.key)
        return (
            f"insert into {self.name} ({', '.join(columns)}) select * from unnest({arrays}) as new ({', '.join(columns)}) "  # noqa: S608
            f"order by {keys} on conflict ({keys}) do {action}"
        ).encode()


_PARTED = ("date", "text", "text", "numeric")
_TABLES: dict[type[Record], _Table] = {
    Entry: _Table("executive_entries", ("entry_id",), ("text", "text", "date", "text", "text", "numeric")),
    Backlog: _Table("executive_backlog", ("month", "region", "product"), _PARTED, state=True),
    Pipeline: _Table("executive_pipeline", ("month", "region", "product"), _PARTED, state=True),
    WinRate: _Table("executive_win_rates", ("month",), ("date", "numeric"), state=True),
    Retention: _Table("executive_retention", ("month",), ("date", "numeric"), state=True),
    Order: _Table("executive_orders", ("order_id",), ("text", "date", "text", "text", "numeric", "numeric", "boolean")),
    Customer: _Table("executive_customers", ("customer_id",), ("text", "text", "float8", "jsonb"), state=True),
    Subscription: _Table(
        "executive_subscriptions", ("subscription_id",), ("text", "text", "text", "text", "numeric", "date", "date"), state=True
    ),
    Spend: _Table("executive_spend", ("spend_id",), ("text", "date", "numeric")),
    Uptime: _Table("executive_uptime", ("service", "measured_at"), ("text", "timestamptz", "numeric")),
    Alert: _Table("executive_alerts", ("alert_id",), ("text", "text", "text", "text", "text", "timestamptz")),
    Risk: _Table("executive_risks", ("risk_id",), ("text", "text", "text", "date", "text", "text"), state=True),
}


class Books:
    """Takes records."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def record(self, records: Sequence[Record], *, patient: bool = False) -> None:
        """Store records of any kinds, all or none. Of two with one key in a batch the last counts."""
        kinds: defaultdict[type[Record], dict[tuple[Any, ...], Record]] = defaultdict(dict)
        for record in records:
            table = _TABLES[type(record)]
            kinds[type(record)][tuple(getattr(record, name) for name in table.key)] = record
        async with self._connections.write(patient=patient) as connection:
            # The row lock of the version makes writers wait for each other in one place, before any other lock.
            await connection.execute("update executive_version set version = version + 1")
            for kind in sorted(kinds, key=lambda kind: kind.__name__):
                await _insert(connection, _TABLES[kind], list(kinds[kind].values()))

    async def version(self) -> int:
        """Return how often anything was recorded."""
        async with self._connections.read() as connection:
            row = await (await connection.execute("select version from executive_version")).fetchone()
        return int(row[0]) if row else 0


async def _insert(connection: Connection, table: _Table, records: Sequence[Record]) -> None:
    columns = [field.name for field in dataclasses.fields(records[0])]
    statement = table.statement(columns)
    for first in range(0, len(records), _MOST):
        batch = records[first : first + _MOST]
        await connection.execute(statement, [[_value(getattr(record, column)) for record in batch] for column in columns])


def _value(value: object) -> object:
    """A list of strings as JSON: an array of arrays would be unnested as one."""
    return Jsonb(list(value)) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
