"""The client against the reference server: a real process, a real Postgres, nothing scripted."""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from assay_sdk import NO_RETRY, ConnectionChanged, FeedPolicy, ReliabilityClient, RetryPolicy, exchange_of
from assay_sdk.generated.reliability_1_0_0 import (
    FailurePage,
    ForbiddenTenant,
    IncidentDelta,
    InvalidCursor,
    InvalidWindow,
    Snapshot,
    StoreBusy,
    Unauthenticated,
)


@dataclass(frozen=True, slots=True)
class Target:
    """A running reference server, as its manifest describes it."""

    manifest: dict[str, Any]

    @property
    def http(self) -> str:
        return str(self.manifest["target"]["http"])

    @property
    def tenant(self) -> str:
        return str(self.manifest["tenants"]["primary"])

    @property
    def window(self) -> tuple[datetime, datetime]:
        found = self.manifest["fixtures"]["window"]
        return datetime.fromisoformat(found["from"]), datetime.fromisoformat(found["to"])

    def client(self, credential: str = "primary", **options: Any) -> ReliabilityClient:
        return ReliabilityClient(self.http, token=str(self.manifest["credentials"][credential]), **options)

    def hook(self, method: str, path: str, body: str = "{}") -> None:
        """Ask the control hook for a fault or an activity."""
        hook = self.manifest["hook"]
        headers = {"Authorization": f"Bearer {hook['token']}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{hook['url']}/{path}", body.encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=10):
            pass


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server with sample data, stopped at the end."""
    folder = tmp_path_factory.mktemp("reference")
    manifest, log = folder / "target.toml", folder / "log"
    command = [
        sys.executable,
        "-m",
        "assay_contracts",
        "serve",
        "--contract",
        "reliability@1.0.0",
        "--sample",
        "small",
        "--write-target",
        str(manifest),
    ]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            yield Target(_read_when_ready(manifest, server, log))
        finally:
            server.terminate()
            assert server.wait(90) == 0


def _read_when_ready(manifest: Path, server: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + 600
    while not manifest.exists():
        assert server.poll() is None, log.read_text()[-2000:]
        assert time.monotonic() < deadline, "the reference server was not ready within ten minutes"
        time.sleep(0.05)
    return tomllib.loads(manifest.read_text(encoding="utf-8"))


def test_the_series_adds_up_to_the_whole(target: Target) -> None:
    """By hour and by day, and narrowed to one channel."""
    start, end = target.window
    with target.client() as client:
        whole = client.get_funnel_metrics(tenant_id=target.tenant, from_=start, to=end)
        days = client.get_funnel_metrics(tenant_id=target.tenant, from_=start, to=end, group_by="day")
        web = client.get_funnel_metrics(tenant_id=target.tenant, from_=start, to=end, filter={"channel": "web"})

    assert days.series is not None
    assert sum(bucket.metrics.starts for bucket in days.series) == whole.metrics.starts > web.metrics.starts > 0
    assert (whole.window.from_, whole.window.to, whole.tenant_id) == (start, end, target.tenant)


def test_a_second_question_is_confirmed_from_the_cache(target: Target) -> None:
    """The server answers 304."""
    start, end = target.window
    with target.client() as client:
        answers = [client.get_funnel_metrics(tenant_id=target.tenant, from_=start, to=end) for _ in range(2)]

    assert answers[0] == answers[1]
    assert [exchange_of(answer).revalidated for answer in answers] == [False, True]


def test_every_failure_is_listed_once_whatever_the_page_size(target: Target) -> None:
    """Newest first."""
    with target.client() as client:
        first = client.list_failures(tenant_id=target.tenant, page_size=200)
        ids = [failure.event_id for failure in first]
        small = [
            failure.event_id for _, failure in zip(range(60), client.list_failures(tenant_id=target.tenant, page_size=7), strict=False)
        ]

    assert isinstance(first.answer, FailurePage)
    assert len(ids) == len(set(ids)) > 200
    assert small == ids[:60]


def test_errors_are_typed(target: Target) -> None:
    """Each refusal is the error of its code, with the field and the correlation id."""
    start, end = target.window
    with target.client(retry=NO_RETRY) as client:
        with pytest.raises(InvalidWindow) as window:
            client.get_funnel_metrics(tenant_id=target.tenant, from_=end, to=start, correlation_id="sdk-test-0001")
        with pytest.raises(InvalidCursor):
            client.list_failures(tenant_id=target.tenant, cursor="forged-forged-forged")
        with pytest.raises(ForbiddenTenant):
            client.get_realtime_snapshot(tenant_id=str(target.manifest["tenants"]["other"]))
    with ReliabilityClient(target.http) as stranger, pytest.raises(Unauthenticated):
        stranger.get_realtime_snapshot(tenant_id=target.tenant)

    assert (window.value.correlation_id, window.value.status) == ("sdk-test-0001", 400)


def test_a_busy_store_is_outlasted_or_told(target: Target) -> None:
    """The pause is the one that the server asks for."""
    target.hook("PUT", "faults/store-busy", '{"operation": "getRealtimeSnapshot"}')
    try:
        with target.client(retry=NO_RETRY) as client, pytest.raises(StoreBusy) as caught:
            client.get_realtime_snapshot(tenant_id=target.tenant)
    finally:
        target.hook("DELETE", "faults")

    assert caught.value.retry_after is not None
    with target.client(retry=RetryPolicy(first_pause=0.01)) as client:
        assert client.get_realtime_snapshot(tenant_id=target.tenant).tenant_id == target.tenant


def test_the_feed_follows_what_changes(target: Target) -> None:
    """The state of the feed is the state over HTTP, before and after changes, and across a drop."""
    deadline = time.monotonic() + 30
    with target.client(feed=FeedPolicy(first_pause=0.05, longest_pause=0.1)) as client, client.incident_feed(target.tenant) as feed:
        assert isinstance(next(feed), ConnectionChanged)
        opening = next(feed)
        assert isinstance(opening, Snapshot)

        target.hook("POST", "activities/changes", f'{{"tenant": "{target.tenant}", "count": 3}}')
        deltas = 0
        while deltas < 3 and time.monotonic() < deadline:
            deltas += isinstance(next(feed), IncidentDelta)
        assert feed.sequence is not None
        assert feed.sequence >= opening.seq + 3

        target.hook("PUT", "faults/realtime-drop", '{"seconds": 1}')
        states: list[str] = []
        while states[-1:] != ["live"] and time.monotonic() < deadline:
            event = next(feed)
            if isinstance(event, ConnectionChanged):
                states.append(event.state)
        target.hook("DELETE", "faults")
        event = next(feed)
        while not isinstance(event, Snapshot) and time.monotonic() < deadline:
            event = next(feed)

        answer = client.get_realtime_snapshot(tenant_id=target.tenant)
        assert states[0] == "reconnecting"
        assert {incident.incident_id: incident for incident in answer.incidents} == dict(feed.state)
        assert feed.last_update is not None
        assert datetime.now(feed.last_update.tzinfo) - feed.last_update < timedelta(seconds=30)
