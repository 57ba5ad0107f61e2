"""Spans by OpenTelemetry's conventions for HTTP and databases, where its API is installed and an SDK collects them.

A request is a span, continued from its `traceparent`, and each statement that it sends to the database is a span below it. Neither query
strings nor the values of statements are recorded: both may hold what is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})


class RequestSpan(Protocol):
    """The span of one request."""

    @property
    def trace_id(self) -> str | None:
        """The trace that the span belongs to; None where nothing is recorded."""
        ...

    def responded(self, status: int, code: str | None) -> None:
        """Note the status of the response, and the error code where it has one."""
        ...


class _Untraced:
    """The span of a request that nobody records."""

    __slots__ = ()
    trace_id = None

    def responded(self, status: int, code: str | None) -> None:
        pass


UNTRACED: AbstractContextManager[RequestSpan] = nullcontext(_Untraced())


@cache
def installed() -> bool:
    """Whether the API is there."""
    return find_spec("opentelemetry") is not None and find_spec("opentelemetry.trace") is not None


class _Traced:
    """A span that OpenTelemetry records."""

    __slots__ = ("_span",)

    def __init__(self, span: Any) -> None:
        self._span = span

    @property
    def trace_id(self) -> str | None:
        return f"{self._span.get_span_context().trace_id:032x}" if self._span.is_recording() else None

    def responded(self, status: int, code: str | None) -> None:
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._span.set_attribute("error.type", code or str(status))
            _failed(self._span)


@contextmanager
def request_span(method: str, route: str | None, path: str, address: tuple[str, int], headers: Mapping[str, str]) -> Generator[RequestSpan]:
    """The span of a request; `route` is its path with the names of the parameters, None for a path that has none."""
    trace = _api("trace")
    known = method if method in _METHODS else "_OTHER"
    attributes: dict[str, str | int] = {
        "http.request.method": known,
        "url.scheme": "http",
        "url.path": path,
        "server.address": address[0],
        "server.port": address[1],
    }
    if route is not None:
        attributes["http.route"] = route
    verb = "HTTP" if known == "_OTHER" else known
    with trace.get_tracer("assay_server").start_as_current_span(
        f"{verb} {route}" if route is not None else verb,
        context=_api("propagate").extract(headers),
        kind=trace.SpanKind.SERVER,
        attributes=attributes,
    ) as span:
        yield _Traced(span)


@contextmanager
def query_span(statement: str, database: str, host: str) -> Generator[None]:
    """The span of one statement of a request; whatever no request needs is not recorded."""
    trace = _api("trace")
    if not trace.get_current_span().is_recording():
        yield
        return
    verb = statement.split(maxsplit=1)[0].upper() if statement.strip() else "QUERY"
    attributes = {
        "db.system.name": "postgresql",
        "db.namespace": database,
        "db.operation.name": verb,
        "db.query.text": " ".join(statement.split()),
        "server.address": host,
    }
    with trace.get_tracer("assay_server").start_as_current_span(
        f"{verb} {database}", kind=trace.SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except Exception as error:
            state: str | None = getattr(error, "sqlstate", None)
            span.set_attribute("error.type", state or type(error).__name__)
            if state is not None:
                span.set_attribute("db.response.status_code", state)
            _failed(span)
            raise


def collected() -> bool:
    """Whether the API is there, and whoever runs the server set up a provider; without one a span would be made for nobody."""
    if not installed():
        return False
    trace = _api("trace")
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def _failed(span: Any) -> None:
    trace = _api("trace")
    span.set_status(trace.Status(trace.StatusCode.ERROR))


@cache
def _api(module: str) -> Any:
    """A module of the optional API."""
    return import_module(f"opentelemetry.{module}")
