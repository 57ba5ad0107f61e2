"""What the generated clients are built on: one caller, opened and closed."""

from __future__ import annotations

import copy
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any, ClassVar, ParamSpec, Self, TypeVar, Unpack

from assay_sdk.caller import Caller
from assay_sdk.clocks import BlockingClock, LoopClock, LoopLock
from assay_sdk.declarations import Declared
from assay_sdk.driving import run
from assay_sdk.settings import CallOptions, ClientOptions, merged, read_settings
from assay_sdk.transport import Transport
from assay_sdk.views import AsyncRawResponse, RawResponse, Response, StreamOpened, Wanted, wanting

T = TypeVar("T")
P = ParamSpec("P")


class AsyncClient:
    """Calls a server from tasks. Use it in `async with`, or `close` it.

    Without `base_url` it calls the first server that the contract names.
    """

    contract: ClassVar[Declared]

    def __init__(
        self,
        base_url: str | None = None,
        *,
        transport: Transport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        settings = read_settings(base_url, options, self.contract.schemes, self.contract.servers)
        if transport is None:
            # httpx is loaded only by clients that use it.
            from assay_sdk.over_httpx import AsyncHttpxTransport

            transport = AsyncHttpxTransport(network=settings.network)
        self._caller = Caller(self.contract, settings, transport, options.get("clock") or LoopClock(), type(self).__name__, LoopLock())

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """The same client with other options; it shares connections, cache and retry quota, and closes with this one."""
        derived = copy.copy(self)
        derived._caller = self._caller.with_settings(merged(self._caller.settings, options))
        return derived

    async def with_response(self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> Response[T]:
        """What a method returns, with the status and headers of the response."""
        with wanting(Wanted()) as view:
            value = await method(*args, **kwargs)
        return _viewed(value, view)

    @asynccontextmanager
    async def with_stream(
        self, method: Callable[P, Awaitable[Any]], /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[AsyncRawResponse]:
        """The response of a method raw, its body unread; an error response raises as ever."""
        try:
            with wanting(Wanted(stream=True)):
                await method(*args, **kwargs)
        except StreamOpened as opened:
            raw = AsyncRawResponse(opened.raw, opened.exchange)
        else:
            raise _no_call()
        try:
            yield raw
        finally:
            await raw.close()

    async def close(self) -> None:
        """Give back connections; a call after this raises `ClientClosed`."""
        await self._caller.close()

    async def __aenter__(self) -> Self:
        self._caller.check_open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._caller.settings.base_url!r})"


class SyncClient:
    """Calls a server from threads. Use it in `with`, or `close` it.

    Without `base_url` it calls the first server that the contract names.

    It needs no event loop, and works where one is running, as in a notebook; there it blocks that loop for the time of a call.
    """

    contract: ClassVar[Declared]

    def __init__(
        self,
        base_url: str | None = None,
        *,
        transport: Transport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        settings = read_settings(base_url, options, self.contract.schemes, self.contract.servers)
        if transport is None:
            # httpx is loaded only by clients that use it.
            from assay_sdk.over_httpx import HttpxTransport

            transport = HttpxTransport(network=settings.network)
        self._caller = Caller(self.contract, settings, transport, options.get("clock") or BlockingClock(), type(self).__name__)

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        return run(call)

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """The same client with other options; it shares connections, cache and retry quota, and closes with this one."""
        derived = copy.copy(self)
        derived._caller = self._caller.with_settings(merged(self._caller.settings, options))
        return derived

    def with_response(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Response[T]:
        """What a method returns, with the status and headers of the response."""
        with wanting(Wanted()) as view:
            value = method(*args, **kwargs)
        return _viewed(value, view)

    @contextmanager
    def with_stream(self, method: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> Generator[RawResponse]:
        """The response of a method raw, its body unread; an error response raises as ever."""
        try:
            with wanting(Wanted(stream=True)):
                method(*args, **kwargs)
        except StreamOpened as opened:
            raw = RawResponse(opened.raw, opened.exchange)
        else:
            raise _no_call()
        try:
            yield raw
        finally:
            raw.close()

    def close(self) -> None:
        """Give back connections; a call after this raises `ClientClosed`."""
        run(self._caller.close())

    def __enter__(self) -> Self:
        self._caller.check_open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._caller.settings.base_url!r})"


def _viewed(value: T, view: Wanted) -> Response[T]:
    if view.exchange is None:
        raise _no_call()
    return Response(value, view.exchange)


def _no_call() -> TypeError:
    return TypeError("the method made no call; expected a method of this client that calls an operation")
