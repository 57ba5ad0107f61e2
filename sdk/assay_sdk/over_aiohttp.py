"""A transport over aiohttp, for applications that use it already: `pip install assay[aiohttp]`."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from assay_sdk.network import Network
from assay_sdk.transport import Answer, NoAnswer, Request

# What is raised before a connection stands, so that no byte of the request left.
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL, aiohttp.ClientHttpProxyError)


class AiohttpOpened:
    """A response whose body is still to be read."""

    __slots__ = ("_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        """The next bytes, empty at the end."""
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _failure(error) from error

    async def close(self) -> None:
        """Give back the connection, or close it where the body was not read to its end."""
        self._response.release()


class AiohttpTransport:
    """Sends requests in the calling task; a session that is passed in is shared and stays open."""

    __slots__ = ("_network", "_session", "_shared")

    def __init__(self, session: aiohttp.ClientSession | None = None, *, network: Network | None = None) -> None:
        self._network = network or Network()
        self._session = session
        self._shared = session is not None

    async def send(self, request: Request) -> Answer:
        """The response to a request."""
        try:
            async with self._begin(request, total=request.total) as response:
                return Answer(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise _failure(error) from error

    async def open(self, request: Request) -> AiohttpOpened:
        """The response to a request with its body unread; the budget covers its headers."""
        import asyncio

        try:
            async with asyncio.timeout(request.total):
                return AiohttpOpened(await self._begin(request, total=None))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise _failure(error) from error

    def _begin(self, request: Request, *, total: float | None) -> Any:
        if self._session is None:
            # Cookies of one call never ride on another: what a server may set is part of a credential.
            self._session = aiohttp.ClientSession(trust_env=self._network.proxy is None, cookie_jar=aiohttp.DummyCookieJar())
        tls: ssl.SSLContext | bool = self._network.tls or True
        return self._session.request(
            request.method,
            # The target is written already; written again it would be another.
            URL(request.url, encoded=True),
            headers=request.headers,
            data=request.body,
            allow_redirects=False,
            proxy=self._network.proxy,
            ssl=tls,
            timeout=aiohttp.ClientTimeout(total=total, connect=request.timeout, sock_read=request.timeout),
        )

    async def close(self) -> None:
        """Close the session unless it is shared."""
        if self._session is not None and not self._shared:
            await self._session.close()
            self._session = None


def _failure(error: Exception) -> NoAnswer:
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return NoAnswer(reason, sent=not isinstance(error, _NEVER_SENT))
