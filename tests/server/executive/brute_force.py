"""The figures computed naively, record by record, for comparison; and random records to compute them from."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from assay_server.executive.months import Month
from assay_server.executive.store import (
    Backlog,
    Entry,
    Order,
    Pipeline,
    Record,
    Retention,
    Spend,
    Subscription,
    Uptime,
    WinRate,
)

REGIONS, PRODUCTS = ("North", "South", "East"), ("Core", "Extra")
ZERO = Decimal(0)


def random_records(chance: random.Random, last: Month, months: int, records: int) -> list[Record]:
    """Records of every kind over some months up to a few after the last, with months that miss some kinds."""
    first = last.plus(1 - months).first_day
    days = (last.plus(2).first_day - first).days

    def day() -> date:
        return first + timedelta(days=chance.randrange(days))

    def money(low: int = -50_000) -> Decimal:
        return Decimal(chance.randrange(low, 1_000_000)).scaleb(-2)

    generated: list[Record] = []
    for number in range(records):
        name, region, product = f"r-{number:05d}", chance.choice(REGIONS), chance.choice(PRODUCTS)
        starts = day()
        generated += [
            Entry(f"{name}-r", "recognized", day(), region, product, money()),
            Entry(f"{name}-b", "booked", day(), region, product, money()),
            Order(name, day(), region, product, money(0), money(), chance.random() < 0.3),
            Subscription(
                name,
                f"c-{number % 7}",
                region,
                product,
                money(0),
                starts,
                chance.choice([None, starts + timedelta(days=chance.randrange(300))]),
            ),
            Spend(name, day(), money(0)),
            Uptime(region, datetime(day().year, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(365 * 86_400)), _rate(chance)),
        ]
    for month in (last.plus(place - months + 1) for place in range(months + 1)):
        for region in REGIONS:
            if chance.random() < 0.8:
                generated.append(Backlog(month.first_day, region, "Core", money()))
            if chance.random() < 0.5:
                generated.append(Pipeline(month.first_day, region, "Extra", money(0)))
        if chance.random() < 0.6:
            generated.append(WinRate(month.first_day, _rate(chance)))
        if chance.random() < 0.5:
            generated.append(Retention(month.first_day, _rate(chance) * 2))
    chance.shuffle(generated)
    return generated


def _rate(chance: random.Random) -> Decimal:
    return Decimal(chance.randrange(10**6)).scaleb(-6)


def naive_figures(records: Sequence[Record], months: Sequence[Month]) -> dict[str, Decimal]:
    """The ten figures of consecutive months, each by its sentence in the contract."""
    last = months[-1]
    recognized = _sum(
        entry.amount
        for entry in records
        if isinstance(entry, Entry) and entry.kind == "recognized" and Month.of(entry.entry_date) in months
    )
    booked = _sum(
        entry.amount for entry in records if isinstance(entry, Entry) and entry.kind == "booked" and Month.of(entry.entry_date) in months
    )
    orders = [order for order in records if isinstance(order, Order) and Month.of(order.ordered_on) in months]
    margin = _ratio(_sum(order.profit for order in orders), _sum(order.amount for order in orders))
    new = _sum(item.mrr for item in records if isinstance(item, Subscription) and Month.of(item.starts_on) in months)
    spend = _sum(item.amount for item in records if isinstance(item, Spend) and Month.of(item.spent_on) in months)
    measured = [item.ratio for item in records if isinstance(item, Uptime) and Month.of(item.measured_at) in months]
    rates = {Month.of(item.month): item.rate for item in records if isinstance(item, Retention)}
    known = [month for month in rates if month <= last]
    return {
        "revenue": recognized,
        "backlog": _backlog(records, last),
        "uptime": _ratio(_sum(measured), Decimal(len(measured))),
        "nrr": rates[max(known)] if known else ZERO,
        "gm": margin,
        "payback": _ratio(spend, new * margin),
        "book_to_bill": _ratio(booked, recognized),
        "coverage_months": _coverage(records, last),
        "arr": 12 * _recurring(records, last),
        "forecast": _forecast(records, last),
    }


def months_with_data(records: Iterable[Record]) -> set[Month]:
    """The months in which anything was recognized or booked, or whose backlog is known."""
    dates = [record.entry_date if isinstance(record, Entry) else record.month for record in records if isinstance(record, Entry | Backlog)]
    return {Month.of(day) for day in dates}


def _backlog(records: Iterable[Record], month: Month) -> Decimal:
    return _sum(record.amount for record in records if isinstance(record, Backlog) and Month.of(record.month) == month)


def _recognized(records: Iterable[Record], month: Month) -> Decimal:
    return _sum(
        entry.amount for entry in records if isinstance(entry, Entry) and entry.kind == "recognized" and Month.of(entry.entry_date) == month
    )


def _coverage(records: Sequence[Record], last: Month) -> Decimal:
    mean = _ratio(_sum(_recognized(records, last.plus(-back)) for back in range(6)), Decimal(6))
    return _ratio(_backlog(records, last), mean)


def _recurring(records: Iterable[Record], last: Month) -> Decimal:
    end, amounts = last.last_day, []
    for record in records:
        if isinstance(record, Subscription) and record.starts_on <= end and (record.ends_on is None or record.ends_on > end):
            amounts.append(record.mrr)
        if isinstance(record, Order) and record.recurring and Month.of(record.ordered_on) == last:
            amounts.append(record.amount)
    return _sum(amounts)


def _forecast(records: Sequence[Record], last: Month) -> Decimal:
    pipeline = [record.amount for record in records if isinstance(record, Pipeline) and Month.of(record.month) == last]
    rates = [record.rate for record in records if isinstance(record, WinRate) and Month.of(record.month) == last]
    if pipeline and rates:
        return _sum(pipeline) * rates[0]
    return _sum(_recognized(records, last.plus(-back)) for back in range(3)) / 3 * Decimal("1.02")


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)


def _ratio(numerator: Decimal, denominator: Decimal) -> Decimal:
    return numerator / denominator if denominator else ZERO
