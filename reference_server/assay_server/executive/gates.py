"""Quality gates: the 95th percentile of what users measured, against its target."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay_server.rollups.percentiles import nearest_rank

RANK = 95


class Verdict(enum.Enum):
    """Whether a metric meets its target."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GateMetric:
    """A metric with a target; with a tolerance the percentile must be that near to it, else it must not exceed it."""

    name: str
    target: float
    tolerance: float | None = None


METRICS = (
    GateMetric("ttfb_ms", 300),
    GateMetric("render_total_ms", 1000),
    GateMetric("switch_latency_ms", 200),
    GateMetric("alerts_poll_interval_ms", 30_000, tolerance=5_000),
    GateMetric("drilldown_clicks", 2),
)
"""The metrics with a target, in the order in which gates are listed."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The verdict on one metric; `p95` is None without samples."""

    metric: GateMetric
    samples: int
    p95: float | None
    verdict: Verdict


def judge_gate(metric: GateMetric, values: Sequence[float], min_samples: int) -> Gate:
    """The verdict on the values of one metric: unknown below `min_samples`, though the percentile is stated."""
    return gate_of(metric, len(values), nearest_rank(values, RANK) if values else None, min_samples)


def gate_of(metric: GateMetric, samples: int, p95: float | None, min_samples: int) -> Gate:
    """The verdict on a percentile of so many samples."""
    if p95 is None or samples < min_samples:
        return Gate(metric, samples, p95, Verdict.UNKNOWN)
    met = p95 <= metric.target if metric.tolerance is None else abs(p95 - metric.target) <= metric.tolerance
    return Gate(metric, samples, p95, Verdict.PASS if met else Verdict.FAIL)


def received_within(samples: Iterable[tuple[datetime, float]], days: int, now: datetime) -> list[float]:
    """The values received in the last `days` times 24 hours, of samples as (time of receipt, value)."""
    start = now - timedelta(days=days)
    return [value for received, value in samples if start <= received <= now]
