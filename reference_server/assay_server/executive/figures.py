"""The ten key figures: each a formula over what was recorded, exact; rounding comes last."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assay_server.executive.months import Frame, Month
from assay_server.executive.rounding import divided, ratio

COVERED_MONTHS, FORECAST_MONTHS, GROWTH = 6, 3, Decimal("1.02")
RECURRING = frozenset({"subscription", "recurring"})
"""The kinds of order that recur every month."""


class Direction(enum.Enum):
    """Whether a figure rose or fell against the previous window."""

    UP = "up"
    DOWN = "down"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What was recognized and booked in a month, and the backlog at its end."""

    month: Month
    recognized: Decimal
    booked: Decimal
    backlog: Decimal


@dataclass(frozen=True, slots=True)
class Measurements:
    """Measurements of a ratio, by their sum and their number."""

    total: Decimal
    number: int = 1


@dataclass(frozen=True, slots=True)
class Orders:
    """One order or several, by their amount and the profit in it."""

    amount: Decimal
    profit: Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, and its change against the previous window as a fraction of that; None where there is nothing to compare with."""

    value: Decimal
    delta: Decimal | None = None

    @property
    def direction(self) -> Direction | None:
        """The sign of `delta` as it is stated, rounded; None without one."""
        if self.delta is None:
            return None
        stated = ratio(self.delta)
        return Direction.UP if stated > 0 else Direction.DOWN if stated < 0 else Direction.FLAT


def in_months(recorded: Mapping[Month, MonthFigures], span: Iterable[Month]) -> tuple[MonthFigures, ...]:
    """The figures of some months; a month without any has zeros."""
    return tuple(recorded.get(month) or MonthFigures(month, Decimal(0), Decimal(0), Decimal(0)) for month in span)


def in_window(recorded: Mapping[Month, MonthFigures], window: Frame) -> tuple[MonthFigures, ...]:
    """The figures of every month of a window; a month without any has zeros."""
    return in_months(recorded, window.months)


def previous_window(recorded: Mapping[Month, MonthFigures], window: Frame) -> tuple[MonthFigures, ...] | None:
    """The figures of the window of equal length before; None when any of its months has none."""
    months = [month.plus(-len(window.months)) for month in window.months]
    return tuple(recorded[month] for month in months) if all(month in recorded for month in months) else None


def compared(value: Decimal, previous: Decimal | None) -> Figure:
    """A figure against the previous window's: no delta where that is unknown or 0."""
    return Figure(value, (value - previous) / abs(previous)) if previous else Figure(value)


def revenue(months: Iterable[MonthFigures]) -> Decimal:
    """All that was recognized."""
    return sum((month.recognized for month in months), Decimal(0))


def backlog(months: Sequence[MonthFigures]) -> Decimal:
    """The backlog at the end of the last month; 0 without months."""
    return months[-1].backlog if months else Decimal(0)


def book_to_bill(months: Sequence[MonthFigures]) -> Decimal:
    """All that was booked by all that was recognized."""
    return divided(sum((month.booked for month in months), Decimal(0)), revenue(months))


def coverage_months(recorded: Mapping[Month, MonthFigures], last: Month) -> Decimal:
    """How many months the backlog lasts at the mean of the six months up to `last`; a month without data counts as 0."""
    months = [recorded[month] for month in (last.plus(-back) for back in range(COVERED_MONTHS)) if month in recorded]
    ending = recorded[last].backlog if last in recorded else Decimal(0)
    return divided(ending * COVERED_MONTHS, revenue(months))


def forecast(months: Sequence[MonthFigures], pipeline: Decimal | None = None, win_rate: Decimal | None = None) -> Decimal:
    """The pipeline times the win rate; where either is unknown, the mean of the last three months and two per cent."""
    if pipeline is not None and win_rate is not None:
        return pipeline * win_rate
    trailing = months[-FORECAST_MONTHS:]
    return divided(revenue(trailing), Decimal(len(trailing))) * GROWTH


def mean_uptime(measured: Iterable[Measurements]) -> Decimal:
    """The mean of all measurements, not of the means of their months."""
    months = tuple(measured)
    return divided(sum((month.total for month in months), Decimal(0)), Decimal(sum(month.number for month in months)))


def net_revenue_retention(by_month: Mapping[Month, Decimal], last: Month) -> Decimal:
    """The latest rate not after `last`; it can exceed 1."""
    known = [month for month in by_month if month <= last]
    return by_month[max(known)] if known else Decimal(0)


def gross_margin(orders: Iterable[Orders]) -> Decimal:
    """All profit by all amounts."""
    taken = tuple(orders)
    return divided(sum((order.profit for order in taken), Decimal(0)), sum((order.amount for order in taken), Decimal(0)))


def annual_recurring_revenue(orders: Iterable[tuple[str, Decimal]]) -> Decimal:
    """Twelve times what recurs of the orders of the last month, as (kind, amount)."""
    return sum((amount for kind, amount in orders if kind in RECURRING), Decimal(0)) * 12


def payback_months(acquisition: Decimal, new_recurring: Decimal, margin: Decimal) -> Decimal:
    """How many months of margin on the new monthly recurring revenue pay for the acquisition spend of the window."""
    return divided(acquisition, new_recurring * margin)
