"""The default transport. A client of httpx costs 17 ms, nearly all of it the TLS context, so it is made at the first call."""

from __future__ import annotations

import ssl
from functools import cache
from threading import Lock

import httpx

from assay_sdk.transport import Answer, NoAnswer, Request


class HttpxTransport:
    """Sends requests in the calling thread; a client that is passed in is shared and stays open."""

    __slots__ = ("_client", "_making", "_shared", "_url")

    def __init__(self, base_url: str, client: httpx.Client | None = None) -> None:
        self._url = base_url
        self._making = Lock()
        self._client = client
        self._shared = client is not None

    async def send(self, request: Request) -> Answer:
        """The answer to a request."""
        client = self._client or self._made()
        try:
            got = client.request(request.method, request.url, headers=request.headers, timeout=request.timeout, content=request.body)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise NoAnswer(_reason(error)) from error
        return Answer(got.status_code, got.headers, got.content)

    async def close(self) -> None:
        """Close the client unless it is shared."""
        if self._client is not None and not self._shared:
            self._client.close()
            self._client = None

    def _made(self) -> httpx.Client:
        # Threads may make their first calls at once, and must not end with a client each.
        with self._making:
            if self._client is None:
                self._client = httpx.Client(verify=_tls(self._url), follow_redirects=False)
            return self._client


class AsyncHttpxTransport:
    """Sends requests in the calling task; a client that is passed in is shared and stays open."""

    __slots__ = ("_client", "_shared", "_url")

    def __init__(self, base_url: str, client: httpx.AsyncClient | None = None) -> None:
        self._url = base_url
        self._client = client
        self._shared = client is not None

    async def send(self, request: Request) -> Answer:
        """The answer to a request."""
        client = self._client
        if client is None:
            client = self._client = httpx.AsyncClient(verify=_tls(self._url), follow_redirects=False)
        try:
            got = await client.request(request.method, request.url, headers=request.headers, timeout=request.timeout, content=request.body)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise NoAnswer(_reason(error)) from error
        return Answer(got.status_code, got.headers, got.content)

    async def close(self) -> None:
        """Close the client unless it is shared."""
        if self._client is not None and not self._shared:
            await self._client.aclose()
            self._client = None


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _tls(base_url: str) -> ssl.SSLContext:
    if base_url.startswith("https:"):
        return _trusting()
    # Without certificates to trust it is made at once, and were it ever used, it would refuse every server.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@cache
def _trusting() -> ssl.SSLContext:
    return httpx.create_ssl_context()
