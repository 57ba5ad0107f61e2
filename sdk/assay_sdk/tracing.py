"""Client spans by OpenTelemetry's conventions for HTTP, one for each attempt, where its API is installed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol
from urllib.parse import urlsplit

from assay_sdk.declarations import Operation
from assay_sdk.transport import Request


class Span(Protocol):
    """One attempt as it is traced."""

    def carry(self, request: Request) -> Request:
        """The request with the headers that let the server continue the trace."""
        ...

    def responded(self, status: int) -> None:
        """Note the status of the response."""
        ...


class _Untraced:
    """What an attempt is traced with where OpenTelemetry is not installed."""

    __slots__ = ()

    def carry(self, request: Request) -> Request:
        return request

    def responded(self, status: int) -> None:
        pass


_UNTRACED = nullcontext(_Untraced())


@cache
def _installed() -> bool:
    return find_spec("opentelemetry") is not None and find_spec("opentelemetry.trace") is not None


class _Traced:
    """A span that OpenTelemetry records."""

    __slots__ = ("_span",)

    def __init__(self, span: Any) -> None:
        self._span = span

    def carry(self, request: Request) -> Request:
        carrier: dict[str, str] = {}
        _api("propagate").inject(carrier)
        return replace(request, headers={**request.headers, **carrier}) if carrier else request

    def responded(self, status: int) -> None:
        self._span.set_attribute("http.response.status_code", status)
        if status >= 400:
            self._span.set_attribute("error.type", str(status))
            _failed(self._span)


def traced(operation: Operation[Any], request: Request, attempt: int, *, enabled: bool) -> AbstractContextManager[Span]:
    """The span of one attempt, ended with the block; an exception in it is its error."""
    return _span(operation, request, attempt) if enabled and _installed() and _collected() else _UNTRACED


def _collected() -> bool:
    """Whether the application set up a provider; without one a span would be made for nobody."""
    trace = _api("trace")
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@contextmanager
def _span(operation: Operation[Any], request: Request, attempt: int) -> Generator[Span]:
    trace = _api("trace")
    parts = urlsplit(request.url)
    attributes: dict[str, str | int] = {
        "http.request.method": request.method,
        "url.template": operation.path,
        # Without the query, which may hold a credential.
        "url.full": f"{parts.scheme}://{parts.netloc}{parts.path}",
        "server.address": parts.hostname or "",
        "server.port": parts.port or (443 if parts.scheme == "https" else 80),
    }
    if attempt > 1:
        attributes["http.request.resend_count"] = attempt - 1
    tracer = trace.get_tracer("assay_sdk")
    name = f"{request.method} {operation.path}"
    with tracer.start_as_current_span(
        name, kind=trace.SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield _Traced(span)
        except Exception as error:
            cause = error.__cause__ or error
            span.set_attribute("error.type", type(cause).__name__)
            _failed(span)
            raise


def _failed(span: Any) -> None:
    trace = _api("trace")
    span.set_status(trace.Status(trace.StatusCode.ERROR))


@cache
def _api(module: str) -> Any:
    """A module of the optional API, which is loaded by the first call that is traced."""
    return import_module(f"opentelemetry.{module}")
