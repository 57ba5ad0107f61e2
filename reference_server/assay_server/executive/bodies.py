"""Success bodies as typed records, so that an answer fits its schema by construction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from .breakdown import PartFigure
from .figures import Figure
from .gates import Gate
from .kpis import Kpi, Unit
from .months import Frame
from .rounding import money, ratio
from .store.records import Alert, AtRisk, Risk
from .trend import TrendPoint

CURRENCY = "GBP"


class Meta(msgspec.Struct, frozen=True):
    """How an answer came about."""

    generated_at: datetime
    stale: bool = False


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What every hot read answers."""

    meta: Meta


class TimeframeBody(msgspec.Struct, frozen=True):
    """The window of an answer."""

    range: str
    start_date: date
    end_date: date
    granularity: str

    @classmethod
    def of(cls, window: Frame, granularity: str) -> TimeframeBody:
        """The record of a window."""
        return cls(f"{len(window.months)}m", window.start_date, window.end_date, granularity)


class KpiBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """One key figure."""

    key: str
    label: str
    value: float
    unit: str
    currency: str | None = None
    delta: float | None = None
    direction: str | None = None

    @classmethod
    def of(cls, kpi: Kpi, figure: Figure) -> KpiBody:
        """The record of a figure, rounded."""
        return cls(
            kpi.key,
            kpi.label,
            kpi.unit.rounded(figure.value),
            kpi.unit.value,
            CURRENCY if kpi.unit is Unit.POUNDS else None,
            None if figure.delta is None else ratio(figure.delta),
            None if figure.direction is None else figure.direction.value,
        )


class TrendPointBody(msgspec.Struct, frozen=True):
    """One step of the revenue trend."""

    period: str
    recognized: float
    booked: float
    backlog: float

    @classmethod
    def of(cls, point: TrendPoint) -> TrendPointBody:
        """The record of a step, rounded."""
        return cls(point.period, money(point.recognized), money(point.booked), money(point.backlog))


class AlertBody(msgspec.Struct, frozen=True):
    """Something to look at."""

    id: str
    type: str
    title: str
    description: str
    severity: str
    created_at: datetime

    @classmethod
    def of(cls, alert: Alert) -> AlertBody:
        """The record of a stored alert."""
        return cls(alert.alert_id, alert.type, alert.title, alert.description, alert.severity, alert.created_at)


class RiskBody(msgspec.Struct, frozen=True):
    """Something that may go wrong."""

    id: str
    title: str
    owner: str
    due: date
    mitigation: str
    status: str

    @classmethod
    def of(cls, risk: Risk) -> RiskBody:
        """The record of a stored risk."""
        return cls(risk.risk_id, risk.title, risk.owner, risk.due, risk.mitigation, risk.status)


class DashboardBody(Body, frozen=True, kw_only=True):
    """The dashboard."""

    timeframe: TimeframeBody
    executive_kpis: tuple[KpiBody, ...] = msgspec.field(name="executiveKpis")
    revenue_trend: tuple[TrendPointBody, ...] = msgspec.field(name="revenueTrend")
    alerts: tuple[AlertBody, ...]
    risks: tuple[RiskBody, ...]


class KpiPointBody(msgspec.Struct, frozen=True):
    """One step of a figure's trend."""

    period: str
    value: float


class KpiPartBody(msgspec.Struct, frozen=True):
    """One part of a figure."""

    dimension: str
    name: str
    value: float
    total: float
    share: float

    @classmethod
    def of(cls, part: PartFigure) -> KpiPartBody:
        """The record of a part."""
        return cls(part.dimension, part.name, part.value, part.total, part.share)


class KpiDetailBody(Body, frozen=True, kw_only=True):
    """One key figure with its trend and its parts."""

    timeframe: TimeframeBody
    kpi: KpiBody
    trend: tuple[KpiPointBody, ...]
    breakdown: tuple[KpiPartBody, ...]


class UptimeBody(Body, frozen=True, kw_only=True):
    """The uptime with its trend."""

    timeframe: TimeframeBody
    uptime: float
    trend: tuple[KpiPointBody, ...]


class CustomerBody(msgspec.Struct, frozen=True):
    """A customer who may leave."""

    id: str
    name: str
    mrr: float
    risk: float
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, customer: AtRisk) -> CustomerBody:
        """The record of a customer."""
        return cls(customer.customer_id, customer.name, money(customer.mrr), customer.risk, customer.reasons)


class AtRiskBody(Body, frozen=True, kw_only=True):
    """The customers who may leave."""

    customers: tuple[CustomerBody, ...]


class GateBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """One metric against its target."""

    metric: str
    samples: int
    target: float
    verdict: str
    p95: float | None = None
    tolerance: float | None = None

    @classmethod
    def of(cls, gate: Gate) -> GateBody:
        """The record of a gate."""
        return cls(gate.metric.name, gate.samples, gate.metric.target, gate.verdict.value, gate.p95, gate.metric.tolerance)


class QualityGatesBody(msgspec.Struct, frozen=True):
    """Whether the dashboard is fast enough."""

    days: int
    min_samples: int
    gates: Sequence[GateBody]


_encode = msgspec.json.Encoder().encode


def encode(body: Any) -> bytes:
    """A body as JSON in UTF-8."""
    return _encode(body)
