"""The pool, and what its troubles are called outside.

Connections speak UTC and bound every statement. Each has a temporary stage for COPY, emptied by every commit.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from .errors import StoreBusy, StoreDown, StoreTimeout

Connection = AsyncConnection[TupleRow]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the database one process may take, and for how long."""

    connections: int = 8
    acquire_seconds: float = 0.5
    statement_seconds: float = 5.0


class Connections:
    """A bounded pool; `read` and `write` lend one connection each."""

    __slots__ = ("_conninfo", "_in_use", "_pool", "dsn", "limits")

    def __init__(self, dsn: str, limits: Limits) -> None:
        self.dsn = dsn
        self.limits = limits
        self._in_use = 0
        milliseconds = int(limits.statement_seconds * 1000)
        options = f"-c timezone=UTC -c statement_timeout={milliseconds} -c client_min_messages=warning"
        try:
            self._conninfo = make_conninfo(dsn, options=options, application_name="assay")
        except psycopg.ProgrammingError as error:
            raise ValueError(f"expected a Postgres DSN such as postgresql://host/database: {_line(error)}") from error
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            self._conninfo,
            kwargs={"autocommit": True},
            min_size=min(2, limits.connections),
            max_size=limits.connections,
            timeout=limits.acquire_seconds,
            max_waiting=limits.connections * 16,
            reconnect_timeout=30,
            configure=_prepare,
            open=False,
        )

    async def open(self) -> None:
        """Open the pool; raises StoreDown when the database does not answer.

        One connection outside the pool goes first: the pool would try again and again, and not say why.
        """
        try:
            probe = await AsyncConnection.connect(self._conninfo, connect_timeout=5)
            await probe.close()
        except psycopg.OperationalError as error:
            raise StoreDown(f"expected a Postgres behind the DSN, none answered: {_line(error)}") from error
        try:
            await self._pool.open(wait=True, timeout=max(5.0, self.limits.acquire_seconds))
        except PoolTimeout as error:
            await self._pool.close()
            raise StoreDown("expected a Postgres behind the DSN, none answered; check the DSN and the server") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Connection]:
        """Lend a connection on which every statement is a transaction of its own."""
        with self._named():
            async with self._pool.connection() as connection:
                self._in_use += 1
                try:
                    yield connection
                finally:
                    self._in_use -= 1

    @asynccontextmanager
    async def write(self, *, patient: bool = False) -> AsyncGenerator[Connection]:
        """Lend a connection in one transaction; `patient` waits longer and bounds no statement."""
        with self._named():
            async with self._pool.connection(timeout=60.0 if patient else None) as connection:
                self._in_use += 1
                try:
                    async with connection.transaction():
                        if patient:
                            await connection.execute("set local statement_timeout = 0")
                        yield connection
                finally:
                    self._in_use -= 1

    @contextmanager
    def _named(self) -> Generator[None]:
        """Turn the driver's errors into the store's own."""
        try:
            yield
        except (PoolTimeout, TooManyRequests) as error:
            if self._in_use >= self.limits.connections:
                raise StoreBusy(f"all {self.limits.connections} connections are in use; try again shortly") from error
            raise StoreDown("the database does not accept connections; check that it runs") from error
        except psycopg.errors.QueryCanceled as error:
            seconds = self.limits.statement_seconds
            raise StoreTimeout(f"a statement ran longer than {seconds:g} s; ask for a smaller window") from error
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolClosed) as error:
            raise StoreDown(f"the connection to the database was lost: {_line(error)}") from error

    async def listen_connection(self) -> Connection:
        """Open a connection outside the pool, for LISTEN."""
        try:
            return await AsyncConnection.connect(self.dsn, autocommit=True, application_name="assay-feed")
        except psycopg.OperationalError as error:
            raise StoreDown(f"the database does not accept connections: {_line(error)}") from error


def _line(error: Exception) -> str:
    """Return the driver's words on one line."""
    return " ".join(str(error).split())


async def _prepare(connection: Connection) -> None:
    await connection.execute(STAGE)


STAGE = """
create temp table if not exists stage (
  tenant_id text collate "C", event_id text collate "C", event_time timestamptz, event_type text,
  channel text, component text, error_class text, retry_outcome text, latency_ms int, latency_bin int2,
  correlation_id text, scenario_id text, scenario_version text, step text
) on commit delete rows
"""
