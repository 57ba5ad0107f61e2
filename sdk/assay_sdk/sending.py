"""The attempts of one call: sent, followed, tried again, within one budget of time and one quota of retries.

request -> hooks -> transport -> 3xx on the same origin? follow -> 2xx: done
             ^                                                   -> 401 with a kept token: another token, once
             │                                                   -> error or none: may it be sent again? pause
             └───────────────────────────────────────────────────────┘
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import urljoin, urlsplit

from assay_sdk.clocks import Clock
from assay_sdk.declarations import Declared, Operation
from assay_sdk.errors import ApiError, DeadlineExceeded, SdkError, TransportError
from assay_sdk.failures import KEPT_BYTES, read_failure
from assay_sdk.quota import RetryQuota
from assay_sdk.retry import retry_kind
from assay_sdk.settings import Settings
from assay_sdk.telemetry import AnswerReceived, RequestSent, RetryPlanned
from assay_sdk.tracing import traced
from assay_sdk.transport import Answer, NoAnswer, OpenAnswer, Request, StreamingTransport, Transport, WholeAnswer

R = TypeVar("R", Answer, OpenAnswer)

Renew: TypeAlias = Callable[[Request], Awaitable[Request | None]]
"""Gives a request that was rejected with another credential; None where there is no other."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_CHAIN = 5


@dataclass(frozen=True, slots=True)
class Sent(Generic[R]):
    """A response, and the attempts that it took."""

    response: R
    attempts: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its operation and settings, and the moment at which its budget is used up."""

    operation: Operation[Any]
    settings: Settings
    correlation_id: str
    repeatable: bool
    deadline: float
    renew: Renew


class Sender:
    """Sends the requests of one client and of all that derive from it."""

    __slots__ = ("_quota", "clock", "contract", "transport")

    def __init__(self, contract: Declared, transport: Transport, clock: Clock) -> None:
        self.contract = contract
        self.transport = transport
        self.clock = clock
        self._quota = RetryQuota()

    async def send(
        self, operation: Operation[Any], request: Request, correlation_id: str, settings: Settings, renew: Renew
    ) -> Sent[Answer]:
        """The response with its body."""
        return await self._attempts(self._call(operation, correlation_id, settings, renew), request, self.transport.send)

    async def open(
        self, operation: Operation[Any], request: Request, correlation_id: str, settings: Settings, renew: Renew
    ) -> Sent[OpenAnswer]:
        """The response with its body unread; whoever gets it closes it."""
        return await self._attempts(self._call(operation, correlation_id, settings, renew), request, self._open)

    def _call(self, operation: Operation[Any], correlation_id: str, settings: Settings, renew: Renew) -> Call:
        keyed = operation.idempotency is not None or settings.idempotency_key is not None
        repeatable = keyed or operation.repeatable
        return Call(operation, settings, correlation_id, repeatable, self.clock.monotonic() + settings.total_timeout, renew)

    async def _open(self, request: Request) -> OpenAnswer:
        if isinstance(self.transport, StreamingTransport):
            return await self.transport.open(request)
        return WholeAnswer(await self.transport.send(request))

    async def _attempts(self, call: Call, request: Request, dispatch: Callable[[Request], Awaitable[R]]) -> Sent[R]:
        settings, clock = call.settings, self.clock
        attempt, may_renew = 0, True
        while True:
            attempt += 1
            error: SdkError
            renewed: Request | None = None
            try:
                response = await self._attempt(call, request, attempt, dispatch)
            except NoAnswer as failure:
                error, kind = self._unanswered(call, failure, attempt)
                reason, wait = str(failure), None
            else:
                if self._succeeded(call.operation, response.status):
                    self._quota.succeeded(attempt)
                    return Sent(response, attempt)
                error, kind = await self._rejected(call, response, attempt)
                reason, wait = error.code, error.retry_after
                if response.status == 401 and may_renew:
                    # A server does nothing for a request that it rejects so, whatever the request would change.
                    may_renew, renewed = False, await call.renew(request)
            pause = settings.retry.pause(kind, attempt, wait, settings.chance) if renewed is None else 0.0
            if pause is None or clock.monotonic() + pause >= call.deadline or not self._quota.take():
                raise error
            settings.telemetry.on_retry(RetryPlanned(call.operation.id, call.correlation_id, attempt, pause, reason))
            await clock.sleep(pause)
            request = renewed or request

    async def _attempt(self, call: Call, request: Request, attempt: int, dispatch: Callable[[Request], Awaitable[R]]) -> R:
        """One attempt with the redirects that it may follow."""
        clock, settings, operation = self.clock, call.settings, call.operation
        hops = 0
        while True:
            settings.telemetry.on_request(RequestSent(operation.id, call.correlation_id, attempt))
            started = clock.monotonic()
            left = max(call.deadline - started, 0.001)
            bounded = replace(request, timeout=min(request.timeout, left), total=left)
            for hook in settings.hooks.on_request:
                changed = hook(bounded)
                bounded = await changed if inspect.isawaitable(changed) else changed
            with traced(operation, bounded, attempt, enabled=settings.tracing) as span:
                response = await dispatch(span.carry(bounded))
                span.responded(response.status)
            for observe in settings.hooks.on_response:
                received = response if isinstance(response, Answer) else Answer(response.status, response.headers, b"")
                observed = observe(bounded, received)
                if inspect.isawaitable(observed):
                    await observed
            if self._succeeded(operation, response.status):
                seconds = clock.monotonic() - started
                settings.telemetry.on_answer(AnswerReceived(operation.id, call.correlation_id, attempt, response.status, seconds))
                return response
            following = self._redirected(request, response)
            if following is None or hops == LONGEST_CHAIN:
                return response
            hops += 1
            if not isinstance(response, Answer):
                await response.close()
            request = following

    @staticmethod
    def _succeeded(operation: Operation[Any], status: int) -> bool:
        return 200 <= status < 300 or status == 304 or str(status) in operation.decodes

    @staticmethod
    def _redirected(request: Request, response: Answer | OpenAnswer) -> Request | None:
        """The request that a redirect asks for, where it is safe and stays with the same server."""
        location = response.headers.get("location")
        if response.status not in _REDIRECTS or location is None or request.method not in _SAFE:
            return None
        url = urljoin(request.url, location)
        return replace(request, url=url) if origin(url) == origin(request.url) else None

    def _unanswered(self, call: Call, failure: NoAnswer, attempt: int) -> tuple[TransportError, str]:
        exhausted = self.clock.monotonic() >= call.deadline
        kind = DeadlineExceeded if exhausted else TransportError
        error = kind(str(failure), operation=call.operation.id, correlation_id=call.correlation_id, attempts=attempt, sent=failure.sent)
        error.__cause__ = failure.__cause__
        # What was never sent can be sent again, whatever it changes.
        return error, "backoff" if call.repeatable or not failure.sent else "none"

    async def _rejected(self, call: Call, response: Answer | OpenAnswer, attempt: int) -> tuple[ApiError, str]:
        started = self.clock.monotonic()
        answer = response if isinstance(response, Answer) else await self._bounded(response, call.deadline)
        operation, settings, correlation_id = call.operation, call.settings, call.correlation_id
        error = read_failure(
            self.contract,
            answer,
            operation=operation,
            correlation_id=correlation_id,
            attempts=attempt,
            now=self.clock.now().timestamp(),
        )
        seconds = self.clock.monotonic() - started
        settings.telemetry.on_answer(AnswerReceived(operation.id, correlation_id, attempt, answer.status, seconds, error.code))
        return error, retry_kind(self.contract, error, repeatable=call.repeatable)

    async def _bounded(self, response: OpenAnswer, deadline: float) -> Answer:
        """The first of an error body, which was not what the caller wanted to stream."""
        body = b""
        try:
            while len(body) <= KEPT_BYTES and self.clock.monotonic() < deadline and (chunk := await response.read()):
                body += chunk
        except NoAnswer:
            pass
        finally:
            await response.close()
        return Answer(response.status, response.headers, body)


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of an address: what a credential is good for."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
