"""What a client of a session does: it leaves, or it says something."""

from __future__ import annotations

import asyncio
from typing import Any

from assay_server.http.websockets import Received


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
