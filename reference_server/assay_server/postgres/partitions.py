"""Tables that are partitioned by day, each day in a table that ends in its date."""

from __future__ import annotations

from datetime import datetime

from assay_server.postgres.connections import Connections


async def partitions_before(connections: Connections, table: str, moment: datetime) -> list[str]:
    """The names of the partitions of a table that lie before the day of a moment, oldest first."""
    async with connections.read() as connection:
        cursor = await connection.execute(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
            "where i.inhparent = %s::regclass and c.relname < %s order by 1",
            (table, f"{table}_{moment:%Y%m%d}"),
        )
        return [str(row[0]) for row in await cursor.fetchall()]
