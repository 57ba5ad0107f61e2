"""The executive contract: what its figures mean, without any storage or transport."""

from .figures import (
    Direction,
    Figure,
    MonthFigures,
    annual_recurring_revenue,
    backlog,
    book_to_bill,
    compared,
    coverage_months,
    forecast,
    gross_margin,
    in_window,
    mean_uptime,
    net_revenue_retention,
    payback_months,
    previous_window,
    revenue,
)
from .gates import METRICS, Gate, GateMetric, Verdict, judge_gate, received_within
from .months import Frame, Month, frame, quarter_of
from .rounding import money, ratio
from .trend import TrendPoint, trend

__all__ = [
    "METRICS",
    "Direction",
    "Figure",
    "Frame",
    "Gate",
    "GateMetric",
    "Month",
    "MonthFigures",
    "TrendPoint",
    "Verdict",
    "annual_recurring_revenue",
    "backlog",
    "book_to_bill",
    "compared",
    "coverage_months",
    "forecast",
    "frame",
    "gross_margin",
    "in_window",
    "judge_gate",
    "mean_uptime",
    "money",
    "net_revenue_retention",
    "payback_months",
    "previous_window",
    "quarter_of",
    "ratio",
    "received_within",
    "revenue",
    "trend",
]
