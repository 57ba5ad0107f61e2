"""What every store over a database of its own does alike: open with its schema up to date, say that it is there, close."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .connections import Connections, Limits
from .migrations import Migrations, migrate


async def open_connections(dsn: str, limits: Limits | None, *migrations: Migrations, prepare: str = "") -> Connections:
    """Connect and bring every schema up to date, in this order; a DSN that is none raises ValueError."""
    connections = Connections(dsn, limits or Limits(), prepare=prepare)
    await connections.open()
    try:
        for schema in migrations:
            await migrate(connections, schema)
    except BaseException:
        await connections.close()
        raise
    return connections


class OwningStore:
    """A store that owns its connections and closes them at its end."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def ping(self) -> None:
        """Return when the database answers."""
        async with self._connections.read() as connection:
            await connection.execute("select 1")

    async def aclose(self) -> None:
        """Close every connection."""
        await self._connections.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()
