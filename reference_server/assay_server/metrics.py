"""Counters of what goes on, in the Prometheus text format."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which workers leave their figures for each other; prometheus_client reads it when it is imported."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class ServerMetrics:
    """The figures of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        add = self.registry
        self.requests = Counter("assay_requests", "Requests by route and status.", ("route", "status"), registry=add)
        self.request_seconds = Histogram("assay_request_seconds", "How long requests took.", ("route",), buckets=_SECONDS, registry=add)
        self.errors = Counter("assay_errors", "Error responses by code and route.", ("code", "route"), registry=add)
        self.schema_drift = Counter("assay_schema_drift", "Schema versions that did not match.", ("direction",), registry=add)
        self.transient = Counter("assay_transient_errors", "Transient and availability errors by component.", ("component",), registry=add)
        self.query_seconds = Histogram(
            "assay_query_seconds", "The duration of store queries, by path.", ("data_profile",), buckets=_SECONDS, registry=add
        )
        self.stale = Counter("assay_stale_answers", "Responses that were given although delayed.", registry=add)
        self.feed_sessions = Gauge("assay_feed_sessions", "Feed sessions that are open.", registry=add, multiprocess_mode="livesum")
        self.feed_messages = Counter("assay_feed_messages", "Feed messages sent.", ("message",), registry=add)
        self.feed_disconnects = Counter("assay_feed_disconnects", "Feed sessions that ended, by reason.", ("reason",), registry=add)
        self.background_failures = Counter("assay_background_failures", "Rounds of background work that failed.", ("work",), registry=add)
        self.rejected_events = Counter("assay_rejected_events", "Events that were rejected, by code.", ("code",), registry=add)
        self.faults = Counter("assay_faults_injected", "Requests that an injected fault met.", ("fault",), registry=add)

    def text(self) -> bytes:
        """Everything, as a scrape wants it: the sum of all workers where there are several."""
        folder = os.environ.get(SHARED_FOLDER)
        if folder is None:
            return generate_latest(self.registry)
        summed = CollectorRegistry()
        MultiProcessCollector(summed, folder)  # type: ignore[no-untyped-call]
        return generate_latest(summed)
