"""Other views of a call than its parsed response: with status and headers, or raw and streamed.

A view takes the method and its arguments, so that its signature stays checked:

    client.with_response(client.list_items, limit=5)      -> Response[...]
    with client.with_stream(client.download, id=1) as raw -> raw.iter_bytes()

The method runs as ever; a context variable says, to the one call that it makes, what is wanted of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from assay_sdk.driving import run
from assay_sdk.errors import TransportError
from assay_sdk.events import EventReader, ServerSentEvent, json_of_line
from assay_sdk.exchanges import Exchange, RowDefect
from assay_sdk.transport import NoAnswer, OpenAnswer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Response(Generic[T]):
    """The result of a call with its status and headers.

    `value` is what the method returns without `with_response`; `defects` are the rows that were left out of it.
    """

    value: T
    exchange: Exchange

    @property
    def status(self) -> int:
        """The status."""
        return self.exchange.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, looked up whatever their case."""
        return self.exchange.headers

    @property
    def defects(self) -> tuple[RowDefect, ...]:
        """The rows that were left out because they break the contract."""
        return self.exchange.defects


@dataclass(slots=True)
class Wanted:
    """What a view wants of the call that is made next, and what came of it."""

    stream: bool = False
    exchange: Exchange | None = None


class StreamOpened(BaseException):
    """Carries an open response past the method that would parse it; never seen outside a view."""

    def __init__(self, raw: RawBody, exchange: Exchange) -> None:
        super().__init__()
        self.raw = raw
        self.exchange = exchange


wanted: ContextVar[Wanted | None] = ContextVar("wanted", default=None)


@contextmanager
def wanting(view: Wanted) -> Generator[Wanted]:
    """Say for a block what is wanted of its call."""
    token = wanted.set(view)
    try:
        yield view
    finally:
        wanted.reset(token)


@dataclass(frozen=True, slots=True)
class RawBody:
    """The body of a streamed response, and whose it is."""

    answer: OpenAnswer = field(repr=False)
    operation: str
    correlation_id: str

    async def read(self) -> bytes:
        """The next bytes, empty at the end; `TransportError` when the server breaks off."""
        try:
            return await self.answer.read()
        except NoAnswer as failure:
            raise TransportError(str(failure), operation=self.operation, correlation_id=self.correlation_id, attempts=1) from failure


class AsyncRawResponse:
    """A response whose body is not read yet, for asynchronous code; use it in `async with`.

    `status` and `headers` are available at once, and `iter_bytes` yields the decompressed body in pieces.
    """

    def __init__(self, raw: RawBody, exchange: Exchange) -> None:
        self._raw = raw
        self.exchange = exchange

    @property
    def status(self) -> int:
        """The status."""
        return self._raw.answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, looked up whatever their case."""
        return self._raw.answer.headers

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """The body in pieces, decompressed."""
        while chunk := await self._raw.read():
            yield chunk

    async def iter_lines(self) -> AsyncIterator[str]:
        """The body line by line, without line ends."""
        lines = Lines()
        async for chunk in self.iter_bytes():
            for line in lines.add(chunk):
                yield line
        for line in lines.rest():
            yield line

    async def iter_events(self) -> AsyncIterator[ServerSentEvent]:
        """The events of `text/event-stream`; one that the server did not end is left out."""
        events = EventReader()
        async for line in self.iter_lines():
            for event in events.add(line):
                yield event

    async def iter_json(self) -> AsyncIterator[Any]:
        """The values of `application/x-ndjson` and its kind, one a line. Raises `ValueError` for a line that is no JSON."""
        async for line in self.iter_lines():
            for value in json_of_line(line):
                yield value

    async def read(self) -> bytes:
        """The whole body that is left."""
        return b"".join([chunk async for chunk in self.iter_bytes()])

    async def close(self) -> None:
        """Give back the connection."""
        await self._raw.answer.close()


class RawResponse:
    """A response whose body is not read yet; use it in `with`.

    `status` and `headers` are available at once, and `iter_bytes` yields the decompressed body in pieces.
    """

    def __init__(self, raw: RawBody, exchange: Exchange) -> None:
        self._raw = raw
        self.exchange = exchange

    @property
    def status(self) -> int:
        """The status."""
        return self._raw.answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, looked up whatever their case."""
        return self._raw.answer.headers

    def iter_bytes(self) -> Iterator[bytes]:
        """The body in pieces, decompressed."""
        while chunk := run(self._raw.read()):
            yield chunk

    def iter_lines(self) -> Iterator[str]:
        """The body line by line, without line ends."""
        lines = Lines()
        for chunk in self.iter_bytes():
            yield from lines.add(chunk)
        yield from lines.rest()

    def iter_events(self) -> Iterator[ServerSentEvent]:
        """The events of `text/event-stream`; one that the server did not end is left out."""
        events = EventReader()
        for line in self.iter_lines():
            yield from events.add(line)

    def iter_json(self) -> Iterator[Any]:
        """The values of `application/x-ndjson` and its kind, one a line. Raises `ValueError` for a line that is no JSON."""
        for line in self.iter_lines():
            yield from json_of_line(line)

    def read(self) -> bytes:
        """The whole body that is left."""
        return b"".join(self.iter_bytes())

    def close(self) -> None:
        """Give back the connection."""
        run(self._raw.answer.close())


class Lines:
    r"""Cuts pieces of a body into lines at `\n` and `\r\n`; a line may come in several pieces."""

    __slots__ = ("_unfinished",)

    def __init__(self) -> None:
        self._unfinished = b""

    def add(self, chunk: bytes) -> list[str]:
        """The lines that a piece completes."""
        *lines, self._unfinished = (self._unfinished + chunk).split(b"\n")
        return [line.removesuffix(b"\r").decode("utf-8", "replace") for line in lines]

    def rest(self) -> list[str]:
        """The last line, when it has no end."""
        return [self._unfinished.decode("utf-8", "replace")] if self._unfinished else []
