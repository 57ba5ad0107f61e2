"""Windowing over HTTP: what a right request and a wrong one are answered, end to end."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import Contract, load_contract
from assay_server.windowing import NostrEvent
from assay_server.windowing.sample import Crowd, Signer

from .conftest import Serving, start, stop

HOUR, DAY = 3_600, 86_400
METRICS = ("top-posts", "top-hashtags", "zappers", "best-hours", "best-days", "timeline")


@pytest.fixture(scope="module")
def contract() -> Contract:
    """The contract that is served."""
    return load_contract("windowing@2.0.0")


@pytest.fixture(scope="module")
def windowing(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with the small sample."""
    running = start(tmp_path_factory.mktemp("windowing"), "--dsn", new_database(), "--contract", "windowing@2.0.0", "--sample", "small")
    yield running
    assert stop(running) == 0


@pytest.fixture(autouse=True)
def calm(windowing: Serving) -> Iterator[None]:
    """Leave no fault behind."""
    yield
    windowing.clear()


def key(windowing: Serving) -> str:
    """The target of the sample that has everything."""
    return str(windowing.target["fixtures"]["parameters"]["pubkey"])


def summary(windowing: Serving, pubkey: str | None = None, **query: Any) -> Any:
    """Ask for the numbers of a window."""
    headers = {name: query.pop(name) for name in ("prefer", "if_none_match", "idempotency_key", "accept_schema_version") if name in query}
    return windowing.get(f"/api/v2/analytics/user/{pubkey or key(windowing)}/summary", query, **headers)


def drilldown(windowing: Serving, metric: str, pubkey: str | None = None, **query: Any) -> Any:
    """Ask for one page of entries."""
    return windowing.get(f"/api/v2/analytics/user/{pubkey or key(windowing)}/drilldown/{metric}", query)


def ingest(windowing: Serving, *events: NostrEvent | dict[str, Any], key: str | None = None) -> Any:
    """Send a batch."""
    sent: list[object] = [dataclasses.asdict(event) if isinstance(event, NostrEvent) else event for event in events]
    headers = {"authorization": f"Bearer {windowing.token('primary')}", "idempotency-key": key or f"batch-{time.monotonic_ns()}"}
    body: dict[str, object] = {"events": sent}
    return windowing.client.post("/api/v2/analytics/events", json=body, headers=headers)


def error(response: Any) -> tuple[int, str, str | None]:
    """Status, code and field of an error."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, body["code"], next((item["field"] for item in body.get("errors", ())), None)


def test_answers_fit_the_contract(windowing: Serving, contract: Contract) -> None:
    """Each operation's success body fits its schema, jobs and ingest included."""
    started = summary(windowing, interval="all", prefer="respond-async", include=",".join(METRICS))
    place = started.headers["location"]
    wait_for(windowing, place)
    answers = {
        "getSummary": summary(windowing, interval="30d", include="zappers"),
        "getDrilldown": drilldown(windowing, "top-posts", interval="90d"),
        "getJob": windowing.get(place),
        "getJobResult": windowing.get(f"{place}/result"),
        "ingestNostrEvents": ingest(windowing, Signer.of("fit", "ann").sign(int(time.time()), 1, ()), {}),
        "getHealth": windowing.get("/api/health", credential=""),
        "getApiCatalog": windowing.get("/.well-known/api-catalog", credential=""),
    }

    assert answers.keys() | {"cancelJob"} == {operation.id for operation in contract.operations}
    for id, answer in answers.items():
        schema = next(iter(contract.operation(id).responses["200"].content.values()))
        assert answer.status_code == 200, answer.text
        assert list(jsonschema_rs.iter_errors(dict(schema), answer.json(), validate_formats=True)) == []


def wait_for(windowing: Serving, place: str) -> Any:
    """The job at a place once it is over."""
    deadline = time.monotonic() + 30
    while (job := windowing.get(place).json())["status"] not in ("complete", "failed"):
        assert time.monotonic() < deadline, job
        time.sleep(0.02)
    return job


def test_an_event_is_counted_as_soon_as_it_is_accepted(windowing: Serving) -> None:
    """A cached answer does not hide it; sent again it is a duplicate, and the same key gives the first result again."""
    now = int(time.time())
    ann, bob = Signer.of(now, "ann"), Signer.of(now, "bob")
    post = ann.sign(now - 10, 1, (("t", "Assay"),), "hello")
    zap = Crowd(now).engagement(ann, post, now - 5)
    like = bob.sign(now - 3, 7, (("e", post.id), ("p", ann.public)), "+")
    before = summary(windowing, ann.public, interval="24h").json()["data"]["cards"]
    first = ingest(windowing, post, zap, like, post, key=f"first-{now}")
    again = ingest(windowing, post, zap, like, post, key=f"first-{now}")
    other = ingest(windowing, post, zap, like)
    after = summary(windowing, ann.public, interval="24h", include="top-posts,top-hashtags").json()

    assert set(before.values()) == {0}
    assert {name: first.json()[name] for name in ("accepted", "duplicate", "rejected")} == {"accepted": 3, "duplicate": 1, "rejected": 0}
    assert again.content == first.content
    assert {name: other.json()[name] for name in ("accepted", "duplicate", "rejected")} == {"accepted": 0, "duplicate": 3, "rejected": 0}
    assert (after["data"]["cards"]["posts"], after["data"]["cards"]["engagements"]) == (1, 2)
    assert after["drilldowns"] == {
        "top-posts": [{"key": post.id, "value": 2, "count": 2}],
        "top-hashtags": [{"key": "assay", "value": 1, "count": 1}],
    }


def test_a_key_with_another_body_is_a_conflict(windowing: Serving) -> None:
    """And a missing one is a bad parameter."""
    ingest(windowing, {}, key="key-of-another-body")
    headers = {"authorization": f"Bearer {windowing.token('primary')}", "content-type": "application/json"}
    without = windowing.client.post("/api/v2/analytics/events", content=b'{"events": [{}]}', headers=headers)

    assert error(ingest(windowing, {"id": "x"}, key="key-of-another-body")) == (409, "IDEMPOTENCY_CONFLICT", "Idempotency-Key")
    assert error(without) == (400, "INVALID_PARAMETER", "Idempotency-Key")


def test_entries_as_of_a_summary_add_up_to_its_cards(windowing: Serving) -> None:
    """Although events keep coming: every page has the window and the moment of the summary."""
    found = summary(windowing, interval="7d").json()
    cards, window = found["data"]["cards"], found["meta"]["window"]
    exact = {"startTs": window["startTs"], "endTs": window["endTs"], "asOf": found["meta"]["freshness"]["deltaAsOf"]}
    sums: dict[str, tuple[int, int]] = {}
    for metric in METRICS:
        page = drilldown(windowing, metric, **exact, pageSize=7).json()
        items = page["items"]
        while page["page"]["cursor"] is not None:
            windowing.act("items", "", 3)
            page = drilldown(windowing, metric, **exact, pageSize=7, cursor=page["page"]["cursor"]).json()
            items += page["items"]
            assert page["meta"]["freshness"]["deltaAsOf"] == exact["asOf"]
        assert len({item["key"] for item in items}) == len(items)
        sums[metric] = sum(item["value"] for item in items), sum(item["count"] for item in items)

    assert sums["zappers"] == (cards["zapSats"], cards["zaps"])
    assert {sums[metric][0] for metric in ("best-hours", "best-days", "timeline")} == {cards["engagements"]}


def test_a_cursor_keeps_the_window_of_its_first_page(windowing: Serving) -> None:
    """A rolling window does not roll on, its name stays, and the timeline comes in the order of time unless a sort is given."""
    first = drilldown(windowing, "timeline", interval="30d", pageSize=5).json()
    time.sleep(1.1)
    second = drilldown(windowing, "timeline", interval="30d", pageSize=5, cursor=first["page"]["cursor"]).json()
    moved = drilldown(windowing, "timeline", interval="7d", pageSize=5, cursor=first["page"]["cursor"])
    by_value = drilldown(windowing, "timeline", interval="30d", sort="value:desc").json()["items"]
    keys = [item["key"] for item in first["items"] + second["items"]]

    assert first["meta"]["window"] == second["meta"]["window"]
    assert first["meta"]["window"]["type"] == "30d"
    assert keys == sorted(keys)
    assert error(moved) == (400, "INVALID_CURSOR", "cursor")
    assert [item["value"] for item in by_value] == sorted((item["value"] for item in by_value), reverse=True)


def test_what_is_rejected_is_named_and_counted(windowing: Serving) -> None:
    """Each event by itself, with its place and its id."""
    unsigned = {**dataclasses.asdict(Signer.of("test", "ann").sign(int(time.time()), 1, ())), "sig": "0" * 128}
    answer = ingest(windowing, {"id": "what"}, unsigned).json()
    metrics = windowing.client.get("/metrics").text

    assert [(item["index"], item["code"], item["id"]) for item in answer["rejections"]] == [
        (0, "INVALID_EVENT", "what"),
        (1, "INVALID_SIGNATURE", unsigned["id"]),
    ]
    assert 'assay_rejected_events_total{code="INVALID_SIGNATURE"}' in metrics


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"interval": "8d"}, "INVALID_PARAMETER", "interval"),
        ({"startTs": 1}, "INVALID_WINDOW", "endTs"),
        ({"endTs": 1}, "INVALID_WINDOW", "startTs"),
        ({"startTs": 2, "endTs": 2}, "INVALID_WINDOW", "endTs"),
        ({"startTs": 0, "endTs": 731 * DAY + 1}, "INVALID_WINDOW", "endTs"),
        ({"startTs": "yesterday", "endTs": 2}, "INVALID_WINDOW", "startTs"),
        ({"startTs": 1, "endTs": 2, "interval": "7d"}, "INVALID_WINDOW", "interval"),
        ({"include": "zappers,nothing"}, "INVALID_PARAMETER", "include"),
    ],
)
def test_a_wrong_window_is_refused_at_its_field(windowing: Serving, query: dict[str, Any], code: str, field: str) -> None:
    """A longest window is answered, and the future is a window as any other."""
    assert error(summary(windowing, **query)) == (400, code, field)
    assert summary(windowing, startTs=0, endTs=731 * DAY).status_code == 200


@pytest.mark.parametrize("as_of", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_a_moment_that_is_not_remembered_is_refused(windowing: Serving, as_of: str) -> None:
    """Too long ago, and not yet there."""
    assert error(drilldown(windowing, "zappers", asOf=as_of)) == (400, "INVALID_PARAMETER", "asOf")


def test_a_key_that_nobody_knows_has_zeros_and_one_that_is_none_is_refused(windowing: Serving) -> None:
    """Every step of its day is there."""
    nobody = summary(windowing, "0" * 64, interval="all").json()

    assert set(nobody["data"]["cards"].values()) == {0}
    assert len(nobody["data"]["timeline"]) in (24, 25)
    assert error(summary(windowing, "0" * 63)) == (400, "INVALID_PARAMETER", "pubkey")
    assert error(drilldown(windowing, "nothing")) == (400, "INVALID_PARAMETER", "metric")


def test_an_answer_may_be_kept_by_the_length_of_its_window(windowing: Serving) -> None:
    """And its tag is that of its numbers: a settled window is answered 304 however much later."""
    ages = {name: summary(windowing, interval=name).headers["cache-control"] for name in ("24h", "7d", "90d")}
    end = int(time.time()) // HOUR * HOUR - 24 * HOUR
    first = summary(windowing, startTs=end - DAY, endTs=end)
    time.sleep(0.05)
    again = summary(windowing, startTs=end - DAY, endTs=end, if_none_match=first.headers["etag"])

    assert ages == {"24h": "private, max-age=15", "7d": "private, max-age=60", "90d": "private, max-age=300"}
    assert (again.status_code, again.content) == (304, b"")


def test_a_job_belongs_to_who_started_it(windowing: Serving) -> None:
    """The same question is the same job while it is under way; nobody else can read, cancel or fetch it."""
    started = summary(windowing, interval="1y", prefer="wait=1, Respond-Async; x=1")
    place = started.headers["location"]
    job = wait_for(windowing, place)
    strangers = [windowing.get(path, credential="other") for path in (place, f"{place}/result")]
    strangers.append(windowing.get(place, credential="other", method="DELETE"))

    assert (started.status_code, started.headers["preference-applied"], started.json()["status"]) == (202, "respond-async", "queued")
    assert (job["status"], job["progressPercent"], job["phase"], job["resultRef"]) == ("complete", 100, "complete", f"{place}/result")
    assert {error(answer)[:2] for answer in strangers} == {(404, "NOT_FOUND")}
    assert windowing.get(place, method="DELETE").status_code == 204
    assert windowing.get(f"{place}/result").json()["meta"]["window"]["type"] == "1y"
    unknown = windowing.get("/api/v2/analytics/jobs/no-such-job")
    assert error(unknown) == (404, "NOT_FOUND", None)
    assert unknown.headers["ratelimit"].startswith('"default";r=')


def test_a_slow_store_is_told_by_a_partial_answer(windowing: Serving) -> None:
    """Soon, with the numbers known last."""
    end = int(time.time()) // HOUR * HOUR - 30 * HOUR
    before = summary(windowing, startTs=end - DAY, endTs=end).json()
    windowing.fault("store-slow", operation="getSummary")
    during = summary(windowing, startTs=end - DAY, endTs=end).json()
    windowing.clear()
    after = summary(windowing, startTs=end - DAY, endTs=end).json()

    assert (during["meta"]["isPartial"], during["meta"]["partialReason"]) == (True, "store-slow")
    assert before["data"] == during["data"] == after["data"]
    assert (before["meta"]["isPartial"], after["meta"]["isPartial"]) == (False, False)


def test_the_scope_to_read_does_not_ingest(windowing: Serving) -> None:
    """And a caller without a credential learns nothing else."""
    unscoped = {"authorization": f"Bearer {windowing.token('unscoped')}"}

    assert error(windowing.client.post("/api/v2/analytics/events", headers=unscoped))[:2] == (403, "FORBIDDEN_SCOPE")
    assert error(windowing.client.post("/api/v2/analytics/events"))[:2] == (401, "UNAUTHENTICATED")
    assert error(windowing.get("/api/v2/analytics/user/nobody/summary", credential=""))[:2] == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/plain", b"{}", (415, "UNSUPPORTED_MEDIA_TYPE")),
        ("application/json", b"{", (400, "INVALID_BODY")),
        ("application/json", b'{"events": [NaN]}', (400, "INVALID_BODY")),
        ("application/json", b'{"events": []}', (400, "INVALID_BODY")),
        ("application/json", b'{"events": [{}], "more": 1}', (400, "INVALID_BODY")),
        ("application/json", b'{"events": [' + b",".join([b"{}"] * 5001) + b"]}", (413, "PAYLOAD_TOO_LARGE")),
    ],
)
def test_a_body_that_is_no_batch_is_refused(windowing: Serving, content_type: str, body: bytes, expected: tuple[int, str]) -> None:
    """By its media type, its JSON, its schema or its size."""
    headers = {"authorization": f"Bearer {windowing.token('primary')}", "idempotency-key": "key-of-no-batch", "content-type": content_type}

    assert error(windowing.client.post("/api/v2/analytics/events", content=body, headers=headers))[:2] == expected
