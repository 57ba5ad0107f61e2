"""The pool, and what its troubles are called outside.

Connections speak UTC and bound every statement, in the database and on this side: a database that is frozen cannot
cancel anything, so a connection that is lent for too long is cut off here.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import psycopg
from psycopg import AsyncConnection, errors
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from assay_server.timings import note_query
from assay_server.tracing import installed

from .store_errors import SchemaMismatch, StoreBusy, StoreDown, StoreError, StoreReadOnly, StoreTimeout
from .traced import TracedCursor

Connection = AsyncConnection[TupleRow]

_CONNECT_SECONDS = 5
_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""A connection that only listens would not notice that the database's machine is gone, and stay deaf."""
_PROBE_SECONDS = 0.5
"""How often one caller tries a database that is down while every other one hears so at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the database one process may take, and for how long."""

    connections: int = 8
    acquire_seconds: float = 0.5
    statement_seconds: float = 5.0
    reconnect_seconds: float = 30.0

    @property
    def waiting(self) -> int:
        """How many callers may wait for a connection at once."""
        return self.connections * 16

    @property
    def read_seconds(self) -> float:
        """How long a connection is lent for reading: one long statement, and time for it to be cancelled."""
        return self.statement_seconds + 1.0

    @property
    def write_seconds(self) -> float:
        """How long a connection is lent for one transaction of several statements."""
        return self.statement_seconds * 4 + 1.0


class Connections:
    """A bounded pool; `read` and `write` lend one connection each.

    `prepare` is SQL that every new connection runs once, such as the temporary tables of a store.
    """

    __slots__ = ("_conninfo", "_in_use", "_pool", "_probe_at", "_waiting", "dsn", "limits")

    def __init__(self, dsn: str, limits: Limits, *, prepare: str = "") -> None:
        self.dsn = dsn
        self.limits = limits
        self._in_use = 0
        self._waiting = 0
        self._probe_at: float | None = None
        milliseconds = int(limits.statement_seconds * 1000)
        options = f"-c timezone=UTC -c statement_timeout={milliseconds} -c client_min_messages=warning"
        try:
            self._conninfo = make_conninfo(dsn, options=options, application_name="assay", connect_timeout=_CONNECT_SECONDS, **_KEEPALIVES)
        except psycopg.ProgrammingError as error:
            raise ValueError(f"expected a Postgres DSN such as postgresql://host/database: {_line(error)}") from error

        async def configure(connection: Connection) -> None:
            if not prepare:
                return
            # A database that is read-only for a while can still be read: temporary tables are no reason to have no connection.
            with suppress(errors.ReadOnlySqlTransaction, errors.FeatureNotSupported):
                async with connection.transaction():
                    await connection.execute("set transaction read write")
                    await connection.execute(prepare.encode())

        # No `max_waiting`: callers that timed out stay in the pool's queue, which would then refuse everybody for good.
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            self._conninfo,
            kwargs={"autocommit": True, **({"cursor_factory": TracedCursor} if installed() else {})},
            min_size=min(2, limits.connections),
            max_size=limits.connections,
            timeout=limits.acquire_seconds,
            reconnect_timeout=limits.reconnect_seconds,
            configure=configure,
            open=False,
        )

    async def open(self) -> None:
        """Open the pool; raises StoreDown when the database does not answer.

        One connection outside the pool goes first: the pool would try again and again, and not say why.
        """
        try:
            probe = await AsyncConnection.connect(self._conninfo)
            await probe.close()
        except psycopg.OperationalError as error:
            raise StoreDown(f"expected a Postgres at the DSN, got no response: {_line(error)}") from error
        try:
            await self._pool.open(wait=True, timeout=max(5.0, self.limits.acquire_seconds))
        except PoolTimeout as error:
            await self._pool.close()
            raise StoreDown("expected a Postgres at the DSN, got no response; check the DSN and the server") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Connection]:
        """Lend a connection on which every statement is a transaction of its own."""
        async with self._lend(self.limits.acquire_seconds, self.limits.read_seconds) as connection:
            yield connection

    @asynccontextmanager
    async def write(self, *, patient: bool = False) -> AsyncGenerator[Connection]:
        """Lend a connection in one transaction; `patient` waits longer and bounds no statement."""
        wait, seconds = (60.0, None) if patient else (self.limits.acquire_seconds, self.limits.write_seconds)
        async with self._lend(wait, seconds) as connection, connection.transaction():
            if patient:
                await connection.execute("set local statement_timeout = 0")
            yield connection

    @asynccontextmanager
    async def _lend(self, wait: float, seconds: float | None) -> AsyncGenerator[Connection]:
        """Lend one connection, and cut it off after `seconds`."""
        self._admit()
        began = time.perf_counter()
        with self._named():
            self._waiting += 1
            try:
                connection = await self._pool.getconn(timeout=wait)
            finally:
                self._waiting -= 1
            self._in_use += 1
            self._probe_at = None
            deadline = _Deadline(connection, seconds)
            try:
                with deadline:
                    yield connection
            finally:
                self._in_use -= 1
                note_query(time.perf_counter() - began)
                await self._pool.putconn(connection)

    def _admit(self) -> None:
        """Raise at once for a caller who would wait in vain."""
        now = time.monotonic()
        if self._probe_at is not None:
            if now < self._probe_at:
                raise StoreDown("the database does not accept connections; check that it runs")
            self._probe_at = now + max(_PROBE_SECONDS, self.limits.acquire_seconds)
        elif self._waiting >= self.limits.waiting:
            raise StoreBusy(f"{self._waiting} callers wait for {self.limits.connections} connections; try again shortly")

    @contextmanager
    def _named(self) -> Generator[None]:
        """Turn the driver's errors into the store's own."""
        try:
            yield
        except PoolTimeout as error:
            if self._in_use >= self.limits.connections:
                raise StoreBusy(f"all {self.limits.connections} connections are in use; try again shortly") from error
            if self._in_use == 0:
                self._probe_at = time.monotonic() + _PROBE_SECONDS
            raise StoreDown("the database does not accept connections; check that it runs") from error
        except (psycopg.Error, PoolClosed) as error:
            named = self._name(error)
            if named is None:
                raise
            raise named from error

    def _name(self, error: Exception) -> StoreError | None:
        """What an error of the driver is for a caller; None for a defect of ours."""
        match error:
            case errors.QueryCanceled():
                return StoreTimeout(f"a statement ran longer than {self.limits.statement_seconds:g} s; ask for a smaller window")
            case errors.ReadOnlySqlTransaction() | errors.InsufficientPrivilege():
                return StoreReadOnly(f"the database rejected a statement of this role: {_line(error)}")
            case errors.UndefinedTable() | errors.UndefinedColumn() | errors.UndefinedFunction() | errors.InvalidSchemaName():
                return SchemaMismatch(f"the tables are not those of this version: {_line(error)}")
            case psycopg.OperationalError() | psycopg.InterfaceError() | PoolClosed():
                return StoreDown(f"the connection to the database was lost: {_line(error)}")
            case _:
                return None

    async def listen_connection(self) -> Connection:
        """Open a connection outside the pool, for LISTEN."""
        try:
            conninfo = make_conninfo(self.dsn, application_name="assay-feed", connect_timeout=_CONNECT_SECONDS, **_KEEPALIVES)
            return await AsyncConnection.connect(conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            raise StoreDown(f"the database does not accept connections: {_line(error)}") from error


class _Deadline:
    """Shuts the socket of a connection when its time is over; whoever waits on it then hears that it was lost."""

    __slots__ = ("_connection", "_expired", "_handle", "_seconds")

    def __init__(self, connection: Connection, seconds: float | None) -> None:
        self._connection = connection
        self._seconds = seconds
        self._expired = False
        self._handle: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        if self._seconds is not None:
            self._handle = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self._handle is not None:
            self._handle.cancel()
        if self._expired and isinstance(error, psycopg.Error):
            raise StoreTimeout(f"the database did not respond within {self._seconds:g} s") from error

    def _expire(self) -> None:
        self._expired = True
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def _line(error: Exception) -> str:
    """Return the driver's words on one line."""
    return " ".join(str(error).split())
