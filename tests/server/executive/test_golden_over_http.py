"""The worked examples that state what was recorded, asked of the server over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_server.executive import Month
from assay_server.executive.store import Backlog, Entry, Order, Pipeline, Record, Retention, Subscription, Uptime, WinRate

from .serving import Dashboard, serve

GOLDEN = Path(__file__).parents[2] / "golden"
MATERIAL: dict[str, Any] = json.loads((GOLDEN / "executive-months.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = yaml.load((GOLDEN / "executive.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
NOW = datetime.fromisoformat(MATERIAL["now"])


def cases(*questions: str) -> Callable[..., Any]:
    """The cases that ask one of these questions."""
    found = [case for case in CASES if case["ask"] in questions]
    return pytest.mark.parametrize("case", found, ids=[f"{case['id']}-{place}" for place, case in enumerate(found)])


@pytest.fixture
async def dashboard(dsn: str) -> AsyncIterator[Dashboard]:
    """A server over empty books."""
    async with serve(dsn, NOW) as served:
        yield served


def months() -> list[Record]:
    """The 24 months of the material: each amount is one entry."""
    records: list[Record] = []
    for row in MATERIAL["months"]:
        first = Month.parse(row["month"]).first_day
        records += [
            Entry(f"{row['month']}-r", "recognized", first, "North", "Core", Decimal(row["recognized"])),
            Entry(f"{row['month']}-b", "booked", first, "North", "Core", Decimal(row["booked"])),
            Backlog(first, "North", "Core", Decimal(row["backlog"])),
        ]
    return records


@pytest.fixture
async def recorded(dashboard: Dashboard) -> Dashboard:
    """A server whose books hold the 24 months."""
    await dashboard.record(*months())
    return dashboard


async def kpi(dashboard: Dashboard, key: str, range_name: str = "12m") -> Any:
    """One figure, the same in the dashboard and in its drill-down."""
    listed = await dashboard.get("/api/executive-dashboard", range=range_name)
    detail = await dashboard.get(f"/api/kpis/{key}", range=range_name)
    (found,) = [item for item in listed["executiveKpis"] if item["key"] == key]

    assert found == detail["kpi"]
    return found


@cases("revenue", "backlog")
async def test_figures_with_a_change(recorded: Dashboard, case: dict[str, Any]) -> None:
    """Value, delta and direction."""
    found = await kpi(recorded, case["ask"], case["given"]["range"])

    assert {name: found[name] for name in ("value", "delta", "direction")} == {
        name: case["expected"][name] for name in ("value", "delta", "direction")
    }


@cases("book_to_bill", "coverage_months")
async def test_figures_without_a_change(recorded: Dashboard, case: dict[str, Any]) -> None:
    """The value alone."""
    assert (await kpi(recorded, case["ask"], case["given"]["range"]))["value"] == case["expected"]


@cases("quarters")
async def test_quarters(recorded: Dashboard, case: dict[str, Any]) -> None:
    """A quarter that the window cuts has its months of the window alone."""
    body = await recorded.get("/api/executive-dashboard", granularity="quarter", **case["given"])

    assert [[point[name] for name in ("period", "recognized", "booked", "backlog")] for point in body["revenueTrend"]] == case["expected"]


@cases("forecast")
async def test_the_forecast(recorded: Dashboard, case: dict[str, Any]) -> None:
    """The pipeline times the win rate where both are known, 0 included; else what the last months say."""
    first, given = date(2026, 11, 1), case["given"]
    if "pipeline" in given:
        await recorded.record(Pipeline(first, "North", "Core", Decimal(given["pipeline"])))
    if "winRate" in given:
        await recorded.record(WinRate(first, Decimal(str(given["winRate"]))))

    assert (await kpi(recorded, "forecast", given["range"]))["value"] == case["expected"]


@cases("nrr")
async def test_the_net_revenue_retention(dashboard: Dashboard, case: dict[str, Any]) -> None:
    """The latest one that is not after the end month."""
    await dashboard.record(*(Retention(Month.parse(month).first_day, Decimal(str(rate))) for month, rate in case["given"]["rows"].items()))

    assert (await kpi(dashboard, "nrr"))["value"] == case["expected"]


@cases("uptime")
async def test_the_uptime(dashboard: Dashboard, case: dict[str, Any]) -> None:
    """The mean of the measurements, whichever month they are of; the operation of its own says the same."""
    moments = [datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC)]
    await dashboard.record(*(Uptime("api", moment, Decimal(str(row))) for moment, row in zip(moments, case["given"]["rows"], strict=True)))

    assert (await kpi(dashboard, "uptime"))["value"] == case["expected"]
    assert (await dashboard.get("/api/operations/uptime"))["uptime"] == case["expected"]


@cases("gross_margin")
async def test_the_gross_margin(dashboard: Dashboard, case: dict[str, Any]) -> None:
    """All profit by all amounts."""
    rows = case["given"]["orders"]
    orders = [
        Order(f"o-{number}", date(2026, 11, 2), "North", "Core", Decimal(amount), Decimal(profit))
        for number, (amount, profit) in enumerate(rows)
    ]
    await dashboard.record(*orders)

    assert (await kpi(dashboard, "gm"))["value"] == case["expected"]


@cases("arr")
async def test_the_annual_recurring_revenue(dashboard: Dashboard, case: dict[str, Any]) -> None:
    """Twelve times what recurs: what is made once does not."""
    records: list[Record] = []
    for kind, amount in case["given"]["orders"]:
        if kind == "subscription":
            records.append(Subscription(kind, "c-1", "North", "Core", Decimal(amount), date(2026, 11, 3)))
        else:
            records.append(Order(kind, date(2026, 11, 3), "North", "Core", Decimal(amount), Decimal(0), recurring=kind == "recurring"))
    await dashboard.record(*records)

    assert (await kpi(dashboard, "arr"))["value"] == case["expected"]


@cases("compared")
async def test_changes(dashboard: Dashboard, case: dict[str, Any]) -> None:
    """None against 0; flat against the same."""
    records: list[Record] = [Entry("now", "recognized", date(2026, 11, 1), "North", "Core", Decimal(case["given"]["value"]))]
    for back in range(6, 12):
        day = Month(2026, 11).plus(-back).first_day
        amount = case["given"]["previous"] if back == 6 else 0
        records.append(Entry(f"before-{back}", "recognized", day, "North", "Core", Decimal(amount)))
    await dashboard.record(*records)
    found = await kpi(dashboard, "revenue", "6m")

    assert {name: found.get(name) for name in ("delta", "direction")} == case["expected"]


@cases("without_revenue")
async def test_nothing_recognized(dashboard: Dashboard, case: dict[str, Any]) -> None:
    """A figure whose denominator is 0 is 0."""
    for back in range(case["given"]["months"]):
        day = Month(2026, 11).plus(-back).first_day
        await dashboard.record(Entry(f"b-{back}", "booked", day, "North", "Core", Decimal(5)), Backlog(day, "North", "Core", Decimal(9)))

    assert {key: (await kpi(dashboard, key, "6m"))["value"] for key in case["expected"]} == case["expected"]


@cases("frame")
async def test_the_window_follows_the_calendar(dashboard: Dashboard, case: dict[str, Any]) -> None:
    """Whole months, the current one last, in every year."""
    if "now" in case["given"]:
        dashboard.clock.now = datetime.fromisoformat(case["given"]["now"])
    body = await dashboard.get("/api/executive-dashboard", range=case["given"]["range"])

    assert {
        "start_date": body["timeframe"]["start_date"],
        "end_date": body["timeframe"]["end_date"],
        "points": len(body["revenueTrend"]),
        "last": body["revenueTrend"][-1]["period"],
    } == case["expected"]


@pytest.mark.parametrize("case", [case for case in CASES if case["ask"] == "gate" and "tolerance" not in case["given"]])
async def test_quality_gates(dashboard: Dashboard, case: dict[str, Any]) -> None:
    """Events logged over HTTP, a percentile of exactly these."""
    given = case["given"]
    first, last, step = given.get("series", (0, -1, 1))
    values = [*range(first, last + 1, step), *(value for number, value in given.get("repeated", ()) for _ in range(number))]
    for value in values:
        assert (await dashboard.log({"event_type": "drilldown", "meta": {"metric": given["metric"], "v": value}})).json() == {
            "status": "logged"
        }
    body = await dashboard.get("/api/quality-gates", min_samples=given["min_samples"])
    (found,) = [gate for gate in body["gates"] if gate["metric"] == given["metric"]]

    assert found["samples"] == len(values)
    assert {"p95": found.get("p95"), "verdict": found["verdict"]} == case["expected"]


@cases("path_value")
async def test_an_unknown_figure(dashboard: Dashboard, case: dict[str, Any]) -> None:
    """A path value that breaks its schema is a bad parameter, not a missing path."""
    answer = await dashboard.client.get(f"/api/kpis/{case['given']['value']}")
    dashboard.expect_fit(answer)

    assert [answer.status_code, answer.json()["code"]] == case["expected"]
