"""The same transport over httpx2, whose interface is that of httpx: `pip install assay[httpx2]`."""

from __future__ import annotations

from typing import ClassVar

from assay_sdk.httpx_family import AsyncFamilyTransport, FamilyTransport


class Httpx2Transport(FamilyTransport):
    """Sends requests in the calling thread; a client that is passed in is shared and stays open."""

    __slots__ = ()
    library: ClassVar[str] = "httpx2"


class AsyncHttpx2Transport(AsyncFamilyTransport):
    """Sends requests in the calling task; a client that is passed in is shared and stays open."""

    __slots__ = ()
    library: ClassVar[str] = "httpx2"
