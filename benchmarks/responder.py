"""A transport for clients under measurement: it gives one response to every request and keeps the last request."""

from __future__ import annotations

from assay_sdk import Answer, Request


class Responder:
    """`answer` is the response to every request, 204 at first; `request` the last one, None before there is any."""

    def __init__(self) -> None:
        self.answer = Answer(204, {}, b"")
        self.request: Request | None = None

    async def send(self, request: Request) -> Answer:
        """Keep the request and give the response."""
        self.request = request
        return self.answer

    async def close(self) -> None:
        """Nothing is open."""
