"""What is common to the sessions of every channel: how one is rejected, what its client does, and how it ends."""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from typing import Any

from sanic import Request

from assay_server.http.contract_view import ServedContract
from assay_server.http.handling import header_values
from assay_server.http.parameters import query_pairs
from assay_server.http.websockets import Received

GOODBYE_SECONDS = 2.0
BEARER = "bearer."


class SessionRejected(Exception):
    """The session may not begin, for a reason that the contract has a close code for."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def read_client(websocket: Any, *, again: bool = False) -> str:
    """Wait for the client: it leaves, or it sends a message that the contract does not have; `again` lets the first one pass."""
    received: asyncio.Future[Received] = websocket.assembler.again if again else websocket.assembler.received
    leaving = asyncio.ensure_future(websocket.recv())
    try:
        await asyncio.wait({leaving, received}, return_when=asyncio.FIRST_COMPLETED)
        if not received.done():
            return "client"
        return "bad-message" if received.result() == "message" else "invalid-text"
    finally:
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)


def carried_tokens(request: Request) -> list[str]:
    """The values of `Authorization`; without one, those that subprotocols carry in base64url. Raises ValueError for text that is none."""
    headers = header_values(request, "authorization")
    offered = [part.strip() for value in header_values(request, "sec-websocket-protocol") for part in value.split(",")]
    carried = [part.removeprefix(BEARER) for part in offered if part.startswith(BEARER)]
    return headers or [f"Bearer {_decoded(token)}" for token in carried]


def requested_version(request: Request, served: ServedContract, parameter: str) -> str:
    """The schema version of a session, by header or by a parameter of the query; raises SessionRejected for one that is not served."""
    header = header_values(request, served.version_header)
    named = header or [value for name, value in query_pairs(request.query_string) if parameter and name == parameter]
    if any(not served.serves_version(version) for version in named):
        raise SessionRejected("version-not-served")
    return served.version_for(named[0] if named else None)


def _decoded(token: str) -> str:
    """The token of a subprotocol, which is in base64url without padding; raises ValueError."""
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")


async def say_goodbye(websocket: Any, code: int, reason: str) -> None:
    """Close a session; the client's close frame is awaited, since a socket closed with data unread would take ours back."""
    with suppress(Exception):
        async with asyncio.timeout(GOODBYE_SECONDS):
            await websocket.close(code, reason)
            await websocket.wait_for_connection_lost(GOODBYE_SECONDS)
