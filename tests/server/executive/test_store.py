"""The store against a real Postgres: figures equal to a naive computation, records once, events whole."""

from __future__ import annotations

import math
import random
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from assay_server.executive import KPIS, Month, breakdown, figure, steps
from assay_server.executive.months import RANGES, frame
from assay_server.executive.store import (
    Alert,
    Backlog,
    Customer,
    Entry,
    Risk,
    Store,
    Subscription,
    UserEvent,
)
from assay_server.executive.store.store import MIGRATIONS

from .brute_force import months_with_data, naive_figures, random_records

LAST = Month(2026, 11)
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(4))
async def test_every_figure_equals_its_naive_computation(books: Store, seed: int) -> None:
    """For both windows, every step of both trends, and the changes, whatever was recorded."""
    chance = random.Random(seed)
    records = random_records(chance, LAST, months=chance.choice([3, 14, 26]), records=chance.choice([20, 300]))
    await books.record(records)
    ledger = await books.ledger(LAST)

    for name in RANGES:
        window = frame(name, NOW)
        spans = [members for granularity in ("month", "quarter") for _, members in steps(window.months, granularity)]
        for span in [window.months, *spans]:
            expected = naive_figures(records, span)
            for kpi in KPIS:
                assert kpi.unit.rounded(expected[kpi.key]) == kpi.unit.rounded(kpi.value(ledger, span)), (kpi.key, span)
        before = [month.plus(-len(window.months)) for month in window.months]
        comparable = months_with_data(records) >= set(before)
        for kpi in KPIS:
            previous = naive_figures(records, before)[kpi.key]
            found = figure(kpi, ledger, window)
            if kpi.has_delta and comparable and previous:
                assert found.delta == (naive_figures(records, window.months)[kpi.key] - previous) / abs(previous)
            else:
                assert found.delta is None


@pytest.mark.parametrize("seed", range(4))
async def test_parts_add_up_to_the_figure(books: Store, seed: int) -> None:
    """To the cent, in every dimension, and each share is that of its value."""
    await books.record(random_records(random.Random(seed), LAST, months=14, records=100))
    ledger = await books.ledger(LAST)
    window = frame("12m", NOW)

    for kpi in KPIS:
        total = kpi.unit.rounded(kpi.value(ledger, window.months))
        parts = [] if kpi.parts is None else breakdown(kpi.parts(ledger, window.months), total)
        for dimension in {part.dimension for part in parts}:
            values = [Decimal(str(part.value)) for part in parts if part.dimension == dimension]
            assert sum(values) == Decimal(str(total))
        assert all(part.total == total for part in parts)
        assert all(math.isclose(part.share, part.value / total if total else 0, abs_tol=1e-6) for part in parts)


async def test_a_record_counts_once_and_a_state_is_the_last_one(books: Store) -> None:
    """An entry that is sent again changes nothing; a backlog that is recorded again replaces the one before."""
    entry = Entry("e-1", "recognized", date(2026, 11, 3), "North", "Core", Decimal(100))
    await books.record([entry, Backlog(date(2026, 11, 1), "North", "Core", Decimal(5))])
    await books.record([entry, Backlog(date(2026, 11, 1), "North", "Core", Decimal(7))])
    recorded = (await books.ledger(LAST)).recorded

    assert (recorded[LAST].recognized, recorded[LAST].backlog) == (Decimal(100), Decimal(7))
    assert await books.version() == 2


async def test_alerts_and_risks_are_in_the_documented_order(books: Store) -> None:
    """Alerts newest first, risks by due date, ties by id; no more than was asked for."""
    alerts = [Alert(f"al-{number}", "uptime", "Low", "", "low", NOW - timedelta(days=number // 2)) for number in range(6)]
    risks = [Risk(f"rk-{number}", "Renewal", "Sales", date(2026, 12, 1 + number // 2), "", "open") for number in range(6)]
    await books.record([*reversed(alerts), *reversed(risks)])
    overview = await books.overview(LAST, most=5)

    assert list(overview.alerts) == alerts[:5]
    assert list(overview.risks) == risks[:5]


async def test_customers_at_risk_have_what_recurs_today(books: Store) -> None:
    """The highest risk first, ties by id, with the subscriptions that run on the day."""
    customers = [Customer("cu-2", "Two", 0.5, ("late",)), Customer("cu-1", "One", 0.5, ()), Customer("cu-3", "Three", 0.9, ("a", "b"))]
    subscriptions = [
        Subscription("s-1", "cu-1", "North", "Core", Decimal("10.50"), date(2026, 1, 1)),
        Subscription("s-2", "cu-1", "North", "Core", Decimal(4), date(2026, 1, 1), date(2026, 12, 1)),
        Subscription("s-3", "cu-1", "North", "Core", Decimal(1), date(2026, 1, 1), date(2026, 11, 30)),
        Subscription("s-4", "cu-1", "North", "Core", Decimal(1), date(2026, 12, 1)),
    ]
    await books.record([*customers, *subscriptions])
    found = await books.customers_at_risk(NOW.date(), 2)

    assert [(customer.customer_id, customer.mrr, customer.reasons) for customer in found] == [
        ("cu-3", 0, ("a", "b")),
        ("cu-1", Decimal("14.50"), ()),
    ]


async def test_a_percentile_is_the_nearest_rank_of_what_was_received(books: Store) -> None:
    """For any number of values, over all events or those of some types."""
    chance = random.Random(7)
    values = [round(chance.uniform(0, 1000), 3) for _ in range(137)]
    await books.log([UserEvent("s", "drilldown" if place % 2 else "alert_click", {"ttfb_ms": value}) for place, value in enumerate(values)])
    every = await books.percentiles(7, None, 95)
    some = await books.percentiles(7, ["drilldown"], 95)

    for found, expected in ((every, sorted(values)), (some, sorted(values[1::2]))):
        assert found["ttfb_ms"].samples == len(expected)
        assert found["ttfb_ms"].value == expected[math.ceil(95 * len(expected) / 100) - 1]
    assert await books.percentiles(7, ["export_csv"], 95) == {}


async def test_an_event_and_its_measurements_are_one(books: Store, dsn: str) -> None:
    """A value that cannot be stored leaves no event behind."""
    with pytest.raises(psycopg.errors.CheckViolation):
        await books.log([UserEvent("s", "drilldown", {"ttfb_ms": 1.0}), UserEvent("s", "drilldown", {"ttfb_ms": -1.0})])
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select count(*) from executive_events").fetchone() == (0,)


async def test_old_events_go_with_their_measurements(books: Store, dsn: str) -> None:
    """What no question reaches any more is deleted, the rest stays."""
    await books.log([UserEvent("s", "drilldown", {"ttfb_ms": 1.0}), UserEvent("s", "drilldown", {"ttfb_ms": 2.0})])
    with psycopg.connect(dsn) as connection:
        first = connection.execute("select min(event_id) from executive_events").fetchone()
        connection.execute("update executive_events set received_at = received_at - interval '91 days' where event_id = %s", first)
    await books.purge()
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select count(*) from executive_event_metrics").fetchone() == (1,)
        assert connection.execute("select count(*) from executive_events").fetchone() == (1,)


def test_the_guide_names_every_table() -> None:
    """Whoever fills the books finds where each kind of record goes."""
    page = (Path(__file__).parents[3] / "docs/guide/run-the-reference-server.md").read_text(encoding="utf-8")
    scripts = "".join(script for _, script in MIGRATIONS.scripts())
    tables = set(re.findall(r"create table (executive_\w+)", scripts))

    assert len(tables) == 15
    assert {table for table in tables if f"`{table}`" not in page} == {"executive_version"}
