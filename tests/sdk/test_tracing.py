"""Spans of OpenTelemetry, where its API is installed."""

from __future__ import annotations

from typing import Any

import pytest
from assay_sdk import ApiError, TransportError

from tests.sdk.plain import FakeClock, PlainClient, operation
from tests.sdk.scripted import Reply, http_server

sdk: Any = pytest.importorskip("opentelemetry.sdk.trace")
export: Any = pytest.importorskip("opentelemetry.sdk.trace.export")
memory: Any = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
trace: Any = pytest.importorskip("opentelemetry.trace")


@pytest.fixture(scope="module")
def exporter() -> Any:
    """Keeps every span that ends, beside whatever else collects them: a process has one provider."""
    if not isinstance(trace.get_tracer_provider(), sdk.TracerProvider):
        trace.set_tracer_provider(sdk.TracerProvider())
    kept = memory.InMemorySpanExporter()
    trace.get_tracer_provider().add_span_processor(export.SimpleSpanProcessor(kept))
    return kept


def test_each_attempt_is_a_client_span(exporter: Any) -> None:
    """By the conventions for HTTP, and the server may continue the trace."""
    exporter.clear()
    replies = iter([Reply(503), Reply(200, {})])
    with http_server(lambda _: next(replies)) as server, PlainClient(server.url, clock=FakeClock(), query={"key": "secret"}) as client:
        client.call(operation(path="/things"))

    first, second = exporter.get_finished_spans()
    assert (first.name, first.kind.name, first.status.status_code.name) == ("GET /things", "CLIENT", "ERROR")
    assert dict(first.attributes) == {
        "http.request.method": "GET",
        "url.template": "/things",
        "url.full": f"{server.url}/things",
        "server.address": "127.0.0.1",
        "server.port": int(server.url.rpartition(":")[2]),
        "http.response.status_code": 503,
        "error.type": "503",
    }
    assert (second.attributes["http.request.resend_count"], second.attributes["http.response.status_code"]) == (1, 200)
    assert [
        f"{span.context.span_id:016x}" in seen.headers["traceparent"] for span, seen in zip((first, second), server.seen, strict=True)
    ] == [True, True]


def test_a_failure_names_its_kind(exporter: Any) -> None:
    """Where no response came."""
    exporter.clear()
    with PlainClient("http://127.0.0.1:1", clock=FakeClock()) as client, pytest.raises(TransportError):
        client.call(operation("POST"), {"body": {}})

    assert {span.attributes["error.type"] for span in exporter.get_finished_spans()} == {"ConnectError"}


def test_a_client_may_go_untraced(exporter: Any) -> None:
    """Then nothing is written."""
    exporter.clear()
    with http_server(lambda _: Reply(404)) as server, PlainClient(server.url, tracing=False) as client, pytest.raises(ApiError):
        client.call(operation())

    assert exporter.get_finished_spans() == ()
