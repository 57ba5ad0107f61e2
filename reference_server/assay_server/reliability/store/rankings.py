"""Rankings that are walked page by page: kept as they were at the first page, since the numbers go on changing."""

from __future__ import annotations

import secrets

from assay_server.postgres.connections import Connections


class Rankings:
    """Keeps rankings for as long as cursors live. Every method raises `StoreError` when the store does not answer."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def keep(self, content: bytes) -> str:
        """Keep a ranking and return its id."""
        id = secrets.token_urlsafe(12)
        async with self._connections.write() as connection:
            await connection.execute(b"insert into rankings (ranking_id, content) values (%s, %s)", (id, content))
        return id

    async def get(self, id: str) -> bytes | None:
        """A ranking; None when it is gone."""
        async with self._connections.read() as connection:
            cursor = await connection.execute(b"select content from rankings where ranking_id = %s", (id,), binary=True)
            row = await cursor.fetchone()
        return None if row is None else bytes(row[0])

    async def prune(self, seconds: float) -> int:
        """Forget every ranking that is older; return how many there were."""
        async with self._connections.write() as connection:
            statement = b"delete from rankings where made_at < clock_timestamp() - %s * interval '1 second'"
            return (await connection.execute(statement, (seconds,))).rowcount
