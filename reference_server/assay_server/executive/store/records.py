"""What a company records: one frozen class for each table, its fields in the order of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount that was recognized or booked on a day; a correction is an entry of its own."""

    entry_id: str
    kind: Literal["recognized", "booked"]
    entry_date: date
    region: str
    product: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Backlog:
    """The backlog of one part at the end of a month; `month` is its first day."""

    month: date
    region: str
    product: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The pipeline of one part at the end of a month; `month` is its first day."""

    month: date
    region: str
    product: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class WinRate:
    """Which part of the pipeline is won, as of a month."""

    month: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Retention:
    """The net revenue retention of a month."""

    month: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """An order with the profit in it; what recurs counts as recurring revenue of its month."""

    order_id: str
    ordered_on: date
    region: str
    product: str
    amount: Decimal
    profit: Decimal
    recurring: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with the probability that he leaves, and why."""

    customer_id: str
    name: str
    risk: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subscription:
    """Monthly recurring revenue from one day on; `ends_on` is the first day on which it no longer runs."""

    subscription_id: str
    customer_id: str
    region: str
    product: str
    mrr: Decimal
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Spend:
    """What was spent on a day to win customers."""

    spend_id: str
    spent_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Uptime:
    """One measurement of a service, a ratio."""

    service: str
    measured_at: datetime
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to look at."""

    alert_id: str
    type: str
    title: str
    description: str
    severity: Literal["low", "medium", "high"]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that may go wrong."""

    risk_id: str
    title: str
    owner: str
    due: date
    mitigation: str
    status: str


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A customer at risk with his monthly recurring revenue of today."""

    customer_id: str
    name: str
    mrr: Decimal
    risk: float
    reasons: tuple[str, ...]


Record = Entry | Backlog | Pipeline | WinRate | Retention | Order | Customer | Subscription | Spend | Uptime | Alert | Risk
