"""What the transports over httpx and over libraries with its interface share.

    open:  build -> send with the body unread -> chunks, as they come
    send:  the same, with all chunks, and the deadline checked at each one

A library of the family is a module with `Client`, `AsyncClient`, `create_ssl_context` and the exceptions of httpx.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from threading import Lock
from typing import Any, ClassVar

from assay_sdk.network import Network
from assay_sdk.transport import Answer, NoAnswer, Request


class BlockingOpened:
    """A response whose body a thread reads."""

    __slots__ = ("_chunks", "_library", "_response", "headers", "status")

    def __init__(self, library: Any, response: Any) -> None:
        self._library = library
        self._response = response
        self._chunks: Iterator[bytes] = response.iter_bytes()
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        """The next bytes, empty at the end."""
        try:
            return next(self._chunks, b"")
        except (self._library.TransportError, self._library.DecodingError) as error:
            raise _failure(self._library, error) from error

    async def close(self) -> None:
        """Give back the connection."""
        self._response.close()


class AwaitedOpened:
    """A response whose body a task reads."""

    __slots__ = ("_chunks", "_library", "_response", "headers", "status")

    def __init__(self, library: Any, response: Any) -> None:
        self._library = library
        self._response = response
        self._chunks: AsyncIterator[bytes] = response.aiter_bytes()
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        """The next bytes, empty at the end."""
        try:
            return await anext(self._chunks, b"")
        except (self._library.TransportError, self._library.DecodingError) as error:
            raise _failure(self._library, error) from error

    async def close(self) -> None:
        """Give back the connection."""
        await self._response.aclose()


class FamilyTransport:
    """Sends requests in the calling thread; a client that is passed in is shared and stays open."""

    __slots__ = ("_clients", "_library", "_making", "_network", "_shared")

    library: ClassVar[str]

    def __init__(self, base_url: str = "", client: Any = None, *, network: Network | None = None) -> None:
        self._library: Any = import_module(self.library)
        self._network = network or Network()
        self._making = Lock()
        self._clients: dict[bool, Any] = {}
        self._shared = client

    async def send(self, request: Request) -> Answer:
        """The response to a request."""
        library = self._library
        deadline = None if request.total is None else time.monotonic() + request.total
        try:
            response = self._begin(request)
            try:
                body = self._whole(request, response, deadline)
            finally:
                response.close()
        except (library.TransportError, library.DecodingError) as error:
            raise _failure(library, error) from error
        return Answer(response.status_code, response.headers, body)

    async def open(self, request: Request) -> BlockingOpened:
        """The response to a request with its body unread."""
        try:
            return BlockingOpened(self._library, self._begin(request))
        except (self._library.TransportError, self._library.DecodingError) as error:
            raise _failure(self._library, error) from error

    def _begin(self, request: Request) -> Any:
        client = self._shared or self._clients.get(request.url.startswith("https:")) or self._create(request.url)
        return client.send(
            client.build_request(request.method, request.url, headers=request.headers, timeout=request.timeout, content=request.body),
            stream=True,
            follow_redirects=False,
        )

    @staticmethod
    def _whole(request: Request, response: Any, deadline: float | None) -> bytes:
        chunks: list[bytes] = []
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            if deadline is not None and time.monotonic() >= deadline:
                raise _late(request.total)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def close(self) -> None:
        """Close the clients unless they are shared."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def _create(self, url: str) -> Any:
        # Threads may make their first calls at once, and must not end with a client each.
        secure = url.startswith("https:")
        with self._making:
            if secure not in self._clients:
                network = self._network
                self._clients[secure] = self._library.Client(
                    verify=_tls(self._library, network, secure), proxy=network.proxy, cookies=_no_cookies()
                )
            return self._clients[secure]


class AsyncFamilyTransport:
    """Sends requests in the calling task; a client that is passed in is shared and stays open."""

    __slots__ = ("_clients", "_library", "_network", "_shared")

    library: ClassVar[str]

    def __init__(self, base_url: str = "", client: Any = None, *, network: Network | None = None) -> None:
        self._library: Any = import_module(self.library)
        self._network = network or Network()
        self._clients: dict[bool, Any] = {}
        self._shared = client

    async def send(self, request: Request) -> Answer:
        """The response to a request."""
        import asyncio

        try:
            async with asyncio.timeout(request.total):
                return await self._send(request)
        except TimeoutError:
            raise _late(request.total) from None

    async def _send(self, request: Request) -> Answer:
        library = self._library
        try:
            response = await self._begin(request)
            try:
                body = b"".join([chunk async for chunk in response.aiter_bytes()])
            finally:
                await response.aclose()
        except (library.TransportError, library.DecodingError) as error:
            raise _failure(library, error) from error
        return Answer(response.status_code, response.headers, body)

    async def open(self, request: Request) -> AwaitedOpened:
        """The response to a request with its body unread; the budget covers its headers."""
        import asyncio

        try:
            async with asyncio.timeout(request.total):
                return AwaitedOpened(self._library, await self._begin(request))
        except TimeoutError:
            raise _late(request.total) from None
        except (self._library.TransportError, self._library.DecodingError) as error:
            raise _failure(self._library, error) from error

    async def _begin(self, request: Request) -> Any:
        secure = request.url.startswith("https:")
        client = self._shared or self._clients.get(secure)
        if client is None:
            network = self._network
            client = self._clients[secure] = self._library.AsyncClient(
                verify=_tls(self._library, network, secure), proxy=network.proxy, cookies=_no_cookies()
            )
        return await client.send(
            client.build_request(request.method, request.url, headers=request.headers, timeout=request.timeout, content=request.body),
            stream=True,
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close the clients unless they are shared."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()


def _late(total: float | None) -> NoAnswer:
    return NoAnswer(f"{total or 0:.3g} s were left of the time budget, and the response was not complete by then")


def _failure(library: Any, error: Exception) -> NoAnswer:
    never_sent = (library.ConnectError, library.ConnectTimeout, library.PoolTimeout, library.ProxyError, library.UnsupportedProtocol)
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return NoAnswer(reason, sent=not isinstance(error, (*never_sent, library.LocalProtocolError)))


def _no_cookies() -> CookieJar:
    """What keeps no cookie: one that a server sets for one call must not ride on another."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


_TRUSTING: dict[str, ssl.SSLContext] = {}


def _tls(library: Any, network: Network, secure: bool) -> ssl.SSLContext:
    if network.tls is not None:
        return network.tls
    if not secure and network.proxy is None:
        # Without certificates to trust it is created at once, and were it ever used, it would reject every server.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = _TRUSTING.get(library.__name__)
    if context is None:
        context = _TRUSTING[library.__name__] = library.create_ssl_context()
    return context
