"""What the transports over httpx and over libraries with its interface share.

    open:  build -> send with the body unread -> chunks, as they come
    send:  the same, with all chunks, and the deadline checked at each one

A library of the family is a module with the clients, transports, requests and exceptions of httpx. Where no proxy of the
environment is to be found for each request, its bare transport is used: cookies, authentication and redirects, which a client
looks after on every call, are none of a transport's business.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from threading import Lock
from typing import Any, ClassVar
from urllib.request import getproxies

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

    __slots__ = ("_library", "_lines", "_making", "_network", "_shared")

    library: ClassVar[str]

    def __init__(self, base_url: str = "", client: Any = None, *, network: Network | None = None) -> None:
        self._library: Any = import_module(self.library)
        self._network = network or Network()
        self._making = Lock()
        self._lines: dict[bool, _Line] = {}
        self._shared = None if client is None else _client_line(client)

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
        line = self._shared or self._lines.get(request.url.startswith("https:")) or self._create(request.url)
        return line.send(line.build(request))

    @staticmethod
    def _whole(request: Request, response: Any, deadline: float | None) -> bytes:
        chunks: list[bytes] = []
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            if deadline is not None and time.monotonic() >= deadline:
                raise _late(request.total)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def close(self) -> None:
        """Give back the connections, unless they are those of a shared client."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            line.close()

    def _create(self, url: str) -> _Line:
        # Threads may make their first calls at once, and must not end with a pool each.
        secure = url.startswith("https:")
        with self._making:
            if secure not in self._lines:
                library, tls, proxy = self._library, _tls(self._library, self._network, secure=secure), self._network.proxy
                if proxy is None and _proxies_of_environment():
                    self._lines[secure] = _client_line(library.Client(verify=tls, cookies=_no_cookies()))
                else:
                    transport = library.HTTPTransport(verify=tls, proxy=proxy)
                    self._lines[secure] = _Line(transport.handle_request, _builder(library), transport.close)
            return self._lines[secure]


class AsyncFamilyTransport:
    """Sends requests in the calling task; a client that is passed in is shared and stays open."""

    __slots__ = ("_library", "_lines", "_network", "_shared")

    library: ClassVar[str]

    def __init__(self, base_url: str = "", client: Any = None, *, network: Network | None = None) -> None:
        self._library: Any = import_module(self.library)
        self._network = network or Network()
        self._lines: dict[bool, _Line] = {}
        self._shared = None if client is None else _client_line(client)

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
        line = self._shared or self._lines.get(request.url.startswith("https:")) or self._create(request.url)
        return await line.send(line.build(request))

    def _create(self, url: str) -> _Line:
        secure = url.startswith("https:")
        library, tls, proxy = self._library, _tls(self._library, self._network, secure=secure), self._network.proxy
        if proxy is None and _proxies_of_environment():
            self._lines[secure] = _client_line(library.AsyncClient(verify=tls, cookies=_no_cookies()), asynchronous=True)
        else:
            transport = library.AsyncHTTPTransport(verify=tls, proxy=proxy)
            self._lines[secure] = _Line(transport.handle_async_request, _builder(library), transport.aclose)
        return self._lines[secure]

    async def close(self) -> None:
        """Give back the connections, unless they are those of a shared client."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            await line.close()


@dataclass(frozen=True, slots=True)
class _Line:
    """What sends the requests of one scheme: how one is built, sent with its body unread, and all is closed."""

    send: Callable[[Any], Any]
    build: Callable[[Request], Any]
    close: Callable[[], Any]


def _client_line(client: Any, *, asynchronous: bool = False) -> _Line:
    """A client with its own headers, cookies, parameters and proxies, which it merges into each request."""

    def build(request: Request) -> Any:
        return client.build_request(request.method, request.url, headers=request.headers, timeout=request.timeout, content=request.body)

    return _Line(
        lambda built: client.send(built, stream=True, follow_redirects=False), build, client.aclose if asynchronous else client.close
    )


def _builder(library: Any) -> Callable[[Request], Any]:
    """A bare transport gets the request as it is, under the name of its library."""
    added = {"Accept-Encoding": "gzip, deflate", "User-Agent": f"python-{library.__name__}/{library.__version__}"}

    def build(request: Request) -> Any:
        step = request.timeout
        names = {name.lower() for name in request.headers}
        stated = {**{name: value for name, value in added.items() if name.lower() not in names}, **request.headers}
        timeout = {"connect": step, "read": step, "write": step, "pool": step}
        return library.Request(request.method, request.url, headers=stated, content=request.body, extensions={"timeout": timeout})

    return build


def _proxies_of_environment() -> bool:
    return not getproxies().keys().isdisjoint(("http", "https", "all"))


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


def _tls(library: Any, network: Network, *, secure: bool) -> ssl.SSLContext:
    if network.tls is not None:
        return network.tls
    if not secure and network.proxy is None:
        # Without certificates to trust it is created at once, and were it ever used, it would reject every server.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = _TRUSTING.get(library.__name__)
    if context is None:
        context = _TRUSTING[library.__name__] = library.create_ssl_context()
    return context
