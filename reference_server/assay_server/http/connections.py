"""One connection: how many there may be, and how long a request may take to arrive.

Sanic's clock starts again at every byte, so a client that sends one every few seconds would stay for ever. Here it runs
from the first byte of a request.
"""

from __future__ import annotations

import re
from typing import Any, cast

from sanic.http.constants import Stage
from sanic.http.http1 import Http
from sanic.server.protocols.websocket_protocol import WebSocketProtocol

from .websockets import FirstMessage

_DIGITS = {10: re.compile(r"[0-9]+", re.ASCII), 16: re.compile(r"[0-9A-Fa-f]+", re.ASCII)}


class StrictHttp(Http):
    """HTTP/1.1 whose lengths are digits and nothing else: Python also reads `0x5` and blanks."""

    @staticmethod
    def _safe_int(value: str, base: int = 10) -> int:
        if not _DIGITS[base].fullmatch(value):
            raise ValueError(f"expected digits of base {base}, got {value!r}")
        return int(value, base)


def bounded_protocol(most: int) -> type[WebSocketProtocol]:
    """The protocol of a server that keeps at most so many connections."""

    class BoundedProtocol(WebSocketProtocol):
        """A connection that counts against the bound."""

        HTTP_CLASS = StrictHttp

        def connection_made(self, transport: Any) -> None:
            """Take the connection, or close it at once."""
            if len(self.connections) >= most:  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
                transport.abort()
                return
            super().connection_made(transport)  # type: ignore[no-untyped-call]  # pyright: ignore[reportUnknownMemberType]

        def data_received(self, data: bytes) -> None:
            """Take bytes in; those of a request that has begun do not give it more time."""
            http = cast("Any", self.http)  # pyright: ignore[reportUnknownMemberType]
            began = self._time
            super().data_received(data)  # type: ignore[no-untyped-call]
            if self.websocket is None and http is not None and http.stage in (Stage.REQUEST, Stage.HANDLER):  # pyright: ignore[reportUnknownMemberType]
                self._time = began

        async def websocket_handshake(self, request: Any, subprotocols: Any = None) -> Any:
            """Open the session; what the client says is read our way, and a client that offers no subprotocol needs none."""
            offered = {part.strip() for part in str(request.headers.get("sec-websocket-protocol", "")).split(",")}
            subprotocols = [name for name in subprotocols or () if name in offered] or None
            websocket: Any = await super().websocket_handshake(request, subprotocols)  # pyright: ignore[reportUnknownMemberType]
            websocket.assembler = FirstMessage(websocket)
            return websocket

    return BoundedProtocol
