"""The revenue trend by month or by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from assay_server.executive.figures import MonthFigures
from assay_server.executive.months import quarter_of


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One period: what was recognized and booked in it, and the backlog at its end."""

    period: str
    recognized: Decimal
    booked: Decimal
    backlog: Decimal


def trend(months: Sequence[MonthFigures], granularity: str) -> list[TrendPoint]:
    """The points of consecutive months, `month` by `month` or by `quarter`.

    A quarter that the window cuts holds the months of the window alone, and keeps its name.
    """
    if granularity == "month":
        return [TrendPoint(str(figures.month), figures.recognized, figures.booked, figures.backlog) for figures in months]
    quarters = [(name, list(members)) for name, members in groupby(months, key=lambda figures: quarter_of(figures.month))]
    return [
        TrendPoint(
            name,
            sum((member.recognized for member in members), Decimal(0)),
            sum((member.booked for member in members), Decimal(0)),
            members[-1].backlog,
        )
        for name, members in quarters
    ]
