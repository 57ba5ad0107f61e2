"""A fact, and the words that it may use."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec

EventType = Literal["funnel_view", "step_advanced", "validation_failed", "lead_submitted", "async_failure"]
Channel = Literal["web", "mobile", "partner", "call_center"]
Component = Literal["application_form", "lead_router", "credit_check", "pricing_engine", "submission_api"]
ErrorClass = Literal["validation_error", "timeout", "upstream_error", "rate_limited", "duplicate_lead", "unknown"]
RetryOutcome = Literal["none", "succeeded", "failed"]

TenantId = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{1,62}$")]
EventId = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]
CorrelationId = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9._-]{1,128}$")]
Name = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9._-]{0,64}$")]
Latency = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Moment = Annotated[datetime.datetime, msgspec.Meta(tz=True)]

FAILURES: tuple[EventType, ...] = ("validation_failed", "async_failure")

_FIRST_YEAR, _LAST_YEAR = 1970, 9998
"""Days outside cannot be cut into buckets in every time zone."""


class Fact(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One event of one tenant, normalized. Decoding one from JSON also proves it.

    Every event but a step names its channel; a failure names its component and error class, too.
    """

    tenant_id: TenantId
    event_id: EventId
    event_time: Moment
    event_type: EventType
    channel: Channel | None = None
    component: Component | None = None
    error_class: ErrorClass | None = None
    retry_outcome: RetryOutcome | None = None
    latency_ms: Latency | None = None
    correlation_id: CorrelationId = "unknown"
    scenario_id: Name = "SCN-001"
    scenario_version: Name = "1.0.0"
    step: Name | None = None

    def __post_init__(self) -> None:
        if not _FIRST_YEAR <= self.event_time.year <= _LAST_YEAR:
            raise ValueError(
                f"expected an eventTime from {_FIRST_YEAR} to {_LAST_YEAR}, got {self.event_time.isoformat()}; send when it happened"
            )
        if self.event_type in FAILURES and (self.component is None or self.error_class is None):
            raise ValueError(f"expected component and errorClass on {self.event_type}; name what failed and how")
        if self.channel is None and self.event_type != "step_advanced":
            raise ValueError(f"expected a channel on {self.event_type}; name the way that the lead came in")
