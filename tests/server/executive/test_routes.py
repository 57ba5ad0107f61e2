"""The operations over HTTP: bodies, errors, keys, faults, both versions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from assay_server.executive.room import ExecutiveRoom
from assay_server.executive.sample import small
from assay_server.executive.store import Alert, Entry
from assay_server.http.auth import Minter
from assay_server.postgres.connections import Limits
from assay_server.settings import EventTerms, HotReadTerms, Settings

from .serving import SCOPES, Dashboard, serve

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOT = ("/api/executive-dashboard", "/api/kpis/revenue", "/api/operations/uptime", "/api/customers/at-risk")
EVENT = {"event_type": "drilldown", "meta": {"ttfb_ms": 210, "drilldown_clicks": 3}}


@pytest.fixture
async def dashboard(dsn: str) -> AsyncIterator[Dashboard]:
    """A server with the sample company."""
    async with serve(dsn, NOW) as served:
        await served.record(*small(1, NOW))
        yield served


@pytest.mark.parametrize("version", list(ExecutiveRoom.versions))
async def test_every_success_fits_the_version_that_is_served(dsn: str, version: str) -> None:
    """The same code answers both; what the newer one adds breaks nothing of the older."""
    async with serve(dsn, NOW, version=version) as served:
        await served.record(*small(1, NOW))
        for path in (*HOT, "/api/health", "/.well-known/api-catalog"):
            await served.get(path)
        for key in ("backlog", "uptime", "nrr", "gm", "payback", "book_to_bill", "coverage_months", "arr", "forecast"):
            for granularity in ("month", "quarter"):
                await served.get(f"/api/kpis/{key}", granularity=granularity, range="6m")
        assert (await served.log(EVENT)).json() == {"status": "logged"}


async def test_the_trend_of_a_figure_has_the_steps_of_the_dashboard(dashboard: Dashboard) -> None:
    """Revenue step by step is what was recognized, backlog what was left; the parts of each dimension add up."""
    for granularity in ("month", "quarter"):
        listed = await dashboard.get("/api/executive-dashboard", granularity=granularity)
        for key, name in (("revenue", "recognized"), ("backlog", "backlog")):
            detail = await dashboard.get(f"/api/kpis/{key}", granularity=granularity)
            assert detail["trend"] == [{"period": point["period"], "value": point[name]} for point in listed["revenueTrend"]]
            for dimension in ("region", "product"):
                parts = [Decimal(str(part["value"])) for part in detail["breakdown"] if part["dimension"] == dimension]
                assert sum(parts) == Decimal(str(detail["kpi"]["value"]))


async def test_an_answer_is_revalidated_until_something_is_recorded(dashboard: Dashboard) -> None:
    """304 with the same tag, then a new answer with a new one."""
    first = await dashboard.client.get(HOT[0])
    again = await dashboard.client.get(HOT[0], headers={"If-None-Match": first.headers["etag"], "Cache-Control": "no-cache"})
    await dashboard.record(Alert("al-new", "revenue", "New", "", "high", NOW + timedelta(seconds=1)))
    after = await dashboard.client.get(HOT[0], headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert after.status_code == 200
    assert after.json()["alerts"][0]["id"] == "al-new"


@pytest.mark.parametrize("path", HOT)
async def test_while_the_store_is_slow_the_last_answer_is_given_as_stale(dashboard: Dashboard, path: str) -> None:
    """Of the operation that is concerned, and of no other."""
    fresh = await dashboard.get(path)
    other = next(item for item in HOT if item != path)
    operation = {item.path.replace("{key}", "revenue"): item.id for item in dashboard.contract.operations}[path]
    await dashboard.fault("store-slow", operation=operation)

    stale = await dashboard.get(path)
    assert stale["meta"] == {"generated_at": fresh["meta"]["generated_at"], "stale": True}
    assert (await dashboard.get(other))["meta"]["stale"] is False


async def test_many_readers_at_once_are_answered_alike(dashboard: Dashboard) -> None:
    """Two hundred requests, one answer."""
    answers = await asyncio.gather(*(dashboard.client.get(HOT[0]) for _ in range(200)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["etag"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/executive-dashboard?range=9m", ["query", "range"]),
        ("/api/executive-dashboard?range=6m&range=12m", ["query", "range"]),
        ("/api/kpis/nope", ["path", "key"]),
        ("/api/customers/at-risk?limit=0", ["query", "limit"]),
        ("/api/quality-gates?days=91", ["query", "days"]),
        ("/api/quality-gates?event_types=nope", ["query", "event_types"]),
    ],
)
async def test_a_bad_parameter_is_named(dashboard: Dashboard, path: str, place: list[str]) -> None:
    """422 with the place, as the real deployments write it."""
    answer = await dashboard.client.get(path)
    dashboard.expect_fit(answer)

    assert answer.status_code == 422
    assert answer.json()["code"] == "INVALID_PARAMETER"
    assert answer.json()["detail"][0]["loc"] == place


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 422, "INVALID_BODY"),
        ("{", 422, "INVALID_BODY"),
        ('{"event_type":"drilldown","meta":{"metric":"drilldown_clicks","v":1.5}}', 422, "INVALID_BODY"),
        ('{"event_type":"drilldown","meta":{"ttfb_ms":1e999}}', 422, "INVALID_BODY"),
        ('{"event_type":"drilldown","meta":{}}', 422, "INVALID_BODY"),
        ('{"event_type":"drilldown"}'.ljust(64 * 1024 + 1), 413, "PAYLOAD_TOO_LARGE"),
        ('{"event_type":"drilldown"}'.ljust(64 * 1024), 200, None),
    ],
)
async def test_an_event_that_does_not_fit_is_rejected(dashboard: Dashboard, body: str, status: int, code: str | None) -> None:
    """Nothing of it is stored."""
    answer = await dashboard.client.post("/api/events", content=body, headers={"content-type": "application/json"})
    dashboard.expect_fit(answer)

    assert (answer.status_code, answer.json().get("code")) == (status, code)


async def test_a_key_counts_one_event_for_each_subject(dashboard: Dashboard) -> None:
    """The same JSON in other words is the same event, another value a conflict; a rejected one leaves its key free."""
    bert = {"authorization": f"Bearer {dashboard.minter.mint('bert', [], SCOPES)}"}
    answers = [
        await dashboard.log({"event_type": "nope"}, "click-0001"),
        await dashboard.log({"event_type": "drilldown", "meta": {"ttfb_ms": 1}}, "click-0001"),
        await dashboard.log({"meta": {"ttfb_ms": 1.0}, "event_type": "drilldown"}, "click-0001"),
        await dashboard.log({"event_type": "drilldown", "meta": {"ttfb_ms": 2}}, "click-0001"),
        await dashboard.log({"event_type": "drilldown", "meta": {"ttfb_ms": 2}}, "click-0001", **bert),
    ]
    gates = (await dashboard.get("/api/quality-gates"))["gates"]

    assert [answer.status_code for answer in answers] == [422, 200, 200, 409, 200]
    assert answers[3].json()["code"] == "IDEMPOTENCY_CONFLICT"
    assert gates[0]["samples"] == 2


async def test_gates_count_the_events_of_some_types(dashboard: Dashboard) -> None:
    """All of them without the parameter."""
    for name in ("drilldown", "alert_click", "export_csv"):
        await dashboard.log({"event_type": name, "meta": {"render_total_ms": 10}})

    async def samples(**query: Any) -> int:
        return int((await dashboard.get("/api/quality-gates", **query))["gates"][1]["samples"])

    assert await samples() == 3
    assert await samples(event_types=["drilldown"]) == 1
    assert await samples(event_types=["drilldown", "export_csv"]) == 2


@pytest.mark.parametrize(
    ("scopes", "path", "method", "status"),
    [
        ((), "/api/executive-dashboard", "GET", 403),
        (("events:write",), "/api/executive-dashboard", "GET", 403),
        (("analytics:read",), "/api/events", "POST", 403),
        (("analytics:read",), "/api/kpis/nope", "GET", 422),
    ],
)
async def test_a_scope_is_needed_for_each_kind_of_operation(
    dashboard: Dashboard, scopes: tuple[str, ...], path: str, method: str, status: int
) -> None:
    """The scope comes before anything else that is wrong; tenants are not looked at."""
    token = dashboard.minter.mint("carl", ["some-tenant"], scopes)
    answer = await dashboard.client.request(method, path, headers={"authorization": f"Bearer {token}"})
    dashboard.expect_fit(answer)

    assert answer.status_code == status


async def test_without_a_credential_nothing_is_learned(dashboard: Dashboard) -> None:
    """401 whatever else is wrong; health and the catalog are open."""
    other = {"authorization": f"Bearer {Minter(Settings().tokens).mint('eve', [], SCOPES)}"}
    for path in (*HOT, "/api/kpis/nope", "/api/quality-gates?days=0"):
        for headers in ({"authorization": ""}, other):
            assert (await dashboard.client.get(path, headers=headers)).status_code == 401
    for path in ("/api/health", "/.well-known/api-catalog"):
        assert (await dashboard.client.get(path, headers={"authorization": ""})).status_code == 200


async def test_what_another_process_records_is_noticed(dsn: str) -> None:
    """The background work reads the version of the books; answers that are kept then go."""
    async with serve(dsn, NOW) as served:
        assert (await served.get("/api/kpis/revenue"))["kpi"]["value"] == 0
        await served.books.record([Entry("e-1", "recognized", NOW.date(), "North", "Core", Decimal(12))])
        (work,) = [work for work in served.room.background() if work.name == "books"]
        await work.perform()
        await served.books.record([Entry("e-2", "recognized", NOW.date(), "North", "Core", Decimal(12))])
        await work.perform()

        assert (await served.get("/api/kpis/revenue"))["kpi"]["value"] == 24


async def test_events_in_batches_and_nothing_kept(dsn: str) -> None:
    """The same answers with other settings."""
    settings = Settings(hot_reads=HotReadTerms(cache_seconds=0, single_flight=False, concurrency=1), events=EventTerms(50))
    async with serve(dsn, NOW, settings=settings) as served:
        await served.record(*small(1, NOW))
        # No more at once than there are connections for keys: on a busy machine who waits for one may get 503.
        free = asyncio.Semaphore(Limits().connections)

        async def click(number: int) -> httpx.Response:
            async with free:
                return await served.log(EVENT, f"click-{number:04d}")

        logged = await asyncio.gather(*map(click, range(40)))
        answers = await asyncio.gather(*(served.get(HOT[0]) for _ in range(5)))

        assert {answer.status_code for answer in logged} == {200}
        assert (await served.get("/api/quality-gates"))["gates"][0]["samples"] == 40
        assert len({str({**answer, "meta": None}) for answer in answers}) == 1


async def test_every_success_states_what_is_left_of_the_quota(dashboard: Dashboard) -> None:
    """Of one's own, where the contract declares it; what needs no credential has none."""
    bert = {"authorization": f"Bearer {dashboard.minter.mint('bert', [], SCOPES)}"}
    settings = Settings()
    for path in HOT:
        answer = await dashboard.client.get(path, headers=bert)
        assert answer.headers["RateLimit-Policy"] == f'"default";q={settings.rate.quota};w={settings.rate.seconds}'
        assert answer.headers["RateLimit"].startswith('"default";r=')
    assert "RateLimit" not in (await dashboard.client.get("/api/health")).headers
