"""The seam to WebSocket: a session gives text frames until it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable


class SessionClosed(Exception):
    """The session is over; a code below 1000 is the HTTP status that refused the handshake, 0 that nothing answered."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Session(Protocol):
    """One open session."""

    async def receive(self, patience: float | None) -> bytes:
        """The next frame; `SessionClosed` at the end, `TimeoutError` after that many silent seconds."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


@runtime_checkable
class SendingSession(Session, Protocol):
    """A session that also sends."""

    async def send(self, text: str) -> None:
        """Send a text frame, or `SessionClosed`."""
        ...


class Opener(Protocol):
    """Opens sessions."""

    async def open(self, url: str, headers: Mapping[str, str], patience: float) -> Session:
        """An open session, or `SessionClosed`."""
        ...
