"""The seam to HTTP: one request goes in, one answer comes out, and nothing else is known of the library below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes out; its headers hold the credential and are never shown.

    `timeout` bounds each step of the network (connect, write, read) and `total` the whole exchange, both in seconds.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    timeout: float
    body: bytes | None = field(default=None, repr=False)
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response as a transport received it.

    `headers` is looked up without case. `body` is decompressed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class NoAnswer(Exception):
    """Raised by a transport: the server was not reached, or broke off, or did not respond in time.

    `sent` is False when the connection was never made, so that the server cannot have acted on the request.
    """

    def __init__(self, reason: str, *, sent: bool = True) -> None:
        super().__init__(reason)
        self.sent = sent


class OpenAnswer(Protocol):
    """A response with its headers, whose body is not read yet.

    `read` returns the next bytes, and `b""` at the end. Always call `close`.
    """

    @property
    def status(self) -> int:
        """The status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, looked up whatever their case."""
        ...

    async def read(self) -> bytes:
        """The next bytes of the body, empty at its end, or `NoAnswer`."""
        ...

    async def close(self) -> None:
        """Give back the connection, whether or not the body was read."""
        ...


class Transport(Protocol):
    """Sends requests for a client.

    Implement it to use another HTTP library. The transport of a blocking client must not await anything that really waits. Raise
    `NoAnswer` when there is no response; retries, credentials and validation are the client's work.
    """

    async def send(self, request: Request) -> Answer:
        """The response to a request, or `NoAnswer`."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


@runtime_checkable
class StreamingTransport(Transport, Protocol):
    """A transport that returns a response before its body has arrived.

    `with_stream` needs one.
    """

    async def open(self, request: Request) -> OpenAnswer:
        """The response to a request with its body unread, or `NoAnswer`."""
        ...


class WholeAnswer:
    """A response that a transport without streaming gave whole, read like one whose body is still to come."""

    __slots__ = ("_answer", "_left")

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._left = answer.body

    @property
    def status(self) -> int:
        """The status."""
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, looked up whatever their case."""
        return self._answer.headers

    async def read(self) -> bytes:
        """The whole body, and nothing after it."""
        left, self._left = self._left, b""
        return left

    async def close(self) -> None:
        """Forget what was not read."""
        self._left = b""
