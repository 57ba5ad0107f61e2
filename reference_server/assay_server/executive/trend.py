"""The revenue trend by month or by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from assay_server.executive.figures import MonthFigures
from assay_server.executive.months import Month, quarter_of


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One period: what was recognized and booked in it, and the backlog at its end."""

    period: str
    recognized: Decimal
    booked: Decimal
    backlog: Decimal


def steps(months: Sequence[Month], granularity: str) -> list[tuple[str, tuple[Month, ...]]]:
    """The name and the months of each step of consecutive months, `month` by `month` or by `quarter`.

    A quarter that the window cuts holds the months of the window alone, and keeps its name.
    """
    name = str if granularity == "month" else quarter_of
    return [(period, tuple(members)) for period, members in groupby(months, key=name)]


def trend(months: Sequence[MonthFigures], granularity: str) -> list[TrendPoint]:
    """The points of the steps of consecutive months: flows are added, a state is that of the last month."""
    by_month = {figures.month: figures for figures in months}
    return [_point(period, [by_month[month] for month in members]) for period, members in steps(list(by_month), granularity)]


def _point(period: str, months: Sequence[MonthFigures]) -> TrendPoint:
    recognized = sum((figures.recognized for figures in months), Decimal(0))
    booked = sum((figures.booked for figures in months), Decimal(0))
    return TrendPoint(period, recognized, booked, months[-1].backlog)
