"""What a company recorded, summed by month and part: all that the key figures are computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from assay_server.executive.figures import Measurements, MonthFigures, Orders, in_months
from assay_server.executive.months import Month

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """Where money belongs: its place in each dimension that splits a figure."""

    region: str
    product: str


DIMENSIONS = ("region", "product")
"""The dimensions of a part, in the order in which they are listed."""

Parts = Mapping[Part, Decimal]
ByMonth = Mapping[Month, Parts]


def _no_parts() -> ByMonth:
    return {}


def _no_amounts() -> Mapping[Month, Decimal]:
    return {}


def _no_measurements() -> Mapping[Month, Measurements]:
    return {}


def _no_orders() -> Mapping[Month, Orders]:
    return {}


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every sum by month. A month that is missing in a mapping has no data of that kind.

    `recognized` and `booked` are flows, `backlog`, `recurring` and `pipeline` states at the end of a month. `recurring`
    holds what recurs each month: the subscriptions that run at the end of the month and its recurring orders.
    """

    recognized: ByMonth = field(default_factory=_no_parts)
    booked: ByMonth = field(default_factory=_no_parts)
    backlog: ByMonth = field(default_factory=_no_parts)
    recurring: ByMonth = field(default_factory=_no_parts)
    pipeline: ByMonth = field(default_factory=_no_parts)
    win_rate: Mapping[Month, Decimal] = field(default_factory=_no_amounts)
    retention: Mapping[Month, Decimal] = field(default_factory=_no_amounts)
    acquisition: Mapping[Month, Decimal] = field(default_factory=_no_amounts)
    new_recurring: Mapping[Month, Decimal] = field(default_factory=_no_amounts)
    uptime: Mapping[Month, Measurements] = field(default_factory=_no_measurements)
    orders: Mapping[Month, Orders] = field(default_factory=_no_orders)

    @property
    def recorded(self) -> Mapping[Month, MonthFigures]:
        """The figures of every month in which something was recognized or booked, or whose backlog is known."""
        months = {*self.recognized, *self.booked, *self.backlog}
        return {
            month: MonthFigures(month, total(self.recognized, month), total(self.booked, month), total(self.backlog, month))
            for month in months
        }

    def months(self, span: Sequence[Month]) -> tuple[MonthFigures, ...]:
        """The figures of some months; one without data has zeros."""
        return in_months(self.recorded, span)


def total(by_month: ByMonth, month: Month) -> Decimal:
    """The sum of all parts in a month; 0 without data."""
    return sum(by_month.get(month, {}).values(), NOTHING)


def added(by_month: ByMonth, span: Sequence[Month]) -> dict[Part, Decimal]:
    """The sum of some months, part by part."""
    sums: dict[Part, Decimal] = {}
    for month in span:
        for part, amount in by_month.get(month, {}).items():
            sums[part] = sums.get(part, NOTHING) + amount
    return sums
