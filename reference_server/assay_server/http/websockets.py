"""What a client says on a WebSocket: the first message, or bytes that are none.

Sanic's own assembler holds each message in a task until somebody fetches it, and text that is not UTF-8 breaks that task.
This one decides at the first message and lets everything after it pass.
"""

from __future__ import annotations

import asyncio
import codecs
from typing import Any, Literal

from sanic.server.websockets.frame import WebsocketFrameAssembler
from websockets.frames import Frame, Opcode

Received = Literal["message", "invalid-text"]

INVALID_TEXT = (1007, "The frame is not UTF-8.")
"""The close code of RFC 6455 (8.1), which is every contract's, and its reason."""


class FirstMessage(WebsocketFrameAssembler):
    """Resolves `received` once; keeps no message."""

    def __init__(self, protocol: Any) -> None:
        super().__init__(protocol)
        self.received: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._text: codecs.IncrementalDecoder | None = None

    async def put(self, frame: Frame) -> None:
        """Take one frame; never waits."""
        if self.received.done() or frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        if frame.opcode is not Opcode.CONT:
            self._text = codecs.getincrementaldecoder("utf-8")() if frame.opcode is Opcode.TEXT else None
        try:
            if self._text is not None:
                self._text.decode(bytes(frame.data), frame.fin)
        except UnicodeDecodeError:
            self.received.set_result("invalid-text")
        else:
            if frame.fin:
                self.received.set_result("message")
