"""A small company with everything: 26 months of books, alerts, risks and customers. The same seed and moment give the same records."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from .months import Month
from .store.records import (
    Alert,
    Backlog,
    Customer,
    Entry,
    Order,
    Pipeline,
    Record,
    Retention,
    Risk,
    Spend,
    Subscription,
    Uptime,
    WinRate,
)

MONTHS = 26
"""Enough for a window of twelve months, the twelve before it, and two more."""

REGIONS, PRODUCTS, SERVICES = ("North", "South", "West"), ("Platform", "Services"), ("api", "dashboard", "ingest")
_CUSTOMERS = 24
_OWNERS = ("Sales", "Engineering", "Finance", "Success")
_REASONS = ("no sign-in for 30 days", "renewal is near", "many open tickets", "usage fell by half")
_SEVERITIES: tuple[Literal["low", "medium", "high"], ...] = ("low", "medium", "high")
_ALERTS = (
    ("uptime", "Uptime below target", "99.1 % last week"),
    ("revenue", "Bookings behind plan", "Four per cent below plan"),
    ("churn", "A large account may leave", "No sign-in for 30 days"),
    ("latency", "Dashboard slower than its target", "p95 above 300 ms"),
)


def small(seed: int, now: datetime) -> list[Record]:
    """Every record of the sample as the company stands at `now`."""
    return list(_Sample(seed, now).records())


class _Sample:
    def __init__(self, seed: int, now: datetime) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - sample data, not secrets
        self._mark = f"s{seed}"
        self._now = now
        last = Month.of(now)
        self._months = [last.plus(place + 1 - MONTHS) for place in range(MONTHS)]

    def records(self) -> Iterator[Record]:
        """Month by month, then what is open today."""
        for place, month in enumerate(self._months):
            yield from self._books(place, month)
            yield from self._measurements(month)
        yield from self._subscriptions()
        yield from self._today()

    def _books(self, place: int, month: Month) -> Iterator[Record]:
        growth = 1 + place / 40
        for region in REGIONS:
            for product in PRODUCTS:
                name = f"{self._mark}-{month}-{region}-{product}".lower()
                for number in range(3):
                    yield Entry(f"{name}-r{number}", "recognized", self._day(month), region, product, self._money(6_000, growth))
                    yield Entry(f"{name}-b{number}", "booked", self._day(month), region, product, self._money(7_000, growth))
                yield Backlog(month.first_day, region, product, self._money(55_000, growth))
                yield Pipeline(month.first_day, region, product, self._money(70_000, growth))
                amount = self._money(9_000, growth)
                yield Order(f"{name}-o", self._day(month), region, product, amount, self._part(amount, 0.2, 0.6), product == "Services")
        yield WinRate(month.first_day, self._rate(0.2, 0.4))
        yield Retention(month.first_day, self._rate(0.94, 1.12))
        yield Spend(f"{self._mark}-{month}-spend", self._day(month), self._money(12_000, growth))

    def _measurements(self, month: Month) -> Iterator[Record]:
        for service in SERVICES:
            for number in range(4):
                day = self._day(month)
                moment = datetime(day.year, day.month, day.day, number * 6, tzinfo=self._now.tzinfo)
                yield Uptime(service, moment, self._rate(0.985, 1.0))

    def _subscriptions(self) -> Iterator[Record]:
        for number in range(_CUSTOMERS * 2):
            starts = self._day(self._chance.choice(self._months))
            ends = starts + timedelta(days=self._chance.randrange(60, 700)) if self._chance.random() < 0.3 else None
            yield Subscription(
                f"{self._mark}-su-{number:03d}",
                f"{self._mark}-cu-{number % _CUSTOMERS:02d}",
                self._chance.choice(REGIONS),
                self._chance.choice(PRODUCTS),
                self._money(900, 1),
                starts,
                ends,
            )

    def _today(self) -> Iterator[Record]:
        for number in range(_CUSTOMERS):
            # Several share a risk, so that the order has ties to break.
            risk = self._chance.randrange(0, 21) / 20
            reasons = tuple(self._chance.sample(_REASONS, self._chance.randrange(0, 3)))
            yield Customer(f"{self._mark}-cu-{number:02d}", f"Customer {number + 1}", risk, reasons)
        for number in range(12):
            kind, title, description = _ALERTS[number % len(_ALERTS)]
            severity = _SEVERITIES[number % 3]
            created = self._now.replace(microsecond=0) - timedelta(hours=8 * (number // 2) + 1)
            yield Alert(f"{self._mark}-al-{number:02d}", kind, title, description, severity, created)
        for number in range(8):
            due = self._now.date() + timedelta(days=14 * (number // 2) - 7)
            status = ("open", "mitigating", "accepted")[number % 3]
            yield Risk(f"{self._mark}-rk-{number}", "Renewal of a large account", _OWNERS[number % 4], due, "Executive sponsor", status)

    def _day(self, month: Month) -> date:
        """A day of the month that is not after today."""
        last = min(month.last_day, self._now.date())
        return month.first_day + timedelta(days=self._chance.randrange((last - month.first_day).days + 1))

    def _money(self, around: int, growth: float) -> Decimal:
        return Decimal(round(around * growth * self._chance.uniform(70, 130))).scaleb(-2)

    def _part(self, amount: Decimal, low: float, high: float) -> Decimal:
        return (amount * self._rate(low, high)).quantize(Decimal("0.01"))

    def _rate(self, low: float, high: float) -> Decimal:
        return Decimal(round(self._chance.uniform(low, high) * 10**6)).scaleb(-6)
