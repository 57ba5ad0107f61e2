"""A server that answers a script, and writes down what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from aiohttp import web
from assay_contracts import Contract
from assay_contracts.path_templates import matchable, path_pattern

from assay_clients import answers
from assay_clients.answers import Answer
from assay_clients.events import Event, places_of
from assay_clients.lacking import Request, lacking
from assay_clients.scenarios import Scenario, Step
from assay_clients.subjects import Subject

DRIP_SECONDS = 1.0
LONGEST_SILENCE = 600.0


@dataclass(slots=True)
class Hostile:
    """One scenario as it is played: what it saw, and the code that it answered with."""

    contract: Contract
    scenario: Scenario
    subject: Subject
    token: str = field(default_factory=lambda: f"assay-{secrets.token_hex(16)}", repr=False)
    events: list[Event] = field(default_factory=list[Event])
    code: str | None = None
    other_origin: str = ""
    _began: float = field(default_factory=time.monotonic)
    _answered: int = 0

    @property
    def items(self) -> tuple[object, ...]:
        """The identities of the list that it serves, in order."""
        step = next((step for step in self.scenario.script if step.answer == "pages"), None)
        if step is None:
            return ()
        identity = self.subject.pagination["identity"]
        return tuple(item[identity] for item in answers.items_of(self.subject, step.pages))

    async def first(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to the server that the client was given."""
        event = self._event(request, "first", await _body(request))
        self.events.append(event)
        if event.operation != self.subject.operation.id:
            return web.Response(status=404)
        if self.subject.operation.secured and not event.credential:
            return await _send(request, answers.unauthorized(self.contract, self.subject))
        step = self.scenario.script[min(self._answered, len(self.scenario.script) - 1)]
        self._answered += 1
        return await self._play(request, step)

    async def second(self, request: web.Request) -> web.StreamResponse:
        """Answer a request that was led to the other origin."""
        self.events.append(self._event(request, "second", b""))
        return await _send(request, answers.success(self.subject))

    async def _play(self, request: web.Request, step: Step) -> web.StreamResponse:
        match step.answer:
            case "drop":
                return _dropped(request)
            case "silence":
                await asyncio.sleep(LONGEST_SILENCE)
                return _dropped(request)
            case "redirect":
                return web.Response(status=step.status, headers={"Location": f"{self.other_origin}{request.raw_path}"})
            case "success":
                answer = answers.success(self.subject, step.change)
            case "pages":
                parameter = self.subject.pagination["cursor"]["parameter"]
                answer = answers.page(self.contract, self.subject, step, request.query.get(parameter))
            case "code":
                answer = answers.with_final_code(self.contract, self.subject)
            case _:
                answer = answers.status(self.contract, self.subject, step)
        self.code = answer.code or self.code
        return await _send(request, answer)

    def _event(self, request: web.Request, origin: str, body: bytes) -> Event:
        path = matchable(request.raw_path.partition("?")[0])
        fits = (item.id for item in self.contract.operations if item.method == request.method and path_pattern(item.path).fullmatch(path))
        operation = next(fits, "")
        names = Request(set(request.query), {name.lower() for name in request.headers}, set(request.cookies), body)
        named = self.subject.operation.annotations.get("x-idempotency", {}).get("header", "Idempotency-Key")
        return Event(
            at=time.monotonic() - self._began,
            origin=origin,
            method=request.method,
            path=path,
            operation=operation,
            credential=places_of(self.token, request.headers.items(), request.query.items(), request.raw_path),
            key=request.headers.get(str(named)),
            lacking=lacking(self.subject, names) if origin == "first" and operation == self.subject.operation.id else (),
        )


async def _body(request: web.Request) -> bytes:
    """The body of a request; nothing where the client went away before its end."""
    try:
        return await request.read()
    except (OSError, web.HTTPRequestEntityTooLarge):
        return b""


@contextlib.asynccontextmanager
async def running(hostile: Hostile) -> AsyncGenerator[str]:
    """Serve one scenario on two ports of this machine; gives the base URL of the first."""
    runners: list[web.AppRunner] = []
    addresses: list[str] = []
    try:
        for handler in (hostile.second, hostile.first):
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", handler)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            runners.append(runner)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            addresses.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        hostile.other_origin = addresses[0]
        yield addresses[1]
    finally:
        for runner in runners:
            await runner.cleanup()


async def _send(request: web.Request, answer: Answer) -> web.StreamResponse:
    if answer.manner == "whole":
        return web.Response(status=answer.status, headers=dict(answer.headers), body=answer.body)
    response = web.StreamResponse(status=answer.status, headers=dict(answer.headers))
    response.content_length = len(answer.body) + (1000 if answer.manner == "dripping" else 0)
    await response.prepare(request)
    if answer.manner == "truncated":
        await response.write(answer.body[: len(answer.body) // 2])
        return _dropped(request, response)
    with contextlib.suppress(ConnectionError):  # the client went away, as it should
        for position in range(len(answer.body) + 1000):
            await response.write(answer.body[position : position + 1] or b" ")
            await asyncio.sleep(DRIP_SECONDS)
    return response


def _dropped(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """End the connection without another byte."""
    if request.transport is not None:
        request.transport.close()
    return response if response is not None else web.Response(status=500)
