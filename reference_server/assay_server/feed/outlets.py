"""How frames leave: straight into the transport's buffer, or through a queue where there is no such buffer.

A frame that is written to the transport costs nothing more for a session that keeps up, and the size of the buffer
tells which one does not. Sanic keeps its transport to itself, so there is a second way that uses `send` alone.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Protocol

from websockets.protocol import State

_KERNEL_BUFFER = 64 * 1024
"""What the kernel may hold for a session, so that a slow reader shows in our buffer soon."""


class Outlet(Protocol):
    """Takes frames for one session and never waits."""

    def write(self, text: bytes, frame: bytes) -> None:
        """Send one message, given as its text and as a whole frame."""
        ...

    @property
    def waiting(self) -> int:
        """How many bytes have not left yet."""
        ...

    def stop(self) -> None:
        """Send nothing more."""
        ...


class TransportOutlet:
    """Writes whole frames into the transport."""

    __slots__ = ("_transport", "_websocket")

    def __init__(self, transport: asyncio.WriteTransport, websocket: Any) -> None:
        self._transport = transport
        self._websocket = websocket
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BUFFER)

    def write(self, text: bytes, frame: bytes) -> None:
        """Write the frame; nothing follows a close frame of either side."""
        if self._websocket.ws_proto.state is State.OPEN and not self._transport.is_closing():
            self._transport.write(frame)

    @property
    def waiting(self) -> int:
        """The size of the transport's buffer."""
        return self._transport.get_write_buffer_size()

    def stop(self) -> None:
        """Nothing is held back here."""


class QueueOutlet:
    """Sends messages one after the other through `send`."""

    __slots__ = ("_queue", "_task", "_waiting", "_websocket")

    def __init__(self, websocket: Any) -> None:
        self._websocket = websocket
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._waiting = 0
        self._task = asyncio.create_task(self._drain())

    def write(self, text: bytes, frame: bytes) -> None:
        """Queue the message."""
        self._waiting += len(text)
        self._queue.put_nowait(text)

    @property
    def waiting(self) -> int:
        """The size of what is queued or being sent."""
        return self._waiting

    def stop(self) -> None:
        """Drop what is queued."""
        self._task.cancel()

    async def _drain(self) -> None:
        while True:
            text = await self._queue.get()
            await self._websocket.send(text.decode())
            self._waiting -= len(text)


def outlet_for(websocket: Any) -> Outlet:
    """The faster outlet that a session allows."""
    transport: Any = getattr(getattr(websocket, "io_proto", None), "transport", None)
    if hasattr(transport, "get_write_buffer_size") and hasattr(websocket, "ws_proto"):
        return TransportOutlet(transport, websocket)
    return QueueOutlet(websocket)
