"""What a client says on a WebSocket: the first message, or bytes that are none.

Sanic's own assembler holds each message in a task until somebody fetches it, and text that is not UTF-8 breaks that task.
This one keeps the first message, notices the second, and lets everything after it pass.
"""

from __future__ import annotations

import asyncio
import codecs
from typing import Any, Literal

from sanic.server.websockets.frame import WebsocketFrameAssembler
from websockets.frames import Frame, Opcode

Received = Literal["message", "invalid-text"]

LONGEST_MESSAGE = 4096
"""How many bytes of a client's first message are kept: no contract has a longer one."""
INVALID_TEXT = (1007, "The frame is not UTF-8.")
"""The close code of RFC 6455 (8.1), which is every contract's, and its reason."""


class FirstMessage(WebsocketFrameAssembler):
    """Resolves `received` at the first message and `again` at the second; keeps the text of the first, up to `LONGEST_MESSAGE` bytes."""

    def __init__(self, protocol: Any) -> None:
        super().__init__(protocol)
        loop = asyncio.get_running_loop()
        self.received: asyncio.Future[Received] = loop.create_future()
        self.again: asyncio.Future[Received] = loop.create_future()
        self.text: str | None = None
        """The first message; None for one that is binary or too long."""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._parts: list[str] = []
        self._bytes = 0

    async def put(self, frame: Frame) -> None:
        """Take one frame; never waits."""
        waiting = self.again if self.received.done() else self.received
        if waiting.done() or frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        if frame.opcode is not Opcode.CONT:
            self._decoder = codecs.getincrementaldecoder("utf-8")() if frame.opcode is Opcode.TEXT else None
        self._bytes += len(frame.data)
        try:
            if self._decoder is not None:
                text = self._decoder.decode(bytes(frame.data), frame.fin)
                if self._bytes <= LONGEST_MESSAGE:
                    self._parts.append(text)
        except UnicodeDecodeError:
            waiting.set_result("invalid-text")
        else:
            if frame.fin:
                if waiting is self.received and self._decoder is not None and self._bytes <= LONGEST_MESSAGE:
                    self.text = "".join(self._parts)
                self._parts.clear()
                waiting.set_result("message")
