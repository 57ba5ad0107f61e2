"""Traces and timings: what is emitted is what the page declares."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from assay_server.executive.sample import small

from .serving import Dashboard, serve

sdk: Any = pytest.importorskip("opentelemetry.sdk.trace")
export: Any = pytest.importorskip("opentelemetry.sdk.trace.export")
memory: Any = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
trace: Any = pytest.importorskip("opentelemetry.trace")

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PAGE = (Path(__file__).parents[3] / "docs/reference/telemetry.md").read_text("utf-8")
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def exporter() -> Any:
    """Keeps every span that ends, beside whatever else collects them."""
    if not isinstance(trace.get_tracer_provider(), sdk.TracerProvider):
        trace.set_tracer_provider(sdk.TracerProvider())
    kept = memory.InMemorySpanExporter()
    trace.get_tracer_provider().add_span_processor(export.SimpleSpanProcessor(kept))
    return kept


@pytest.fixture
async def dashboard(dsn: str, exporter: Any) -> AsyncIterator[Dashboard]:
    """A server with the sample company, of which nothing is recorded yet."""
    async with serve(dsn, NOW) as served:
        await served.record(*small(1, NOW))
        exporter.clear()
        yield served


def _timing(header: str) -> dict[str, str]:
    """The entries of a `Server-Timing` header with their descriptions."""
    return dict(re.findall(r'(\w+);desc="([^"]*)"', header))


async def test_a_request_continues_the_trace_of_its_client(dashboard: Dashboard, exporter: Any) -> None:
    """With a span for each statement below its own; no value and no query string is in them."""
    parent = f"00-{TRACE}-b7ad6b7169203331-01"
    answer = await dashboard.client.get("/api/kpis/revenue", params={"range": "6m"}, headers={"traceparent": parent})
    spans = exporter.get_finished_spans()
    request, queries = spans[-1], spans[:-1]

    assert answer.status_code == 200
    assert (request.name, request.kind.name) == ("GET /api/kpis/{key}", "SERVER")
    assert (f"{request.context.trace_id:032x}", f"{request.parent.span_id:016x}") == (TRACE, "b7ad6b7169203331")
    assert (request.attributes["url.path"], request.attributes["http.response.status_code"]) == ("/api/kpis/revenue", 200)
    assert queries
    assert {(query.kind.name, query.parent.span_id) for query in queries} == {("CLIENT", request.context.span_id)}
    assert all("%" in query.attributes["db.query.text"] for query in queries)
    assert not any("6m" in str(value) for span in spans for value in span.attributes.values())


async def test_a_failure_is_the_error_of_its_span(dashboard: Dashboard, exporter: Any) -> None:
    """Of the request by its code, of the statement by its SQLSTATE; what the client did wrong is no error of the server."""
    await dashboard.fault("store-busy", operation="getKpi")
    exporter.clear()
    busy = await dashboard.client.get("/api/kpis/revenue")
    unknown = await dashboard.client.get("/api/nothing")
    first, second = exporter.get_finished_spans()

    assert (busy.status_code, first.status.status_code.name, first.attributes["error.type"]) == (503, "ERROR", "STORE_BUSY")
    assert (unknown.status_code, second.name, second.status.status_code.name) == (404, "GET", "UNSET")


async def test_spans_have_the_attributes_that_the_page_declares(dashboard: Dashboard, exporter: Any, dsn: str) -> None:
    """All of them, and no others."""
    rows = re.findall(r"^\| `\{[^|]+ \| (server|client) \| (.+?) \|$", PAGE, re.MULTILINE)
    declared = {kind: set(re.findall(r"`([a-z._]+)`", attributes)) for kind, attributes in rows}
    await dashboard.client.get("/api/kpis/revenue")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("alter table executive_entries rename to executive_entries_away")
    await dashboard.client.get("/api/kpis/arr", params={"range": "6m"})
    emitted: dict[str, set[str]] = {}
    for span in exporter.get_finished_spans():
        emitted.setdefault(span.kind.name.lower(), set()).update(span.attributes)

    assert emitted == declared


async def test_a_response_says_what_its_time_went_into(dashboard: Dashboard) -> None:
    """Computed first, then given again from the cache without a query."""
    first = _timing((await dashboard.client.get("/api/kpis/revenue")).headers["server-timing"])
    second = _timing((await dashboard.client.get("/api/kpis/revenue")).headers["server-timing"])
    rejected = _timing((await dashboard.client.get("/api/kpis/revenue", headers={"authorization": ""})).headers["server-timing"])

    assert first == {"route": "getKpi", "query": "1", "cache": "miss"}
    assert second == {"route": "getKpi", "cache": "hit"}
    assert rejected == {"route": "getKpi"}


async def test_timings_are_those_of_the_page(dashboard: Dashboard) -> None:
    """Every entry of one is in the other."""
    section = PAGE.partition("## Server-Timing")[2]
    declared = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    header = (await dashboard.client.get("/api/executive-dashboard")).headers["server-timing"]

    assert set(_timing(header)) == declared
