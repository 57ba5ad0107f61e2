"""One HTTP exchange from request to response: who asks, for whom, what, and what comes of it.

The order is the contract's: credential, tenant, coverage, scope, then everything else. Whatever goes wrong ends in
one place, which writes the envelope, the counters and the log line.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, cast
from urllib.parse import unquote

from assay_contracts import ErrorCode
from sanic import Request
from sanic.exceptions import MethodNotAllowed, SanicException
from sanic.response import HTTPResponse

from assay_server.faults import Switchboard, tamper
from assay_server.http.api_keys import ApiKeys
from assay_server.http.auth import BadToken, Grant, StandIn, Verifier
from assay_server.http.caching import is_current, tag_of
from assay_server.http.calls import Answering, Call
from assay_server.http.contract_view import Endpoint, ServedContract
from assay_server.http.correlation import trace_id
from assay_server.http.deprecation import DeprecationTerms
from assay_server.http.errors import Refusal, refusal_headers, store_refusal, unhandled
from assay_server.http.foreseen import foreseen
from assay_server.http.idempotency import answer_once
from assay_server.http.limits import Limiter
from assay_server.http.origins import Origins, joined
from assay_server.http.parameters import Pairs, query_pairs
from assay_server.http.replies import Reply
from assay_server.http.request_spans import span_of
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.postgres.idempotency_keys import IdempotencyKeys
from assay_server.postgres.store_errors import StoreBusy, StoreDown, StoreError, StoreTimeout
from assay_server.timings import begin_timings
from assay_server.tracing import RequestSpan

_REHEARSED: Mapping[str, Callable[[], Exception]] = {
    "STORE_BUSY": lambda: StoreBusy("injected"),
    "SERVICE_UNAVAILABLE": lambda: StoreDown("injected"),
    "UPSTREAM_TIMEOUT": lambda: StoreTimeout("injected"),
    "UNHANDLED": lambda: RuntimeError("injected"),
}
"""What really happens inside when a fault has a code answered."""


SECURITY: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""What every response says to browsers: it is data, and nothing in it is to be run, framed or guessed at."""


Response = HTTPResponse | None
"""None when it was sent part by part."""
Handler = Callable[..., Coroutine[Any, Any, Response]]


@dataclass(slots=True)
class Draining:
    """Whether the server stops: every response then ends its connection."""

    begun: bool = False


class Exchanges:
    """Turns requests into responses for the routes of one contract."""

    def __init__(
        self,
        served: ServedContract,
        verifier: Verifier,
        api_keys: ApiKeys,
        limiter: Limiter,
        switchboard: Switchboard,
        draining: Draining,
        keys: IdempotencyKeys | None,
        metrics: ServerMetrics,
        log: Log,
        stand_ins: Mapping[str, StandIn] | None = None,
        origins: Iterable[str] = (),
    ) -> None:
        self._origins = Origins(origins, served.contract)
        self._stand_ins = stand_ins or {}
        self._served = served
        self._verifier = verifier
        self._api_keys = api_keys
        self._limiter = limiter
        self._switchboard = switchboard
        self._metrics = metrics
        self._log = log
        self._draining = draining
        self._keys = keys

    @property
    def served(self) -> ServedContract:
        """The contract."""
        return self._served

    def operation(self, endpoint: Endpoint, answer: Answering) -> Handler:
        """The handler of one operation of the contract."""

        async def handle(request: Request, **_: str) -> Response:
            return await self._run(request, endpoint.id, lambda: self._operate(request, endpoint, answer), endpoint.deprecation)

        return handle

    def plain(self, name: str, answer: Callable[[Request], Awaitable[Reply]]) -> Handler:
        """The handler of a route outside the contract."""

        async def handle(request: Request, **_: str) -> Response:
            return await self._run(request, name, lambda: answer(request))

        return handle

    def grant(self, request: Request, *, keyed: bool = False) -> Grant:
        """Who asks, by a bearer token or, where `keyed`, by an API key; raises Refusal for none and for both."""
        authorization = header_values(request, "authorization")
        key_header = self._served.key_header
        keys = header_values(request, key_header) if key_header else []
        try:
            if keys and (authorization or not keyed):
                raise BadToken("one bearer token or, where it is enough, one API key is needed")
            return self._api_keys.read(keys) if keys else self._verifier.read(authorization)
        except BadToken as error:
            challenge = 'Bearer error="invalid_token"' if authorization else "Bearer"
            raise Refusal("UNAUTHENTICATED", str(error), headers={"WWW-Authenticate": challenge}) from None

    def options(self, allowed: tuple[str, ...]) -> Handler:
        """The handler of OPTIONS on a path with these methods; it asks for no credential."""

        async def reply(request: Request) -> Reply:
            wanted = self._origins.preflight(_header(request, "origin"), _header(request, "access-control-request-method"), allowed)
            return Reply(status=204, headers={"Allow": ", ".join(allowed), **wanted})

        async def handle(request: Request, **_: str) -> Response:
            return await self._run(request, "options", lambda: reply(request))

        return handle

    async def prepare(self, authorization: list[str]) -> None:
        """Have the key at hand that a token was signed with."""
        await self._verifier.prepare(authorization)

    async def read_token(self, authorization: list[str]) -> Grant:
        """The grant of a bearer token that came another way than in its header; raises BadToken."""
        await self._verifier.prepare(authorization)
        return self._verifier.read(authorization)

    async def failed(self, request: Request, error: Exception) -> Response:
        """The response to what went wrong before or outside a route."""

        async def fail() -> Reply:
            raise self._foreseen(request, error) or error

        return await self._run(request, "none", fail)

    def _foreseen(self, request: Request, error: Exception) -> Refusal | None:
        feed = self._served.feed
        if (
            feed is not None
            and request.path == feed.address
            and isinstance(error, SanicException)
            and not isinstance(error, MethodNotAllowed)
        ):
            return Refusal("NOT_FOUND", "this path has only the WebSocket feed")
        return foreseen(error)

    async def _operate(self, request: Request, endpoint: Endpoint, answer: Answering) -> Reply:
        pairs = query_pairs(request.query_string)
        tenant = ""
        grant: Grant | None = None
        quota: Mapping[str, str] = {}
        if not endpoint.public:
            grant = await self._identify(request, endpoint)
            tenant = self._admit(request, endpoint, grant, pairs)
            taken = self._limiter.take(grant.subject, tenant, endpoint.id)
            quota = taken if endpoint.states_quota else {}
        try:
            reply = await self._respond(request, endpoint, answer, pairs, grant, tenant)
        except Refusal as refusal:
            refusal.headers = {**quota, **refusal.headers}
            raise
        return replace(reply, headers={**quota, **reply.headers})

    async def _identify(self, request: Request, endpoint: Endpoint) -> Grant:
        """Who asks: by a credential or, where the operation takes one, by a token that stands in for it."""
        tokens = header_values(request, endpoint.token_header) if endpoint.token_header else []
        if not tokens or header_values(request, "authorization"):
            return self.grant(request, keyed=endpoint.keyed)
        granted = await self._stand_ins[endpoint.issued_scheme](tokens[0], _places(request)) if len(tokens) == 1 else None
        if granted is None:
            raise Refusal("UNAUTHENTICATED", "the token is not valid here", headers={"WWW-Authenticate": "Bearer"})
        return replace(granted, scopes=frozenset(endpoint.operation.scopes))

    async def _respond(
        self, request: Request, endpoint: Endpoint, answer: Answering, pairs: Pairs, grant: Grant | None, tenant: str
    ) -> Reply:
        """The response to who may ask: what is requested is read first."""
        subject = "" if grant is None else grant.subject
        path = endpoint.reader.path(_places(request))
        sent = endpoint.reader.headers(lambda name: _header(request, name))
        values = endpoint.reader.query(pairs)
        body = endpoint.body.read(_header(request, "content-type"), request.body) if endpoint.body is not None else None
        if grant is not None and endpoint.tenant_at:
            # A tenant in the body is known once the body is right.
            tenant = _value_at(body, endpoint.tenant_at)
            _cover(request, endpoint, grant, tenant)
        version = self._served.version_for(sent.get(self._served.version_header))
        faults = self._switchboard.active(endpoint.id, tenant)
        if faults:
            self._meet(faults)
        call = Call(endpoint, tenant, values, faults, subject, path, sent, body, version, frozenset(name for name, _ in pairs), grant)
        terms = endpoint.idempotency
        if terms is not None and self._keys is not None and terms.header in sent:
            reply = await answer_once(self._keys, terms, subject, sent[terms.header], body, lambda: answer(call))
            reply = replace(reply, body=self._served.stated(reply.body, version))
        else:
            reply = await answer(call)
        if faults:
            reply = await _gathered(reply)
            tampered = tamper(reply.body, faults, endpoint.required, self._served.schema_version)
            if tampered is not reply.body:
                tag = None if reply.tag is None else tag_of(reply.tag.encode(), *(name.encode() for name in sorted(faults)))
                reply = replace(reply, body=tampered, tag=tag)
                if "schema-drift" in faults:
                    self._metrics.schema_drift.labels("response").inc()
        headers = {"Cache-Control": endpoint.cache_control, **reply.headers}
        if endpoint.vary:
            headers["Vary"] = endpoint.vary
        if reply.tag is not None:
            headers["ETag"] = reply.tag
            if is_current(_header(request, "If-None-Match"), reply.tag):
                return Reply(status=304, headers=headers)
        return replace(reply, headers=headers)

    def _admit(self, request: Request, endpoint: Endpoint, grant: Grant, pairs: Pairs) -> str:
        """The tenant of a request, which the grant covers, with every scope that the operation needs; raises Refusal."""
        tenant = endpoint.reader.tenant(pairs)
        _cover(request, endpoint, grant, tenant)
        for scope in endpoint.operation.scopes:
            if scope not in grant.scopes:
                raise Refusal("FORBIDDEN_SCOPE", f"the token lacks the scope {scope}", tenant=tenant or None)
        return tenant

    def _meet(self, faults: frozenset[str]) -> None:
        """Let the faults that answer with a code do so."""
        declared = self._served.taxonomy.faults
        for name in sorted(faults):
            self._metrics.faults.labels(name).inc()
            for code in declared.get(name, {}).get("answers", ()):
                if code in _REHEARSED:
                    raise _REHEARSED[code]()
                raise self._limiter.refusal(1.0) if code == "RATE_LIMITED" else Refusal(code, f"injected by {name}")

    async def _run(
        self, request: Request, route: str, work: Callable[[], Awaitable[Reply]], deprecation: DeprecationTerms | None = None
    ) -> Response:
        with span_of(request) as span:
            return await self._answer(request, route, work, deprecation, span)

    async def _answer(
        self,
        request: Request,
        route: str,
        work: Callable[[], Awaitable[Reply]],
        deprecation: DeprecationTerms | None,
        span: RequestSpan,
    ) -> Response:
        began = time.perf_counter()
        timings = begin_timings()
        request.ctx.tenant = None
        await self._verifier.prepare(header_values(request, "authorization"))
        correlator = self._served.correlator
        correlation = correlator.identify(_header(request, correlator.header), _header(request, "traceparent"))
        refusal: Refusal | None = None
        reply = Reply()
        try:
            reply = await work()
        except Refusal as raised:
            refusal = raised
        except StoreError as error:
            self._log.warning("store", error=type(error).__name__, detail=str(error), correlation_id=correlation)
            refusal = store_refusal(error)
        except Exception:
            self._log.exception("unhandled", route=route, correlation_id=correlation)
            refusal = unhandled()
        if refusal is not None:
            known = self._served.code(refusal.code)
            if refusal.tenant is None and refusal.component is not None:
                refusal.tenant = request.ctx.tenant
            errors = self._served.errors
            written = errors.write(refusal, known, correlation)
            reply = Reply(written, None, known.status, refusal_headers(refusal, known), errors.media_type(known.status))
            self._count(refusal, known, route)
        spent = time.perf_counter() - began
        span.responded(reply.status, refusal.code if refusal else None)
        self._write(request, route, reply, refusal, correlation, spent, span.trace_id)
        deprecated = {} if deprecation is None else deprecation.headers(request.match_info)
        headers = {correlator.header: correlation, **deprecated, "Date": formatdate(usegmt=True), **SECURITY, **reply.headers}
        headers["Server-Timing"] = timings.header(route, spent)
        headers = joined(headers, self._origins.headers(_header(request, "origin")))
        stream: Any = request.stream
        if self._draining.begun and stream is not None:
            stream.keep_alive = False
        media_type = None if reply.status in (204, 304) else reply.media_type
        if reply.parts is not None:
            await self._send_parts(request, reply, reply.parts, headers)
            return None
        return HTTPResponse(reply.body or None, reply.status, headers, media_type)

    async def _send_parts(self, request: Request, reply: Reply, parts: AsyncIterator[bytes], headers: Mapping[str, str]) -> None:
        """Send a body part by part; when the store fails meanwhile the connection breaks, and the client sees that the end is missing."""
        response = cast("Any", await request.respond(status=reply.status, headers=dict(headers), content_type=reply.media_type))
        try:
            async for part in parts:
                await response.send(part)
        except StoreError as error:
            self._log.warning(
                "store", error=type(error).__name__, detail=str(error), correlation_id=headers[self._served.correlator.header]
            )
            transport: Any = request.transport
            transport.abort()
            return
        await response.eof()

    def _count(self, refusal: Refusal, known: ErrorCode, route: str) -> None:
        self._metrics.errors.labels(refusal.code, route).inc()
        if known.category == "contract":
            self._metrics.schema_drift.labels("request").inc()
        elif known.category in ("transient", "availability"):
            self._metrics.transient.labels(refusal.component or "api").inc()

    def _write(
        self, request: Request, route: str, reply: Reply, refusal: Refusal | None, correlation: str, spent: float, trace: str | None
    ) -> None:
        self._metrics.requests.labels(route, reply.status).inc()
        self._metrics.request_seconds.labels(route).observe(spent)
        self._log.info(
            "request",
            method=request.method,
            route=route,
            status=reply.status,
            code=refusal.code if refusal else None,
            duration_ms=round(spent * 1000, 3),
            correlation_id=correlation,
            tenant=request.ctx.tenant,
            trace_id=trace or trace_id(_header(request, "traceparent")),
        )


def _places(request: Request) -> dict[str, str]:
    """The parameters of the path as they were sent, decoded."""
    return {name: unquote(str(value)) for name, value in request.match_info.items()}


def _cover(request: Request, endpoint: Endpoint, grant: Grant, tenant: str) -> None:
    """Note the tenant of a request, which the grant must cover; raises Refusal."""
    request.ctx.tenant = tenant or None
    if tenant and not grant.covers(tenant):
        raise Refusal(endpoint.forbidden, f"the token does not cover {tenant}", tenant=tenant)


def _value_at(body: Any, path: Iterable[str]) -> str:
    for part in path:
        body = body[part]
    return str(body)


async def _gathered(reply: Reply) -> Reply:
    """The reply with its body in one piece."""
    if reply.parts is None:
        return reply
    return replace(reply, body=b"".join([part async for part in reply.parts]), parts=None)


def header_values(request: Request, name: str) -> list[str]:
    """Every header of one name."""
    return cast("list[str]", request.headers.getall(name.lower(), []))  # pyright: ignore[reportUnknownMemberType]


def _header(request: Request, name: str) -> str | None:
    """A header, several of one name joined as HTTP has it."""
    values = header_values(request, name)
    return ", ".join(values) if values else None
