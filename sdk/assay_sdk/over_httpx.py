"""The default transport. A client of httpx costs 17 ms, nearly all of it the TLS context, so it is created at the first call."""

from __future__ import annotations

from typing import ClassVar

from assay_sdk.httpx_family import AsyncFamilyTransport, FamilyTransport


class HttpxTransport(FamilyTransport):
    """A blocking transport that uses httpx.

    A client that is passed in is shared and stays open; one that the transport creates is closed with it.
    """

    __slots__ = ()
    library: ClassVar[str] = "httpx"


class AsyncHttpxTransport(AsyncFamilyTransport):
    """An asynchronous transport that uses httpx.

    A client that is passed in is shared and stays open; one that the transport creates is closed with it.
    """

    __slots__ = ()
    library: ClassVar[str] = "httpx"
