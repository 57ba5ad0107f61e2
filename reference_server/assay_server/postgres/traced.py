"""Cursors whose statements are spans of the request that sends them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Self

from psycopg import AsyncCopy, AsyncCursor, sql
from psycopg.rows import TupleRow

from assay_server.tracing import query_span


class TracedCursor(AsyncCursor[TupleRow]):
    """A cursor for connections of a server that may be traced."""

    async def execute(self, query: Any, params: Any = None, *, prepare: bool | None = None, binary: bool | None = None) -> Self:
        """Execute a statement."""
        with query_span(_text(query), self.connection.info.dbname, self.connection.info.host):
            return await super().execute(query, params, prepare=prepare, binary=binary)

    @asynccontextmanager
    async def copy(self, statement: Any, params: Any = None, *, writer: Any = None) -> AsyncGenerator[AsyncCopy]:
        """Copy rows in or out."""
        with query_span(_text(statement), self.connection.info.dbname, self.connection.info.host):
            async with super().copy(statement, params, writer=writer) as copy:
                yield copy


def _text(query: Any) -> str:
    """The words of a statement, with the places of its values."""
    match query:
        case str():
            return query
        case bytes():
            return query.decode()
        case sql.Composable():
            return query.as_string()
        case _:
            return ""
