"""The default sessions. One opener is for tasks and awaits, the other is for threads and blocks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import ExitStack

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection as BlockingConnection
from websockets.sync.client import connect as connect_blocking

from assay_sdk.feed.session import SessionClosed

# websockets writes handshake headers to its logger at DEBUG, and one of them is the credential: this one stays above.
_log = logging.getLogger("assay_sdk.websockets")
_log.setLevel(logging.INFO)

LARGEST_FRAME = 16 * 1024 * 1024


class AwaitedSession:
    """A session that a task reads."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self, patience: float | None) -> bytes:
        """The next frame."""
        try:
            async with asyncio.timeout(patience):
                return await self._connection.recv(decode=False)
        except ConnectionClosed as closed:
            raise _ended(closed) from None

    async def close(self) -> None:
        """End it."""
        await self._connection.close()


class AwaitedOpener:
    """Opens sessions for tasks."""

    async def open(self, url: str, headers: Mapping[str, str], patience: float) -> AwaitedSession:
        """An open session."""
        try:
            connection = await connect_async(
                url,
                additional_headers=dict(headers),
                open_timeout=patience,
                close_timeout=patience,
                max_size=LARGEST_FRAME,
                compression=None,
                user_agent_header=None,
                logger=_log,
            )
        except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
            raise _refused(error) from None
        return AwaitedSession(connection)


class BlockingSession:
    """A session that a thread reads."""

    def __init__(self, connection: BlockingConnection, opened: ExitStack) -> None:
        self._connection = connection
        self._opened = opened

    async def receive(self, patience: float | None) -> bytes:
        """The next frame."""
        try:
            return self._connection.recv(timeout=patience, decode=False)
        except ConnectionClosed as closed:
            raise _ended(closed) from None

    async def close(self) -> None:
        """End it."""
        self._opened.close()


class BlockingOpener:
    """Opens sessions for threads."""

    async def open(self, url: str, headers: Mapping[str, str], patience: float) -> BlockingSession:
        """An open session."""
        opened = ExitStack()
        try:
            connection = opened.enter_context(
                connect_blocking(
                    url,
                    additional_headers=dict(headers),
                    open_timeout=patience,
                    close_timeout=patience,
                    max_size=LARGEST_FRAME,
                    compression=None,
                    user_agent_header=None,
                    logger=_log,
                )
            )
        except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
            raise _refused(error) from None
        return BlockingSession(connection, opened)


def _ended(closed: ConnectionClosed) -> SessionClosed:
    if closed.rcvd is None:
        return SessionClosed(1006, "the connection broke")
    return SessionClosed(closed.rcvd.code, closed.rcvd.reason)


def _refused(error: Exception) -> SessionClosed:
    if isinstance(error, InvalidStatus):
        return SessionClosed(error.response.status_code, "the handshake was refused")
    if isinstance(error, ConnectionClosed):
        return _ended(error)
    return SessionClosed(0, type(error).__name__)
