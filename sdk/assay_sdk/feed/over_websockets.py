"""The default sessions. One opener is for tasks and awaits, the other is for threads and blocks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import ExitStack

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidStatus
from websockets.sync.client import ClientConnection as BlockingConnection
from websockets.sync.client import connect as connect_blocking

from assay_sdk.feed.session import SessionClosed
from assay_sdk.network import Network

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

    async def send(self, text: str) -> None:
        """Send a frame."""
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise _ended(closed) from None

    async def close(self) -> None:
        """End it."""
        await self._connection.close()


class _Connect(connect_async):
    """Opens a connection where it is asked to: a redirect would take the credential along."""

    def process_redirect(self, exc: Exception) -> Exception:
        """Follow none."""
        return exc


class AwaitedOpener:
    """Opens sessions for tasks; at most `buffer` unread frames are held, then the server has to wait."""

    def __init__(self, network: Network, buffer: int) -> None:
        self._network = network
        self._buffer = buffer

    async def open(self, url: str, headers: Mapping[str, str], patience: float) -> AwaitedSession:
        """An open session."""
        try:
            connection = await _Connect(
                url,
                additional_headers=dict(headers),
                open_timeout=patience,
                close_timeout=patience,
                max_size=LARGEST_FRAME,
                max_queue=self._buffer,
                proxy=self._network.proxy or True,
                ssl=self._network.tls if url.startswith("wss:") else None,
                compression=None,
                user_agent_header=None,
                logger=_log,
            )
        except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed, InvalidProxy) as error:
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

    async def send(self, text: str) -> None:
        """Send a frame."""
        try:
            self._connection.send(text)
        except ConnectionClosed as closed:
            raise _ended(closed) from None

    async def close(self) -> None:
        """End it."""
        self._opened.close()


class BlockingOpener:
    """Opens sessions for threads; at most `buffer` unread frames are held, then the server has to wait."""

    def __init__(self, network: Network, buffer: int) -> None:
        self._network = network
        self._buffer = buffer

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
                    max_queue=self._buffer,
                    proxy=self._network.proxy or True,
                    ssl=self._network.tls if url.startswith("wss:") else None,
                    compression=None,
                    user_agent_header=None,
                    logger=_log,
                )
            )
        except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed, InvalidProxy) as error:
            raise _refused(error) from None
        return BlockingSession(connection, opened)


def _ended(closed: ConnectionClosed) -> SessionClosed:
    if closed.rcvd is None:
        return SessionClosed(1006, "the connection broke")
    return SessionClosed(closed.rcvd.code, closed.rcvd.reason)


def _refused(error: Exception) -> SessionClosed:
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        return SessionClosed(status, "the handshake was redirected" if 300 <= status < 400 else "the handshake was rejected")
    if isinstance(error, ConnectionClosed):
        return _ended(error)
    return SessionClosed(0, type(error).__name__)
