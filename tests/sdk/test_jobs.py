"""A job is followed to its end: with progress, within a time limit, or until it is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from assay_sdk import JobFailed, JobTimeout
from assay_sdk.jobs import AsyncJob, Job, JobStatus, JobTerms
from assay_sdk.wire import Parameter

from tests.sdk.plain import AsyncPlainClient, FakeClock, PlainClient, operation
from tests.sdk.scripted import Reply, Seen, http_server

PATH = (Parameter("id", "job_id", location="path", style="simple", explode=False),)
TERMS: JobTerms[Any, Any] = JobTerms(
    poll=operation(path="/jobs/{id}", parameters=PATH),
    argument="job_id",
    read_state=lambda status: status["state"],
    final=frozenset({"complete", "failed"}),
    succeeded=frozenset({"complete"}),
    read_progress=lambda status: status.get("percent"),
    read_phase=lambda status: status.get("phase"),
    cancel=operation("DELETE", "/jobs/{id}", parameters=PATH),
    result=operation(path="/jobs/{id}/result", parameters=PATH),
)


def going(*statuses: dict[str, Any], headers: dict[str, str] | None = None) -> Callable[[Seen], Reply]:
    """A server whose job goes through these, and stays at the last."""
    left = list(statuses)

    def script(seen: Seen) -> Reply:
        if seen.path.endswith("/result"):
            return Reply(200, {"made": 42})
        return Reply(200, left.pop(0) if len(left) > 1 else left[0], headers or {})

    return script


STEPS = (
    {"state": "queued"},
    {"state": "running", "percent": 40, "phase": "fetching"},
    {"state": "running", "percent": 30, "phase": "fetching"},
    {"state": "complete", "percent": 100, "phase": "complete"},
)


def test_a_job_is_followed_to_its_result() -> None:
    """The progress never goes back, and is given each time."""
    seen: list[tuple[str, float | None, str | None]] = []
    with http_server(going(*STEPS)) as server, PlainClient(server.url, clock=FakeClock()) as client:
        job = Job(AsyncJob(client._caller, TERMS, {"job_id": "a/1"}))
        result = job.result(on_progress=lambda status: seen.append((status.state, status.percent, status.phase)))

    assert result == {"made": 42}
    assert seen == [("queued", None, None), ("running", 40, "fetching"), ("running", 40, "fetching"), ("complete", 100, "complete")]
    assert server.seen[0].path == "/jobs/a%2F1"


async def test_a_job_is_followed_by_a_task() -> None:
    """The same for tasks."""
    with http_server(going(*STEPS)) as server:
        async with AsyncPlainClient(server.url, clock=FakeClock()) as client:
            job: AsyncJob[Any, Any] = AsyncJob(client._caller, TERMS, {"job_id": "1"})
            states = [status.state async for status in job]

    assert states == ["queued", "running", "running", "complete"]


def test_a_job_that_fails_says_so() -> None:
    """With the last status, where the reason stands."""
    status = {"state": "failed", "error": {"code": "CANCELLED"}}
    with (
        http_server(going(status)) as server,
        PlainClient(server.url) as client,
        pytest.raises(JobFailed, match="job 1: ended as failed") as caught,
    ):
        Job(AsyncJob(client._caller, TERMS, {"job_id": "1"})).wait()

    assert (caught.value.state, caught.value.status) == ("failed", status)


def test_a_job_that_does_not_end_in_time_says_so() -> None:
    """No pause begins that would end too late."""
    clock = FakeClock()
    with (
        http_server(going({"state": "running"})) as server,
        PlainClient(server.url, clock=clock) as client,
        pytest.raises(JobTimeout) as caught,
    ):
        Job(AsyncJob(client._caller, TERMS, {"job_id": "1"})).wait(within=30.0)

    assert caught.value.state == "running"
    assert sum(clock.slept) <= 30.0
    assert clock.slept == sorted(clock.slept) or max(clock.slept) <= 10.0


def test_the_server_may_ask_for_longer_pauses() -> None:
    """`Retry-After` is a floor."""
    clock = FakeClock()
    with http_server(going(*STEPS, headers={"Retry-After": "7"})) as server, PlainClient(server.url, clock=clock) as client:
        Job(AsyncJob(client._caller, TERMS, {"job_id": "1"})).wait()

    assert clock.slept == [7.0, 7.0, 7.0]


def test_a_job_is_cancelled() -> None:
    """By the operation that the contract names; where it names none, that is said."""
    with http_server(lambda _: Reply(200, {})) as server, PlainClient(server.url) as client:
        Job(AsyncJob(client._caller, TERMS, {"job_id": "1"})).cancel()
        bare: JobTerms[Any, Any] = JobTerms(TERMS.poll, "job_id", TERMS.read_state, TERMS.final, TERMS.succeeded)
        with pytest.raises(TypeError, match="names no operation that cancels"):
            Job(AsyncJob(client._caller, bare, {"job_id": "1"})).cancel()
        with pytest.raises(TypeError, match="names no operation that fetches"):
            Job(AsyncJob(client._caller, bare, {"job_id": "1"})).result()

    assert [(seen.method, seen.path) for seen in server.seen] == [("DELETE", "/jobs/1")]


def test_a_status_is_a_value() -> None:
    """It can be compared and shown."""
    assert JobStatus("running", False, 1.0, None, {}) == JobStatus("running", False, 1.0, None, {})
