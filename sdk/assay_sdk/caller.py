"""One call from argument to typed response: written, sent, read, kept.

    arguments -> target, headers, body -> Sender -> 2xx: read, bad rows left out | 304: the one that was kept -> with its exchange

The correlation id is drawn once per call, so that every attempt and its error carry the same one.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError as SchemaError

from assay_sdk.bodies import BodyFormat, write_body
from assay_sdk.cache import AnswerCache, Kept
from assay_sdk.clocks import BlockingLock, Clock
from assay_sdk.credentials import Issuer
from assay_sdk.declarations import Declared, Operation
from assay_sdk.errors import ArgumentError, ClientClosed, IncompatibleVersionError, InvalidAnswerError
from assay_sdk.exchanges import Exchange, RowDefect
from assay_sdk.failures import received
from assay_sdk.model import Model, attach_exchange
from assay_sdk.payloads import parsed, text_at
from assay_sdk.salvage import describe_problem, salvage
from assay_sdk.sending import Sender, Sent
from assay_sdk.settings import CallOptions, Settings, apply_headers, apply_query, merged
from assay_sdk.telemetry import RowDropped
from assay_sdk.transport import Answer, OpenAnswer, Request, Transport
from assay_sdk.views import RawBody, StreamOpened, wanted
from assay_sdk.wire import write_headers, write_target

A = TypeVar("A")
# Where a key is sent for an operation that does not say (draft-ietf-httpapi-idempotency-key-header).
_IDEMPOTENCY_KEY = "Idempotency-Key"


class Lifetime:
    """Whether a client, and with it every client that derives from it, is still open."""

    __slots__ = ("client", "closed")

    def __init__(self, client: str) -> None:
        self.client = client
        self.closed = False


class Caller:
    """Calls operations of one contract on one server."""

    __slots__ = ("_cache", "_lifetime", "_lock", "_sender", "clock", "contract", "settings", "transport")

    def __init__(
        self,
        contract: Declared,
        settings: Settings,
        transport: Transport,
        clock: Clock,
        client: str = "the client",
        lock: AbstractAsyncContextManager[object] | None = None,
    ) -> None:
        self.contract = contract
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self._lifetime = Lifetime(client)
        self._lock = lock or BlockingLock()
        self._sender = Sender(contract, transport, clock)
        self._cache = AnswerCache(settings.cache_size) if settings.cache_size > 0 else None

    def with_settings(self, settings: Settings) -> Caller:
        """A caller that shares all but its settings with this one."""
        derived = Caller.__new__(Caller)
        for name in Caller.__slots__:
            setattr(derived, name, getattr(self, name))
        derived.settings = settings
        return derived

    def __repr__(self) -> str:
        return f"Caller({self.contract.id} at {self.settings.base_url})"

    def check_open(self) -> None:
        """Raise `ClientClosed` once the client is closed."""
        if self._lifetime.closed:
            raise ClientClosed(self._lifetime.client)

    async def close(self) -> None:
        """Close the transport; calls and feeds raise `ClientClosed` from now on."""
        self._lifetime.closed = True
        await self.transport.close()

    async def headers(self, correlation_id: str) -> dict[str, str]:
        """What every request and every feed session says of itself."""
        headers = self._stated(correlation_id)
        authorization = await self.settings.credential.authorization(self.contract.schemes, self._issuer(self.settings))
        return headers if authorization is None else {"Authorization": authorization, **headers}

    def _issuer(self, settings: Settings) -> Issuer:
        return Issuer(self.transport, self.clock, self._lock, settings.base_url, settings.timeout)

    def _stated(self, correlation_id: str) -> dict[str, str]:
        headers: dict[str, str] = {}
        if self.contract.correlation_header is not None:
            headers[self.contract.correlation_header] = correlation_id
        if self.contract.version_header is not None:
            headers[self.contract.version_header] = self.contract.major
        return headers

    async def fetch(
        self,
        operation: Operation[A],
        arguments: Mapping[str, Any],
        correlation_id: str | None = None,
        options: CallOptions | None = None,
    ) -> A:
        """The response of an operation."""
        self.check_open()
        settings = self.settings if options is None else merged(self.settings, options)
        correlation_id = uuid.uuid4().hex if correlation_id is None else self._checked(correlation_id)
        target = self._target(operation, arguments, settings)
        request = await self._request(operation, arguments, target, correlation_id, settings)
        view = wanted.get()
        if view is not None and view.stream:
            await self._hand_over(operation, request, correlation_id, settings)
        cache = self._cache if operation.revalidates else None
        key = self._cache_key(operation, request) if cache is not None else ()
        kept = cache.get(key) if cache is not None else None
        if kept is not None:
            request = replace(request, headers={**request.headers, "If-None-Match": kept.etag})
        sent = await self._sender.send(operation, request, correlation_id, settings, partial(self._renewed, operation, settings))
        if sent.response.status == 304 and kept is not None:
            confirmed: A = _copy(kept.answer)
            return self._noted(confirmed, operation, sent, correlation_id, ())
        value, defects = self._decoded(operation, sent.response, correlation_id, settings)
        etag = sent.response.headers.get("etag")
        if cache is not None and etag is not None and not defects:
            cache.put(key, Kept(etag, value))
            value = _copy(value)
        return self._noted(value, operation, sent, correlation_id, defects)

    async def _hand_over(self, operation: Operation[Any], request: Request, correlation_id: str, settings: Settings) -> None:
        sent = await self._sender.open(operation, request, correlation_id, settings, partial(self._renewed, operation, settings))
        raise StreamOpened(RawBody(sent.response, operation.id, correlation_id), self._exchange(operation, sent, correlation_id, ()))

    def _target(self, operation: Operation[Any], arguments: Mapping[str, Any], settings: Settings) -> str:
        target = write_target(operation.path, operation.parameters, arguments)
        return apply_query(target, settings.query) if settings.query else target

    async def _request(
        self, operation: Operation[Any], arguments: Mapping[str, Any], target: str, correlation_id: str, settings: Settings
    ) -> Request:
        """What goes out for an operation."""
        headers = self._stated(correlation_id)
        credentials = await settings.credential.written(operation.security, self.contract.schemes, self._issuer(settings))
        headers.update(credentials.headers)
        headers["Accept"] = operation.accept
        given = write_headers(operation.parameters, arguments)
        cookies = [*credentials.cookies, *([given.pop("Cookie")] if "Cookie" in given else [])]
        headers.update(given)
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        if credentials.query:
            target += ("&" if "?" in target else "?") + credentials.query
        content = None
        body = None if operation.body is None else arguments.get(operation.body)
        # Of a body that must be there, None is the JSON null; of one that may be left out, it is none at all.
        if operation.body is not None and (body is not None or operation.body_required):
            how = operation.body_format or BodyFormat(operation.media)
            content, headers["Content-Type"] = write_body(operation.body, body, how)
        if settings.headers:
            apply_headers(headers, settings.headers)
        if settings.idempotency_key is not None:
            apply_headers(headers, {operation.idempotency or _IDEMPOTENCY_KEY: settings.idempotency_key})
        elif operation.idempotency is not None:
            # One key for all attempts, so that the server takes them for one request.
            headers.setdefault(operation.idempotency, str(uuid.uuid4()))
        base_url = settings.base_url
        if operation.server is not None and settings.operation_servers:
            base_url = operation.server.on(base_url)
        return Request(operation.method, base_url + target, headers, settings.timeout, content)

    async def _renewed(self, operation: Operation[Any], settings: Settings, request: Request) -> Request | None:
        """A rejected request with another token in place of one that was kept; None where there is no other."""
        if not settings.credential.drop(request.headers):
            return None
        credentials = await settings.credential.written(operation.security, self.contract.schemes, self._issuer(settings))
        headers = {**request.headers, **credentials.headers}
        apply_headers(headers, settings.headers)
        return replace(request, headers=headers) if headers != request.headers else None

    def _cache_key(self, operation: Operation[Any], request: Request) -> tuple[str, ...]:
        """A response belongs to the server, the credential and the headers that it was asked with, whichever scheme carries them."""
        own = self.contract.correlation_header
        return (operation.id, request.url, *(f"{name}: {value}" for name, value in request.headers.items() if name != own))

    def _checked(self, correlation_id: str) -> str:
        # One that the contract does not allow would be replaced by the server, and then found in no log.
        pattern = self.contract.correlation_pattern
        if pattern is not None and re.fullmatch(pattern.removesuffix("$"), correlation_id, re.ASCII) is None:
            raise ArgumentError("correlation_id", expected=f"a string that matches {pattern}", actual=repr(correlation_id))
        return correlation_id

    def _decoded(self, operation: Operation[A], answer: Answer, correlation_id: str, settings: Settings) -> tuple[A, tuple[RowDefect, ...]]:
        if answer.status == 304:
            raise InvalidAnswerError("304 to a request without an entity tag", operation=operation.id, correlation_id=correlation_id)
        defects: tuple[RowDefect, ...] = ()
        try:
            value = operation.read(answer.status, answer.body)
        except SchemaError as error:
            # A payload of another major may well break the schema: then its version is what is wrong.
            self._check_version(operation.id, text_at(parsed(answer.body), self.contract.version_at), correlation_id)
            salvaged = salvage(operation, answer, error) if settings.salvage else None
            if salvaged is None:
                raise InvalidAnswerError(
                    describe_problem(error), operation=operation.id, correlation_id=correlation_id, response=received(answer)
                ) from None
            value, defects = salvaged.value, salvaged.defects
            for defect in defects:
                settings.telemetry.on_row_dropped(RowDropped(operation.id, correlation_id, defect.pointer, defect.problem))
        if operation.version is not None:
            self._check_version(operation.id, operation.version(value), correlation_id)
        return value, defects

    def _check_version(self, source: str, version: str | None, correlation_id: str) -> None:
        if version is not None and not self.contract.accepts(version):
            raise IncompatibleVersionError(source, expected=f"{self.contract.major}.x", actual=version, correlation_id=correlation_id)

    def _exchange(
        self,
        operation: Operation[Any],
        sent: Sent[Answer] | Sent[OpenAnswer],
        correlation_id: str,
        defects: tuple[RowDefect, ...],
    ) -> Exchange:
        headers = sent.response.headers
        header = self.contract.correlation_header
        stated = headers.get(header) if header is not None else None
        status = sent.response.status
        return Exchange(operation.id, status, stated or correlation_id, sent.attempts, status == 304, headers, defects)

    def _noted(self, value: A, operation: Operation[A], sent: Sent[Answer], correlation_id: str, defects: tuple[RowDefect, ...]) -> A:
        exchange = self._exchange(operation, sent, correlation_id, defects)
        attach_exchange(value, exchange)
        view = wanted.get()
        if view is not None:
            view.exchange = exchange
        return value


def _copy(value: A) -> A:
    # Each caller gets a value of its own to note its exchange on.
    return value.model_copy() if isinstance(value, Model) else value
