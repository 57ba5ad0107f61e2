"""The rows of an export as they stand in its file: what comes before them, the rows of one part, and what comes after them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from assay_server.reliability.bodies import FailureBody, FunnelBucketBody, encode

Format = Literal["csv", "json"]
Row = FailureBody | FunnelBucketBody

_FAILURES = ("eventId", "eventTime", "component", "errorClass", "tenantId", "correlationId")
_FUNNEL = ("bucketStart", "starts", "submissions", "conversionRate", "retryRate", "p95SubmitLatencyMs")
COLUMNS = {"failures": _FAILURES, "funnel": _FUNNEL}
"""The columns of a CSV file by what is exported."""


class Window(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """The window that was exported, as it was requested."""

    start: str
    end: str


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    schema_version: str
    tenant_id: str
    window: Window


def head(format: Format, kind: str, version: str, tenant: str, window: Window) -> bytes:
    """What comes before the first row."""
    if format == "csv":
        return _lines([COLUMNS[kind]])
    return encode(_Head(version, tenant, window))[:-1] + b',"rows":['


def rows(format: Format, items: Sequence[Row], *, first: bool) -> bytes:
    """The rows of a part, of which there is at least one; those of a later part follow on others."""
    if format == "csv":
        return _lines([_cells(item) for item in items])
    return (b"" if first else b",") + b",".join(encode(item) for item in items)


def tail(format: Format) -> bytes:
    """What comes after the last row."""
    return b"" if format == "csv" else b"]}"


def _cells(item: Row) -> tuple[object, ...]:
    if isinstance(item, FailureBody):
        return (item.event_id, _instant(item.event_time), item.component, item.error_class, item.tenant_id, item.correlation_id)
    numbers = item.metrics
    rates = (numbers.conversion_rate, numbers.retry_rate, numbers.p95_submit_latency_ms)
    return (_instant(item.bucket_start), numbers.starts, numbers.submissions, *rates)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _lines(cells: Sequence[Sequence[object]]) -> bytes:
    """Lines of CSV as RFC 4180 has them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode()
