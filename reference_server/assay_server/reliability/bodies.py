"""Success bodies as typed records, so that an answer fits its schema by construction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from assay_server.reliability.store import ChangeSet, Failure
from assay_server.rollups import Incident, Metrics


class FunnelNumbers(msgspec.Struct, frozen=True, rename="camel"):
    """The numbers of a window or a bucket."""

    starts: int
    submissions: int
    conversion_rate: float
    retry_rate: float
    p95_submit_latency_ms: float = msgspec.field(name="p95SubmitLatencyMs")

    @classmethod
    def of(cls, metrics: Metrics) -> FunnelNumbers:
        """The record of computed metrics."""
        return cls(metrics.starts, metrics.submissions, metrics.conversion_rate, metrics.retry_rate, metrics.p95_submit_latency_ms)


class FunnelBucketBody(msgspec.Struct, frozen=True, rename="camel"):
    """One step of the series."""

    bucket_start: datetime
    metrics: FunnelNumbers


class WindowBody(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """The window that was asked for."""

    start: datetime
    end: datetime


class FunnelMeta(msgspec.Struct, frozen=True, rename="camel"):
    """How the answer came about."""

    generated_at: datetime | None
    stale: bool
    data_profile: str


class FunnelBody(msgspec.Struct, frozen=True, rename="camel"):
    """The numbers of the funnel over a window."""

    schema_version: str
    tenant_id: str
    window: WindowBody
    metrics: FunnelNumbers
    meta: FunnelMeta
    series: tuple[FunnelBucketBody, ...] | msgspec.UnsetType = msgspec.UNSET


class FailureBody(msgspec.Struct, frozen=True, rename="camel"):
    """One failure."""

    event_id: str
    event_time: datetime
    component: str
    error_class: str
    tenant_id: str
    correlation_id: str

    @classmethod
    def of(cls, failure: Failure) -> FailureBody:
        """The record of a stored failure."""
        return cls(failure.event_id, failure.event_time, failure.component, failure.error_class, failure.tenant_id, failure.correlation_id)


class PageBody(msgspec.Struct, frozen=True, rename="camel"):
    """Where a page stands."""

    cursor: str | None
    has_more: bool
    page_size: int


class FailurePageBody(msgspec.Struct, frozen=True, rename="camel"):
    """One page of failures."""

    schema_version: str
    items: tuple[FailureBody, ...]
    page: PageBody


class IncidentBody(msgspec.Struct, frozen=True, rename="camel"):
    """One incident as it stands."""

    incident_id: str
    status: str
    severity: str
    component: str
    updated_at: datetime

    @classmethod
    def of(cls, incident: Incident) -> IncidentBody:
        """The record of a stored incident."""
        return cls(incident.incident_id, incident.status, incident.severity, incident.component, incident.updated_at)


class IncidentChangeBody(msgspec.Struct, frozen=True, rename="camel"):
    """One incident as it stood after one change."""

    seq: int
    incident_id: str
    status: str
    severity: str
    component: str
    updated_at: datetime

    @classmethod
    def of(cls, changes: ChangeSet) -> tuple[IncidentChangeBody, ...]:
        """The records of one change set."""
        return tuple(
            cls(changes.seq, item.incident_id, item.status, item.severity, item.component, item.updated_at) for item in changes.incidents
        )


class RealtimeSnapshotBody(msgspec.Struct, frozen=True, rename="camel"):
    """The incidents as of one sequence number."""

    schema_version: str
    tenant_id: str
    seq: int
    incidents: tuple[IncidentBody, ...]
    changes: tuple[IncidentChangeBody, ...] | msgspec.UnsetType = msgspec.UNSET
    changes_truncated: bool | msgspec.UnsetType = msgspec.UNSET


_encode = msgspec.json.Encoder().encode


def encode(body: Any) -> bytes:
    """A body as JSON in UTF-8."""
    return _encode(body)
