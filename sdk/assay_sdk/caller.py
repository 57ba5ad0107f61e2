"""One call from argument to typed answer: written, sent, tried again, read, kept.

    arguments -> target, headers -> [ send -> answer -> 2xx decode | 304 kept | error -> retry? ] -> answer with its exchange

The correlation id is drawn once per call, so that every attempt and its error carry the same one.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError as SchemaError

from assay_sdk.cache import AnswerCache, Kept
from assay_sdk.clocks import Clock
from assay_sdk.declarations import Declared, Operation
from assay_sdk.errors import ArgumentError, IncompatibleVersionError, InvalidAnswerError, TransportError
from assay_sdk.exchanges import Exchange
from assay_sdk.failures import read_failure, retry_kind
from assay_sdk.model import Model, attach_exchange
from assay_sdk.payloads import parsed, text_at, written
from assay_sdk.settings import Settings
from assay_sdk.telemetry import AnswerReceived, RequestSent, RetryPlanned
from assay_sdk.transport import Answer, NoAnswer, Request, Transport
from assay_sdk.wire import write_headers, write_target

A = TypeVar("A")


class Caller:
    """Calls operations of one contract on one server."""

    __slots__ = ("_cache", "clock", "contract", "settings", "transport")

    def __init__(self, contract: Declared, settings: Settings, transport: Transport, clock: Clock) -> None:
        self.contract = contract
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self._cache = AnswerCache(settings.cache_size) if settings.cache_size > 0 else None

    def __repr__(self) -> str:
        return f"Caller({self.contract.id} at {self.settings.base_url})"

    async def headers(self, correlation_id: str) -> dict[str, str]:
        """What every request and every feed session says of itself."""
        headers: dict[str, str] = {}
        authorization = await self.settings.credential.authorization()
        if authorization is not None:
            headers["Authorization"] = authorization
        if self.contract.correlation_header is not None:
            headers[self.contract.correlation_header] = correlation_id
        if self.contract.version_header is not None:
            headers[self.contract.version_header] = self.contract.major
        return headers

    async def fetch(self, operation: Operation[A], arguments: Mapping[str, Any], correlation_id: str | None = None) -> A:
        """The answer of an operation."""
        correlation_id = uuid.uuid4().hex if correlation_id is None else self._checked(correlation_id)
        target = write_target(operation.path, operation.parameters, arguments)
        headers = await self.headers(correlation_id)
        headers["Accept"] = operation.accept
        headers.update(write_headers(operation.parameters, arguments))
        if operation.idempotency is not None:
            # One key for all attempts, so that the server takes them for one request.
            headers.setdefault(operation.idempotency, str(uuid.uuid4()))
        body = None if operation.body is None else arguments.get(operation.body)
        content = None
        if body is not None:
            headers["Content-Type"] = operation.media
            content = body if isinstance(body, bytes) else written(body)
        cache = self._cache if operation.revalidates else None
        # An answer belongs to the credential that asked for it, so the credential is part of the key.
        key = (operation.id, target, headers.get("Authorization", "")) if cache is not None else ()
        kept = cache.get(key) if cache is not None else None
        if kept is not None:
            headers["If-None-Match"] = kept.etag
        request = Request(operation.method, self.settings.base_url + target, headers, self.settings.timeout, content)
        answer, attempts = await self._send(operation, request, correlation_id)
        if answer.status == 304 and kept is not None:
            confirmed: A = _copy(kept.answer)
            return self._noted(confirmed, operation, answer, correlation_id, attempts)
        value = self._decoded(operation, answer, correlation_id)
        etag = answer.headers.get("etag")
        if cache is not None and etag is not None:
            cache.put(key, Kept(etag, value))
            value = _copy(value)
        return self._noted(value, operation, answer, correlation_id, attempts)

    def _checked(self, correlation_id: str) -> str:
        # One that the contract does not allow would be replaced by the server, and then found in no log.
        pattern = self.contract.correlation_pattern
        if pattern is not None and re.fullmatch(pattern.removesuffix("$"), correlation_id, re.ASCII) is None:
            raise ArgumentError("correlation_id", expected=f"text that fits {pattern}", actual=repr(correlation_id))
        return correlation_id

    async def _send(self, operation: Operation[Any], request: Request, correlation_id: str) -> tuple[Answer, int]:
        telemetry, clock = self.settings.telemetry, self.clock
        attempt = 0
        while True:
            attempt += 1
            telemetry.on_request(RequestSent(operation.id, correlation_id, attempt))
            started = clock.monotonic()
            error: Exception
            try:
                answer = await self.transport.send(request)
            except NoAnswer as failure:
                reason, wait = str(failure), None
                kind = "backoff" if operation.repeatable else "none"
                error = TransportError(reason, operation=operation.id, correlation_id=correlation_id, attempts=attempt)
                error.__cause__ = failure.__cause__
            else:
                seconds = clock.monotonic() - started
                if 200 <= answer.status < 300 or answer.status == 304:
                    telemetry.on_answer(AnswerReceived(operation.id, correlation_id, attempt, answer.status, seconds))
                    return answer, attempt
                error = read_failure(
                    self.contract,
                    answer,
                    operation=operation.id,
                    correlation_id=correlation_id,
                    attempts=attempt,
                    now=clock.now().timestamp(),
                )
                reason, wait, kind = error.code, error.retry_after, retry_kind(self.contract, error)
                telemetry.on_answer(AnswerReceived(operation.id, correlation_id, attempt, answer.status, seconds, error.code))
            pause = self.settings.retry.pause(kind, attempt, wait)
            if pause is None:
                raise error
            telemetry.on_retry(RetryPlanned(operation.id, correlation_id, attempt, pause, reason))
            await clock.sleep(pause)

    def _decoded(self, operation: Operation[A], answer: Answer, correlation_id: str) -> A:
        if answer.status == 304:
            raise InvalidAnswerError("304 to a request without an entity tag", operation=operation.id, correlation_id=correlation_id)
        try:
            value = operation.read(answer.status, answer.body)
        except SchemaError as error:
            # A payload of another major may well break the schema: then its version is what is wrong.
            self._check_version(operation.id, text_at(parsed(answer.body), self.contract.version_at), correlation_id)
            raise InvalidAnswerError(describe_problem(error), operation=operation.id, correlation_id=correlation_id) from None
        if operation.version is not None:
            self._check_version(operation.id, operation.version(value), correlation_id)
        return value

    def _check_version(self, source: str, version: str | None, correlation_id: str) -> None:
        if version is not None and not self.contract.accepts(version):
            raise IncompatibleVersionError(source, expected=f"{self.contract.major}.x", actual=version, correlation_id=correlation_id)

    def _noted(self, value: A, operation: Operation[A], answer: Answer, correlation_id: str, attempts: int) -> A:
        header = self.contract.correlation_header
        stated = answer.headers.get(header) if header is not None else None
        attach_exchange(
            value,
            Exchange(operation.id, answer.status, stated or correlation_id, attempts, answer.status == 304),
        )
        return value


def describe_problem(error: SchemaError) -> str:
    """The first thing that is wrong with a payload, by place and kind; never a value of it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    more = f" and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    return f"/{'/'.join(str(step) for step in first['loc'])}: {first['type']}{more}"


def _copy(value: A) -> A:
    # Each caller gets a value of its own to note its exchange on.
    return value.model_copy() if isinstance(value, Model) else value
