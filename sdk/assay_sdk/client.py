"""What the generated clients are built on: one caller, opened and closed."""

from __future__ import annotations

from collections.abc import Coroutine
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar, Unpack

from assay_sdk.caller import Caller
from assay_sdk.clocks import BlockingClock, LoopClock
from assay_sdk.declarations import Declared
from assay_sdk.driving import run
from assay_sdk.settings import ClientOptions, read_settings
from assay_sdk.transport import Transport

T = TypeVar("T")


class AsyncClient:
    """Calls a server from tasks. Use it in `async with`, or `close` it."""

    contract: ClassVar[Declared]

    def __init__(
        self,
        base_url: str,
        *,
        transport: Transport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        settings = read_settings(base_url, options)
        if transport is None:
            # httpx is loaded only by clients that use it.
            from assay_sdk.over_httpx import AsyncHttpxTransport

            transport = AsyncHttpxTransport(settings.base_url)
        self._caller = Caller(self.contract, settings, transport, LoopClock())

    async def close(self) -> None:
        """Give back connections."""
        await self._caller.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._caller.settings.base_url!r})"


class SyncClient:
    """Calls a server from threads. Use it in `with`, or `close` it."""

    contract: ClassVar[Declared]

    def __init__(
        self,
        base_url: str,
        *,
        transport: Transport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        settings = read_settings(base_url, options)
        if transport is None:
            # httpx is loaded only by clients that use it.
            from assay_sdk.over_httpx import HttpxTransport

            transport = HttpxTransport(settings.base_url)
        self._caller = Caller(self.contract, settings, transport, BlockingClock())

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        return run(call)

    def close(self) -> None:
        """Give back connections."""
        run(self._caller.transport.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._caller.settings.base_url!r})"
