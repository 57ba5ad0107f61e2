"""Routes beside the contract, for whoever runs the server: `/health`, `/metrics`, and outside production the hook."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from sanic import Request

from assay_server.background import Background
from assay_server.http.auth import Grant
from assay_server.http.errors import Refusal
from assay_server.http.replies import Reply
from assay_server.metrics import CONTENT_TYPE, ServerMetrics

from .hook import SCOPE, Hook

_NEVER = {"Cache-Control": "no-store"}


def document_route(document: Mapping[str, Any]) -> Callable[[Request], Awaitable[Reply]]:
    """The route of one document of a contract, which anybody may read."""
    body = msgspec.json.encode(document)

    async def answer(request: Request) -> Reply:
        return Reply(body)

    return answer


class OperationalRoutes:
    """Answers operators."""

    def __init__(
        self,
        ping: Callable[[], Awaitable[None]],
        background: Background,
        metrics: ServerMetrics,
        hook: Hook | None,
        grant: Callable[[Request], Grant],
    ) -> None:
        self._ping = ping
        self._background = background
        self._metrics = metrics
        self._hook = hook
        self._grant = grant

    async def health(self, request: Request) -> Reply:
        """Say whether the server is healthy."""
        await self.check()
        return Reply(b'{"status":"ok"}', headers=_NEVER)

    async def check(self) -> None:
        """Return when the store answers and the background work goes on; raises what the store raises."""
        await self._ping()
        if self._background.failing:
            raise Refusal(
                "SERVICE_UNAVAILABLE", f"background work fails: {', '.join(self._background.failing)}; see the log", component="store"
            )

    async def metrics(self, request: Request) -> Reply:
        """Every counter."""
        return Reply(self._metrics.text(), headers=_NEVER, media_type=CONTENT_TYPE)

    async def describe(self, request: Request) -> Reply:
        """`GET` of the hook: what it can do."""
        return Reply(msgspec.json.encode(self._operator(request).describe()), headers=_NEVER)

    async def switch_on(self, request: Request) -> Reply:
        """`PUT faults/NAME`."""
        self._operator(request).switch_on(str(request.match_info["name"]), request.body)
        return Reply(status=204, headers=_NEVER)

    async def switch_off(self, request: Request) -> Reply:
        """`DELETE faults`."""
        self._operator(request).switch_off()
        return Reply(status=204, headers=_NEVER)

    async def perform(self, request: Request) -> Reply:
        """`POST activities/NAME`."""
        added = await self._operator(request).perform(str(request.match_info["name"]), request.body)
        return Reply(msgspec.json.encode({"added": added}), headers=_NEVER)

    def _operator(self, request: Request) -> Hook:
        """The hook, for whoever may use it."""
        if self._hook is None:
            raise Refusal("NOT_FOUND", "there is nothing at this path")
        if SCOPE not in self._grant(request).scopes:
            raise Refusal("FORBIDDEN_SCOPE", f"the token lacks the scope {SCOPE}")
        return self._hook
