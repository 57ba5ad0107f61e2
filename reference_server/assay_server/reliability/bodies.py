"""Success bodies as typed records, so that an answer fits its schema by construction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from assay_server.jobs import Job
from assay_server.reliability.ranking import RankedTenant
from assay_server.reliability.store import ChangeSet, Failure, FunnelBucket
from assay_server.rollups import Incident, Metrics


class FunnelNumbers(msgspec.Struct, frozen=True, rename="camel"):
    """The numbers of a window or a bucket."""

    starts: int
    submissions: int
    conversion_rate: float
    retry_rate: float
    p95_submit_latency_ms: float = msgspec.field(name="p95SubmitLatencyMs")
    failures: int | msgspec.UnsetType = msgspec.UNSET
    failure_density: float | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, metrics: Metrics, *, later: bool = True) -> FunnelNumbers:
        """The record of computed metrics; `later` adds the properties since version 1.1."""
        rates = (metrics.conversion_rate, metrics.retry_rate, metrics.p95_submit_latency_ms)
        added = (metrics.failures, metrics.failure_density) if later else (msgspec.UNSET, msgspec.UNSET)
        return cls(metrics.starts, metrics.submissions, *rates, *added)


class FunnelBucketBody(msgspec.Struct, frozen=True, rename="camel"):
    """One step of the series."""

    bucket_start: datetime
    metrics: FunnelNumbers

    @classmethod
    def of(cls, bucket: FunnelBucket, *, later: bool = True) -> FunnelBucketBody:
        """The record of a computed step; `later` adds the properties since version 1.1."""
        return cls(bucket.start, FunnelNumbers.of(bucket.metrics, later=later))


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
    channel: str | msgspec.UnsetType = msgspec.UNSET
    retry_outcome: str | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, failure: Failure, *, later: bool = True) -> FailureBody:
        """The record of a stored failure; `later` adds the properties since version 1.1."""
        return cls(
            failure.event_id,
            failure.event_time,
            failure.component,
            failure.error_class,
            failure.tenant_id,
            failure.correlation_id,
            failure.channel if later else msgspec.UNSET,
            failure.retry_outcome if later else msgspec.UNSET,
        )


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


class RejectionBody(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One event that was rejected."""

    index: int
    code: str
    message: str
    event_id: str | msgspec.UnsetType = msgspec.UNSET


class IngestBody(msgspec.Struct, frozen=True, rename="camel"):
    """The outcome of a batch."""

    schema_version: str
    accepted: int
    duplicate: int
    rejected: int
    rejections: tuple[RejectionBody, ...]


class TenantRankBody(msgspec.Struct, frozen=True, rename="camel"):
    """One tenant with its numbers."""

    tenant_id: str
    starts: int
    submissions: int
    failures: int
    conversion_rate: float
    failure_density: float
    p95_submit_latency_ms: float = msgspec.field(name="p95SubmitLatencyMs")

    @classmethod
    def of(cls, ranked: RankedTenant) -> TenantRankBody:
        """The record of a ranked tenant."""
        counts = (ranked.starts, ranked.submissions, ranked.failures)
        return cls(ranked.tenant, *counts, ranked.conversion_rate, ranked.failure_density, ranked.p95_submit_latency_ms)


class TenantPageBody(msgspec.Struct, frozen=True, rename="camel"):
    """One page of tenants."""

    schema_version: str
    window: WindowBody
    items: tuple[TenantRankBody, ...]
    page: PageBody
    meta: FunnelMeta


class ExportErrorBody(msgspec.Struct, frozen=True, rename="camel"):
    """Why an export failed and what to do."""

    code: str
    message: str
    action: str
    retryable: bool


class ExportBody(msgspec.Struct, frozen=True, rename="camel"):
    """An export."""

    schema_version: str
    export_id: str
    tenant_id: str
    status: str
    progress_percent: int
    phase: str
    created_at: datetime
    expires_at: datetime
    result_ref: str | msgspec.UnsetType = msgspec.UNSET
    error: ExportErrorBody | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, version: str, job: Job, phase: str, content: str) -> ExportBody:
        """The record of an export whose content is at a path."""
        failure = job.failure
        return cls(
            version,
            job.id,
            job.owner,
            job.status,
            job.progress,
            phase,
            job.created_at.astimezone(UTC),
            job.expires_at.astimezone(UTC),
            content if job.status == "complete" else msgspec.UNSET,
            msgspec.UNSET if failure is None else ExportErrorBody(failure.code, failure.message, failure.action, failure.retryable),
        )


class StartedExportBody(ExportBody, frozen=True, rename="camel", kw_only=True):
    """An export that was just started, with the token that follows it."""

    poll_token: str

    @classmethod
    def started(cls, export: ExportBody, token: str) -> StartedExportBody:
        """The record of an export with its token."""
        return cls(**{name: getattr(export, name) for name in export.__struct_fields__}, poll_token=token)


_encode = msgspec.json.Encoder().encode


def encode(body: Any) -> bytes:
    """A body as JSON in UTF-8."""
    return _encode(body)
