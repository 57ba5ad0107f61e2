"""Calendar months and quarters in UTC, and the window of a dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

RANGES = {"6m": 6, "12m": 12}


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, written `YYYY-MM`."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: date | datetime) -> Month:
        """The month of a day, or of a moment in UTC."""
        day = moment.astimezone(UTC) if isinstance(moment, datetime) else moment
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, written: str) -> Month:
        """The month written as `YYYY-MM`."""
        return cls.of(date.fromisoformat(f"{written}-01"))

    def plus(self, months: int) -> Month:
        """The month so many months later, or earlier for a negative number."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.plus(1).first_day - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Frame:
    """The months of a window, in order; `end_date` is included."""

    months: tuple[Month, ...]

    @property
    def start_date(self) -> date:
        """The first day of the first month."""
        return self.months[0].first_day

    @property
    def end_date(self) -> date:
        """The last day of the last month."""
        return self.months[-1].last_day


def frame(range_name: str, now: datetime) -> Frame:
    """The months of `6m` or `12m`: the current month, which counts from its first day, is the last."""
    length = RANGES[range_name]
    last = Month.of(now)
    return Frame(tuple(last.plus(number + 1 - length) for number in range(length)))


def quarter_of(month: Month) -> str:
    """The calendar quarter of a month, written `YYYY-Qn`."""
    return f"{month.year:04d}-Q{(month.number + 2) // 3}"
