"""Windowing 2.1.0: API keys beside bearer tokens, and the channel that follows a job."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import psycopg
import pytest
from assay_contracts import load_contract
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from .conftest import Serving, start, stop

KEY, REVOKED, EXPIRED = "key-of-ann-0000001", "key-of-bob-0000001", "key-of-eve-0000001"


def line(subject: str, key: str, *more: str) -> str:
    """One line of the file of keys."""
    return " ".join([subject, hashlib.sha256(key.encode()).hexdigest(), "analytics:read", *more])


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of keys."""
    path = tmp_path_factory.mktemp("keys") / "keys"
    path.write_text("\n".join(["# keys", line("ann", KEY), line("eve", EXPIRED, "2026-01-01T00:00:00Z"), line("bob", REVOKED)]))
    return path


@pytest.fixture(scope="module")
def running(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[Serving]:
    """A server of version 2.1.0."""
    arguments = ("--contract", "windowing@2.1.0", "--sample", "small", "--api-keys", str(keys))
    served = start(tmp_path_factory.mktemp("progress"), "--dsn", new_database(), *arguments)
    yield served
    assert stop(served) == 0


def summary(running: Serving, **headers: str) -> Any:
    """Ask for the numbers of a window."""
    pubkey = running.target["fixtures"]["parameters"]["pubkey"]
    query = {"interval": "90d"} if "prefer" in headers else {"interval": "24h"}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return running.client.get(f"/api/v2/analytics/user/{pubkey}/summary", params=httpx.QueryParams(query), headers=sent)


def bearer(running: Serving, name: str = "primary") -> dict[str, str]:
    """The header of a credential."""
    return {"authorization": f"Bearer {running.token(name)}"}


def session(running: Serving, job: str, query: str = "", **options: Any) -> ClientConnection:
    """Follow a job."""
    address = running.target["target"]["ws"]
    connection: ClientConnection = connect(
        f"{address}/api/v2/analytics/jobs/{job}/progress{query}", proxy=None, compression=None, **options
    )
    return connection


def messages_of(opened: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """Everything that a session says, and the code that it ends with."""
    messages: list[dict[str, Any]] = []
    with opened:
        try:
            while True:
                messages.append(json.loads(opened.recv(timeout=60)))
        except ConnectionClosed as closed:
            return messages, closed.rcvd.code if closed.rcvd is not None else 1006


def start_job(running: Serving, **headers: str) -> str:
    """Start a job and return its name."""
    started = summary(running, prefer="respond-async", **(headers or bearer(running)))
    assert started.status_code == 202, started.text
    return str(started.json()["jobId"])


def test_a_key_reads_and_does_not_ingest(running: Serving) -> None:
    """Both credentials, an unknown, an expired and a malformed key are answered 401."""
    both = summary(running, x_api_key=KEY, **bearer(running))
    refused = [both, *(summary(running, x_api_key=key) for key in ("key-of-nobody-00001", EXPIRED, "short", ""))]
    refused.append(running.client.post("/api/v2/analytics/events", headers={"x-api-key": KEY}))

    assert summary(running, x_api_key=KEY).status_code == 200
    assert [(answer.status_code, answer.headers["www-authenticate"][:6]) for answer in refused] == [(401, "Bearer")] * 6


def test_a_key_is_revoked_by_its_file(running: Serving, keys: Path) -> None:
    """Within a second or two, without a restart."""
    assert summary(running, x_api_key=REVOKED).status_code == 200
    keys.write_text(keys.read_text().replace(line("bob", REVOKED), ""))
    deadline = time.monotonic() + 10
    while summary(running, x_api_key=REVOKED).status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert summary(running, x_api_key=KEY).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "version"), [({}, "2.1.0"), ({"accept_schema_version": "2.0"}, "2.0.0"), ({"accept_schema_version": "2"}, "2.1.0")]
)
def test_a_client_of_the_older_version_gets_its_payload(running: Serving, wanted: dict[str, str], version: str) -> None:
    """The newer server answers the older contract."""
    body = summary(running, **bearer(running), **wanted).json()
    schema = load_contract(f"windowing@{version}").operation("getSummary").responses["200"].content["application/json"]

    assert body["schemaVersion"] == version
    assert jsonschema_rs.is_valid(dict(schema), body)


@pytest.mark.parametrize("way", ["header", "key", "subprotocol"])
def test_a_session_follows_a_job_to_its_end(running: Serving, way: str) -> None:
    """The state at once and at each step, the last one final; then the session is over."""
    channel = load_contract("windowing@2.1.0").channel("jobProgress")
    token = base64.urlsafe_b64encode(running.token("primary").encode()).decode().rstrip("=")
    ways: dict[str, dict[str, Any]] = {
        "header": {"additional_headers": bearer(running)},
        "key": {"additional_headers": {"x-api-key": KEY}},
        "subprotocol": {"subprotocols": ["jobProgress.v1", f"bearer.{token}"]},
    }
    job = start_job(running, **({"x_api_key": KEY} if way == "key" else bearer(running)))
    opened = session(running, job, **ways[way])
    assert opened.subprotocol == ("jobProgress.v1" if way == "subprotocol" else None)
    messages, code = messages_of(opened)

    assert all(jsonschema_rs.is_valid(dict(channel.messages["job_progress"].payload), message) for message in messages)
    assert (messages[-1]["status"], messages[-1]["resultRef"], code) == ("complete", f"/api/v2/analytics/jobs/{job}/result", 1000)
    progress = [message["progressPercent"] for message in messages]
    assert progress == sorted(progress)


def test_an_older_version_is_sent_where_it_is_asked_for(running: Serving) -> None:
    """By the query where no header can be set; one that is not served ends the session."""
    job = start_job(running)
    older, _ = messages_of(session(running, job, "?schemaVersion=2.0", additional_headers=bearer(running)))
    _, code = messages_of(session(running, job, "?schemaVersion=3", additional_headers=bearer(running)))
    preferred, _ = messages_of(
        session(running, job, "?schemaVersion=3", additional_headers={**bearer(running), "accept-schema-version": "2.1"})
    )

    assert {message["schemaVersion"] for message in older} == {"2.0.0"}
    assert {message["schemaVersion"] for message in preferred} == {"2.1.0"}
    assert code == 4406


def test_a_job_of_another_subject_is_as_one_that_does_not_exist(running: Serving) -> None:
    """No state is told, and the code is the same; without a credential nothing is told at all."""
    job = start_job(running)
    sessions = [
        session(running, job, additional_headers=bearer(running, "other")),
        session(running, "no-such-job", additional_headers=bearer(running)),
        session(running, job),
        session(running, job, additional_headers=bearer(running, "expired")),
        session(running, job, additional_headers=bearer(running, "unscoped")),
        session(running, job, additional_headers={**bearer(running), "x-api-key": KEY}),
        session(running, job, subprotocols=["jobProgress.v1", "bearer.!"]),
    ]

    assert [messages_of(opened) for opened in sessions] == [([], 4404)] * 2 + [([], 4401)] * 5


def test_a_session_lasts_as_long_as_its_job(launch: Any, dsn: str) -> None:
    """It beats meanwhile; a client that says something, a fault and a stopping server each end it with their code."""
    other: Serving = launch("--contract", "windowing@2.1.0", "--dsn", dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into jobs (job_id, kind, owner, question, status, progress, phase, available_at, expires_at) values ('job-that-lasts', "
            "'windowing.summary', 'primary-reader', '{}', 'running', 40, 1, now() + interval '1 h', now() + interval '1 h')"
        )
    with ExitStack() as stack:

        def follow() -> ClientConnection:
            return stack.enter_context(session(other, "job-that-lasts", additional_headers=bearer(other)))

        def ending(opened: ClientConnection) -> int | None:
            with suppress(ConnectionClosed):
                while True:
                    opened.recv(timeout=60)
            return opened.close_code

        speaking, following = follow(), follow()
        states = [json.loads(one.recv(timeout=60)) for one in (speaking, following)]
        beat = json.loads(speaking.recv(timeout=60))
        speaking.send("hello")
        codes = [ending(speaking)]
        other.fault("realtime-drop")
        codes.append(ending(following))
        other.clear()
        late = follow()
        late.recv(timeout=60)
        launch.stop(other)
        codes.append(ending(late))

    state = {"status": "running", "progressPercent": 40, "phase": "fetching"}
    assert states == [{"type": "job_progress", "schemaVersion": "2.1.0", "jobId": "job-that-lasts", **state}] * 2
    assert beat["type"] == "heartbeat"
    assert codes == [4400, 1012, 1001]


def test_a_fault_holds_jobs_up_until_it_is_over(running: Serving) -> None:
    """A session that follows one beats meanwhile."""
    running.fault("job-waits", operation="getSummary", seconds=6)
    waiting = start_job(running)
    messages, code = messages_of(session(running, waiting, additional_headers=bearer(running)))
    kinds = [message["type"] for message in messages]

    assert "heartbeat" in kinds
    assert (messages[-1]["status"], code) == ("complete", 1000)
