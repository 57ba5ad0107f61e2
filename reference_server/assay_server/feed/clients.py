"""What is common to the sessions of every channel: how one is rejected, what its client does, and how it ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from assay_server.http.websockets import Received

GOODBYE_SECONDS = 2.0


class SessionRejected(Exception):
    """The session may not begin, for a reason that the contract has a close code for."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def read_client(websocket: Any) -> str:
    """Wait for the client: it leaves, or it says something, which this version of the contract has no message for."""
    received: asyncio.Future[Received] = websocket.assembler.received
    leaving = asyncio.ensure_future(websocket.recv())
    try:
        await asyncio.wait({leaving, received}, return_when=asyncio.FIRST_COMPLETED)
        if not received.done():
            return "client"
        return "bad-message" if received.result() == "message" else "invalid-text"
    finally:
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)


async def say_goodbye(websocket: Any, code: int, reason: str) -> None:
    """Close a session; the client's close frame is awaited, since a socket closed with data unread would take ours back."""
    with suppress(Exception):
        async with asyncio.timeout(GOODBYE_SECONDS):
            await websocket.close(code, reason)
            await websocket.wait_for_connection_lost(GOODBYE_SECONDS)
