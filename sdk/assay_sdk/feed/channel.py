"""A channel as its document describes it, without a state or a numbering: connect, read messages, send messages.

A message that the document does not know, or that breaks its schema, is given as it came: reading never ends because of one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from uuid import uuid4

from pydantic import ValidationError as SchemaError

from assay_sdk.caller import Caller
from assay_sdk.driving import run
from assay_sdk.errors import FeedError, FeedRefusedError
from assay_sdk.feed.session import Opener, SendingSession, SessionClosed
from assay_sdk.payloads import parsed, read_body, written
from assay_sdk.salvage import describe_problem
from assay_sdk.wire import Parameter, write_target

M = TypeVar("M")
O = TypeVar("O")  # noqa: E741 - one letter per role: what is received and what goes out

_NORMAL = (1000, 1001)


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """A message that fits none of the document's: its JSON (None where it is none), the frame itself, and what does not fit."""

    payload: Any
    frame: bytes = field(repr=False)
    problem: str


@dataclass(frozen=True, slots=True)
class ChannelTerms(Generic[M, O]):
    """One channel: where it is, and how its frames are read; `O` is what a client may send."""

    id: str
    address: str
    decode: Callable[[bytes], M] = field(repr=False)
    parameters: tuple[Parameter, ...] = ()


class AsyncChannel(AsyncIterator[M | UnknownMessage], Generic[M, O]):
    """A channel for tasks: `async with` connects, `async for` gives messages until the server closes, `send` sends one."""

    __slots__ = ("_arguments", "_caller", "_closed", "_opener", "_session", "_terms")

    def __init__(self, caller: Caller, terms: ChannelTerms[M, O], opener: Opener, arguments: Mapping[str, Any]) -> None:
        self._caller = caller
        self._terms = terms
        self._opener = opener
        self._arguments = arguments
        self._session: SendingSession | None = None
        self._closed = False

    async def connect(self) -> None:
        """Open the session, or raise `FeedRefusedError`; a channel that is connected stays so."""
        if self._closed:
            raise FeedError(f"{self._terms.id}: the channel is closed; expected an open one; create another")
        if self._session is not None:
            return
        self._caller.check_open()
        settings = self._caller.settings
        target = write_target(self._terms.address, self._terms.parameters, self._arguments)
        headers = await self._caller.headers(uuid4().hex)
        try:
            session = await self._opener.open(settings.feed_url + target, headers, settings.timeout)
        except SessionClosed as closed:
            raise self._refused(closed) from None
        if not isinstance(session, SendingSession):
            raise TypeError(f"{self._terms.id}: the opener gives sessions that cannot send; expected one with `send`")
        self._session = session

    async def send(self, message: O) -> None:
        """Send a message as JSON."""
        await self.connect()
        assert self._session is not None
        try:
            await self._session.send(written(message).decode())
        except SessionClosed as closed:
            raise self._refused(closed) from None

    async def __anext__(self) -> M | UnknownMessage:
        await self.connect()
        assert self._session is not None
        try:
            frame = await self._session.receive(None)
        except SessionClosed as closed:
            await self.close()
            if closed.code in _NORMAL:
                raise StopAsyncIteration from None
            raise self._refused(closed) from None
        try:
            return read_body(self._terms.decode, frame)
        except SchemaError as error:
            return UnknownMessage(parsed(frame), frame, describe_problem(error))

    def _refused(self, closed: SessionClosed) -> FeedRefusedError:
        return FeedRefusedError(self._terms.id, code=closed.code, when="closed", reason=closed.reason)

    async def close(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        self._closed = True
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()


class Channel(Iterator[M | UnknownMessage], Generic[M, O]):
    """A channel for threads: `with` connects, `for` gives messages until the server closes, `send` sends one."""

    __slots__ = ("_channel",)

    def __init__(self, channel: AsyncChannel[M, O]) -> None:
        self._channel = channel

    def connect(self) -> None:
        """Open the session, or raise `FeedRefusedError`; a channel that is connected stays so."""
        run(self._channel.connect())

    def send(self, message: O) -> None:
        """Send a message as JSON."""
        run(self._channel.send(message))

    def __next__(self) -> M | UnknownMessage:
        try:
            return run(self._channel.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def close(self) -> None:
        """End the session."""
        run(self._channel.close())

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
