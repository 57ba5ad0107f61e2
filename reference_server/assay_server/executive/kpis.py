"""The ten key figures in the contract's order: name, unit, value over some months, and the parts that add up to it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assay_server.executive.figures import (
    FORECAST_MONTHS,
    GROWTH,
    Figure,
    annual_recurring_revenue,
    backlog,
    book_to_bill,
    compared,
    coverage_months,
    forecast,
    gross_margin,
    in_months,
    mean_uptime,
    net_revenue_retention,
    payback_months,
    revenue,
)
from assay_server.executive.ledger import ByMonth, Ledger, Part, Parts, added, total
from assay_server.executive.months import Frame, Month
from assay_server.executive.rounding import money, ratio

Span = Sequence[Month]
"""Consecutive months, at least one; a state is that of the last."""


class Unit(enum.Enum):
    """What a figure is counted in."""

    POUNDS = "£"
    RATIO = "ratio"
    MONTHS = "months"

    def rounded(self, value: Decimal) -> float:
        """The value as it is stated: money to two decimals, all else to six."""
        return money(value) if self is Unit.POUNDS else ratio(value)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure. `parts` is None for a figure that does not add up."""

    key: str
    label: str
    unit: Unit
    value: Callable[[Ledger, Span], Decimal]
    parts: Callable[[Ledger, Span], Parts] | None = None
    has_delta: bool = False


def figure(kpi: Kpi, ledger: Ledger, window: Frame) -> Figure:
    """The figure of a window, with its change against the window before where it has one."""
    value = kpi.value(ledger, window.months)
    if not kpi.has_delta:
        return Figure(value)
    before = [month.plus(-len(window.months)) for month in window.months]
    recorded = ledger.recorded
    known = all(month in recorded for month in before)
    return compared(value, kpi.value(ledger, before) if known else None)


def _revenue(ledger: Ledger, span: Span) -> Decimal:
    return revenue(ledger.months(span))


def _backlog(ledger: Ledger, span: Span) -> Decimal:
    return backlog(ledger.months(span))


def _uptime(ledger: Ledger, span: Span) -> Decimal:
    return mean_uptime(ledger.uptime[month] for month in span if month in ledger.uptime)


def _retention(ledger: Ledger, span: Span) -> Decimal:
    return net_revenue_retention(ledger.retention, span[-1])


def _margin(ledger: Ledger, span: Span) -> Decimal:
    return gross_margin(ledger.orders[month] for month in span if month in ledger.orders)


def _payback(ledger: Ledger, span: Span) -> Decimal:
    spend = sum((ledger.acquisition.get(month, Decimal(0)) for month in span), Decimal(0))
    new = sum((ledger.new_recurring.get(month, Decimal(0)) for month in span), Decimal(0))
    return payback_months(spend, new, _margin(ledger, span))


def _book_to_bill(ledger: Ledger, span: Span) -> Decimal:
    return book_to_bill(ledger.months(span))


def _coverage(ledger: Ledger, span: Span) -> Decimal:
    return coverage_months(ledger.recorded, span[-1])


def _recurring(ledger: Ledger, span: Span) -> Decimal:
    return annual_recurring_revenue([("recurring", total(ledger.recurring, span[-1]))])


def _forecast(ledger: Ledger, span: Span) -> Decimal:
    last = span[-1]
    pipeline = total(ledger.pipeline, last) if last in ledger.pipeline else None
    return forecast(in_months(ledger.recorded, _trailing(last)), pipeline, ledger.win_rate.get(last))


def _revenue_parts(ledger: Ledger, span: Span) -> Parts:
    return added(ledger.recognized, span)


def _backlog_parts(ledger: Ledger, span: Span) -> Parts:
    return ledger.backlog.get(span[-1], {})


def _recurring_parts(ledger: Ledger, span: Span) -> Parts:
    return _times(ledger.recurring, span[-1], Decimal(12))


def _forecast_parts(ledger: Ledger, span: Span) -> Parts:
    last = span[-1]
    win_rate = ledger.win_rate.get(last)
    if last in ledger.pipeline and win_rate is not None:
        return _times(ledger.pipeline, last, win_rate)
    return {part: amount / FORECAST_MONTHS * GROWTH for part, amount in added(ledger.recognized, _trailing(last)).items()}


def _trailing(last: Month) -> list[Month]:
    return [last.plus(place + 1 - FORECAST_MONTHS) for place in range(FORECAST_MONTHS)]


def _times(by_month: ByMonth, month: Month, factor: Decimal) -> dict[Part, Decimal]:
    return {part: amount * factor for part, amount in by_month.get(month, {}).items()}


KPIS = (
    Kpi("revenue", "Revenue", Unit.POUNDS, _revenue, _revenue_parts, has_delta=True),
    Kpi("backlog", "Backlog", Unit.POUNDS, _backlog, _backlog_parts, has_delta=True),
    Kpi("uptime", "Uptime", Unit.RATIO, _uptime),
    Kpi("nrr", "Net revenue retention", Unit.RATIO, _retention),
    Kpi("gm", "Gross margin", Unit.RATIO, _margin),
    Kpi("payback", "Payback", Unit.MONTHS, _payback),
    Kpi("book_to_bill", "Book to bill", Unit.RATIO, _book_to_bill),
    Kpi("coverage_months", "Coverage", Unit.MONTHS, _coverage),
    Kpi("arr", "Annual recurring revenue", Unit.POUNDS, _recurring, _recurring_parts),
    Kpi("forecast", "Forecast", Unit.POUNDS, _forecast, _forecast_parts),
)
"""The figures in the order in which the dashboard lists them."""

BY_KEY = {kpi.key: kpi for kpi in KPIS}
