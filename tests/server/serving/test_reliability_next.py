"""Version 1.1.0 of `reliability` over real sockets: ingest, exports, the ranking, resumed sessions, and clients of 1.0."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from .conftest import Serving, start, stop

FEED = "/v1/realtime/incident-feed"


@pytest.fixture(scope="module")
def next_version(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server of the version with the small sample."""
    running = start(tmp_path_factory.mktemp("next"), "--dsn", new_database(), "--contract", "reliability@1.1.0", "--sample", "small")
    yield running
    assert stop(running) == 0


def send(serving: Serving, path: str, body: Any, *, credential: str = "primary", key: str = "", **headers: str) -> httpx.Response:
    """Post a body with a key that was never used."""
    sent = {"authorization": f"Bearer {serving.token(credential)}", "idempotency-key": key or str(uuid4()), **headers}
    return serving.client.post(path, json=body, headers=sent)


def event(**changed: Any) -> dict[str, Any]:
    """An event that is taken."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    plain = {"eventId": f"evt-{uuid4()}", "tenantId": "tenant-a", "eventTime": now, "eventType": "funnel_view", "channel": "web"}
    return {**plain, "correlationId": "req-1", "scenarioId": "SCN-001", "scenarioVersion": "1.0.0", **changed}


def window(days: float = 1.0) -> dict[str, str]:
    """A window that ends in the future."""
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    return {name: moment.isoformat().replace("+00:00", "Z") for name, moment in (("from", end - timedelta(days=days)), ("to", end))}


def test_each_event_of_a_batch_is_judged_by_itself(next_version: Serving) -> None:
    """New, known, broken, foreign, too old and early ones in one batch; the accepted ones are counted at once."""
    before = next_version.get("/v1/analytics/funnel-metrics", {"tenantId": "tenant-a", **window()}).json()["metrics"]["starts"]
    first = event()
    batch = [
        first,
        {**first, "channel": "mobile"},
        event(latencyMs=3.0),
        "no object",
        event(eventTime="2026-02-30T00:00:00Z"),
        event(eventType="async_failure"),
        event(tenantId="tenant-b"),
        event(eventTime="1950-01-01T00:00:00Z"),
        event(eventTime="9999-12-31T23:59:59Z"),
    ]

    result = send(next_version, "/v1/events", {"events": batch}).json()

    assert (result["accepted"], result["duplicate"], result["rejected"]) == (2, 1, 6)
    codes = ["INVALID_EVENT", "INVALID_EVENT", "INVALID_EVENT", "FORBIDDEN_TENANT", "TOO_OLD", "IN_THE_FUTURE"]
    assert [(item["index"], item["code"]) for item in result["rejections"]] == list(enumerate(codes, 3))
    after = next_version.get("/v1/analytics/funnel-metrics", {"tenantId": "tenant-a", **window()}).json()["metrics"]["starts"]
    assert after == before + 2


def finished(serving: Serving, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """An export that is over, and the headers with its polling token."""
    started = send(serving, "/v1/analytics/exports", {"tenantId": "tenant-a", **body})
    assert started.status_code == 202, started.text
    headers = {"x-poll-token": started.json()["pollToken"]}
    deadline = time.monotonic() + 20
    while (job := serving.client.get(started.headers["location"], headers=headers).json())["status"] in ("queued", "running"):
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
    return job, headers


def test_an_export_of_failures_has_what_the_list_has(next_version: Serving) -> None:
    """JSON and CSV, every row in order of time."""
    settled = next_version.target["fixtures"]["window"]
    listed: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = next_version.failures(pageSize=200, sort="eventTime:asc", **settled, **more).json()
        listed += page["items"]
        cursor = page["page"]["cursor"]
        if cursor is None:
            break

    job, headers = finished(next_version, {"kind": "failures", "format": "json", **settled})
    content = next_version.client.get(job["resultRef"], headers=headers)
    assert content.headers["content-disposition"] == f'attachment; filename="{job["exportId"]}.json"'
    assert content.json() == {"schemaVersion": "1.1.0", "tenantId": "tenant-a", "window": settled, "rows": listed}

    job, headers = finished(next_version, {"kind": "failures", "format": "csv", **settled})
    text = next_version.client.get(job["resultRef"], headers=headers).text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["eventId"] for row in rows] == [item["eventId"] for item in listed]
    assert text.startswith("eventId,eventTime,component,errorClass,tenantId,correlationId\r\n")


def test_an_export_of_the_funnel_has_a_row_for_each_day(next_version: Serving) -> None:
    """The same numbers as the series; a window without time has no rows."""
    settled = next_version.target["fixtures"]["window"]
    job, headers = finished(next_version, {"kind": "funnel", "format": "json", **settled})
    series = next_version.funnel(groupBy="day").json()["series"]
    assert next_version.client.get(job["resultRef"], headers=headers).json()["rows"] == series

    turned = {"from": settled["to"], "to": settled["from"]}
    job, headers = finished(next_version, {"kind": "funnel", "format": "csv", **turned})
    lines = next_version.client.get(job["resultRef"], headers=headers).text
    assert lines == "bucketStart,starts,submissions,conversionRate,retryRate,p95SubmitLatencyMs\r\n"


def test_an_export_belongs_to_its_tenant_and_to_its_token(next_version: Serving) -> None:
    """Another tenant gets 404, another token 401; a foreign tenant cannot be exported."""
    body = {"kind": "funnel", "format": "csv", **window()}
    job, _ = finished(next_version, body)
    path = f"/v1/analytics/exports/{job['exportId']}"

    assert next_version.get(path).status_code == 200
    assert next_version.get(path, credential="other").status_code == 404
    assert next_version.client.get(path).status_code == 401
    assert next_version.client.get(path, headers={"x-poll-token": "x" * 32}).status_code == 401
    other, headers = finished(next_version, body)
    assert other["exportId"] != job["exportId"]
    assert next_version.client.get(path, headers=headers).status_code == 401
    assert next_version.client.get("/v1/analytics/tenants", params=window(), headers=headers).status_code == 401
    foreign = send(next_version, "/v1/analytics/exports", {"tenantId": "tenant-b", **body})
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "FORBIDDEN_TENANT")


def test_a_cancelled_export_keeps_nothing(next_version: Serving) -> None:
    """One that is over stays as it is; its end is told with what to do."""
    next_version.client.delete(f"{next_version.target['hook']['url']}/faults", headers=next_version.operator)
    job, headers = finished(next_version, {"kind": "funnel", "format": "csv", **window()})
    path = f"/v1/analytics/exports/{job['exportId']}"

    assert next_version.client.delete(path, headers=headers).status_code == 204
    assert next_version.client.get(path, headers=headers).json()["status"] == "complete"


def test_a_ranking_has_every_tenant_of_the_token_once(next_version: Serving) -> None:
    """All pages have the numbers of the first, which are those of the funnel; a cursor is worth nothing to another token."""
    query = {**window(3), "pageSize": "25", "sort": "conversionRate:desc"}
    first = next_version.get("/v1/analytics/tenants", query).json()
    items, cursor = list(first["items"]), first["page"]["cursor"]
    send(next_version, "/v1/events", {"events": [event(tenantId="lender-60")]})
    while cursor is not None:
        page = next_version.get("/v1/analytics/tenants", {**query, "cursor": cursor}).json()
        assert page["meta"] == first["meta"]
        items += page["items"]
        cursor = page["page"]["cursor"]

    assert [item["tenantId"] for item in items] == ["tenant-a", *(f"lender-{number:02d}" for number in range(1, 61))]
    assert items[-1]["starts"] == 0
    funnel = next_version.get("/v1/analytics/funnel-metrics", {"tenantId": "tenant-a", **window(3)}).json()["metrics"]
    assert {name: items[0][name] for name in ("submissions", "failures", "p95SubmitLatencyMs")} == {
        name: funnel[name] for name in ("submissions", "failures", "p95SubmitLatencyMs")
    }
    stolen = next_version.get("/v1/analytics/tenants", {**query, "cursor": first["page"]["cursor"]}, credential="other")
    assert (stolen.status_code, stolen.json()["error"]["code"]) == (400, "INVALID_CURSOR")


def test_a_client_of_the_first_version_is_answered_in_it(next_version: Serving) -> None:
    """By header, in a replay as well; without one the newest version answers."""
    assert next_version.funnel().json()["schemaVersion"] == "1.1.0"
    old = next_version.get(
        "/v1/analytics/funnel-metrics",
        {"tenantId": "tenant-a", **next_version.target["fixtures"]["window"]},
        accept_schema_version="1.0",
    )
    assert old.json()["schemaVersion"] == "1.0.0"
    batch, key = {"events": [event()]}, str(uuid4())
    assert send(next_version, "/v1/events", batch, key=key, **{"accept-schema-version": "1.0"}).json()["schemaVersion"] == "1.0.0"
    replayed = send(next_version, "/v1/events", batch, key=key).json()
    assert (replayed["schemaVersion"], replayed["accepted"]) == ("1.1.0", 1)


def test_an_operator_chooses_which_version_answers_those_who_name_none(dsn: str, launch: Any) -> None:
    """While older clients are still there."""
    running = launch("--dsn", dsn, "--contract", "reliability@1.1.0", "--default-version", "reliability@1.0", "--sample", "small")

    assert running.funnel().json()["schemaVersion"] == "1.0.0"
    newest = running.get(
        "/v1/analytics/funnel-metrics", {"tenantId": "tenant-a", **running.target["fixtures"]["window"]}, accept_schema_version="1.1"
    )
    assert newest.json()["schemaVersion"] == "1.1.0"


def dial(serving: Serving, *, token: str = "", subprotocols: list[Any] | None = None, query: str = "", **headers: str) -> Any:
    """Open a session of the primary tenant."""
    if not subprotocols:
        headers["Authorization"] = f"Bearer {token or serving.token('primary')}"
    address = f"{serving.target['target']['ws']}{FEED}?tenantId=tenant-a{query}"
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return connect(address, additional_headers=sent, subprotocols=subprotocols, compression=None, proxy=None, ping_interval=None)


async def message(session: Any) -> dict[str, Any]:
    """The next message that is no heartbeat."""
    async with asyncio.timeout(60):
        while True:
            received: dict[str, Any] = json.loads(await session.recv())
            if received["type"] != "heartbeat":
                return received


async def code_of(session: Any) -> int:
    """The code that the session is closed with."""
    async with asyncio.timeout(60):
        while True:
            try:
                await session.recv()
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 0


async def test_a_session_that_resumes_gets_what_it_missed(next_version: Serving) -> None:
    """The deltas after its number and then those that follow, without a gap; a number that was never given out gets a snapshot."""
    next_version.act("changes", "tenant-a", 1)
    seq = next_version.snapshot().json()["seq"]
    next_version.act("changes", "tenant-a", 3)
    async with dial(next_version) as session:
        await session.send(json.dumps({"type": "resume", "after": seq}))
        missed = [await message(session) for _ in range(3)]
        await asyncio.to_thread(next_version.act, "changes", "tenant-a", 1)
        missed.append(await message(session))
    assert [(item["type"], item["seq"]) for item in missed] == [("incident_delta", seq + number) for number in (1, 2, 3, 4)]

    async with dial(next_version) as session:
        await session.send(json.dumps({"type": "resume", "after": seq + 1_000_000}))
        assert (await message(session))["type"] == "snapshot"


async def test_one_resume_in_time_is_all_that_a_client_may_send(next_version: Serving) -> None:
    """A second or a late one is a bad message; without one the snapshot comes after a second."""
    seq = next_version.snapshot().json()["seq"]
    resume = json.dumps({"type": "resume", "after": seq})
    async with dial(next_version) as session:
        await session.send(resume)
        await session.send(resume)
        assert await code_of(session) == 4400
    async with dial(next_version) as session:
        assert (await message(session))["type"] == "snapshot"
        await session.send(resume)
        assert await code_of(session) == 4400
    for wrong in ('{"type":"resume"}', '{"type":"resume","after":-1}', "hello", b"\x01"):
        async with dial(next_version) as session:
            await session.send(wrong)
            assert await code_of(session) == 4400


async def test_a_browser_sends_its_token_as_a_subprotocol(next_version: Serving) -> None:
    """The server selects the one that it has; the schema version comes in the query."""
    token = base64.urlsafe_b64encode(next_version.token("primary").encode()).decode().rstrip("=")
    async with dial(next_version, subprotocols=["incidentFeed.v1", f"bearer.{token}"], query="&schemaVersion=1.0") as session:
        assert session.subprotocol == "incidentFeed.v1"
        assert (await message(session))["schemaVersion"] == "1.0.0"
    async with dial(next_version, subprotocols=["incidentFeed.v1", "bearer.bm8"]) as session:
        assert await code_of(session) == 4401


async def test_a_session_of_the_first_version_has_no_messages_of_the_client(next_version: Serving) -> None:
    """Its snapshot comes at once, and `resume` is a bad message."""
    async with dial(next_version, Accept_Schema_Version="1.0") as session:
        assert (await message(session))["schemaVersion"] == "1.0.0"
        await session.send('{"type":"resume","after":0}')
        assert await code_of(session) == 4400
