"""What goes into the store and what comes out of it, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from assay_server.rollups import Incident, Metrics, Span

DataProfile = Literal["analytics-hot-window", "analytics-rollup"]
FailureSort = Literal["eventTime:desc", "eventTime:asc", "errorClass:asc"]
Step = Literal["hour", "day"]

STEPS: dict[Step, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def outcomes_of(outcome: str) -> list[str]:
    """How a retry outcome may be stored: a fact without one counts as `none`."""
    return ["", "none"] if outcome == "none" else [outcome]


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch: each fact is either new or known already."""

    accepted: int
    duplicate: int


@dataclass(frozen=True, slots=True)
class FunnelQuery:
    """A half-open window of one tenant, perhaps narrowed, perhaps in steps."""

    tenant_id: str
    start: datetime
    end: datetime
    group_by: Step | None = None
    channel: str | None = None
    error_class: str | None = None
    retry_outcome: str | None = None


@dataclass(frozen=True, slots=True)
class FunnelBucket:
    """What of one step lies in the window."""

    start: datetime
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class FunnelAnswer:
    """The funnel of a window.

    `data_profile` is `analytics-rollup` when hour and day rollups answered the whole window: both of its ends
    are full hours and it lies behind the watermark. It is `analytics-hot-window` when minutes or raw facts
    answered a part of it. A window that was once answered by rollups always is.
    `closed_to` is the watermark the answer rests on; None when the tenant has no facts.
    """

    metrics: Metrics
    series: tuple[FunnelBucket, ...] | None
    data_profile: DataProfile
    closed_to: datetime | None


@dataclass(frozen=True, slots=True)
class FunnelPlan:
    """How a query is answered: the stretches of the window with their tiers, and the lines of the database's plan."""

    spans: tuple[Span, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """One fact that tells of a failure."""

    event_id: str
    event_time: datetime
    component: str
    error_class: str
    tenant_id: str
    correlation_id: str
    channel: str
    retry_outcome: str


@dataclass(frozen=True, slots=True)
class FailurePosition:
    """A place in the list of failures: the keys of the last one read."""

    event_time: datetime
    error_class: str
    event_id: str


@dataclass(frozen=True, slots=True)
class FailureQuery:
    """The failures of one tenant in one order, after one position; `start` and `end` are a half-open window; None leaves a side open."""

    tenant_id: str
    sort: FailureSort = "eventTime:desc"
    error_class: str | None = None
    component: str | None = None
    limit: int = 50
    after: FailurePosition | None = None
    channel: str | None = None
    retry_outcome: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailurePage:
    """Some failures, where they end, and whether more follow."""

    items: tuple[Failure, ...]
    position: FailurePosition | None
    has_more: bool


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The incidents that changed together, as they stood afterwards, under one sequence number."""

    seq: int
    incidents: tuple[Incident, ...]


@dataclass(frozen=True, slots=True)
class IncidentState:
    """Every incident of a tenant as of `seq`, with the changes after an earlier number when asked.

    `changes` is None when none were asked for or when they are no longer kept (`truncated`).
    """

    seq: int
    incidents: tuple[Incident, ...]
    changes: tuple[ChangeSet, ...] | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class IncidentChanges:
    """The change sets after a number, oldest first; `truncated` when some are no longer kept."""

    seq: int
    sets: tuple[ChangeSet, ...]
    truncated: bool = False
