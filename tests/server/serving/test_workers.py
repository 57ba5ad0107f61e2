"""Two workers on one port: whatever one of them promised, the other one keeps."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from .conftest import Serving, start, stop
from .test_reliability_next import event, window

pytestmark = pytest.mark.slow

_ROUTE_QUOTA = 400


@dataclass(frozen=True)
class Pair:
    """A server of two workers, with a connection to each that stays open."""

    serving: Serving
    one: httpx.Client
    two: httpx.Client

    def get(self, client: httpx.Client, path: str, query: Any = None, credential: str = "primary", **headers: str) -> httpx.Response:
        """Ask one of the workers."""
        return client.get(path, params=query, headers={"authorization": f"Bearer {self.serving.token(credential)}", **headers})

    def fault(self, client: httpx.Client, name: str, **scope: Any) -> None:
        """Switch a fault on at one of the workers."""
        answer = client.put(f"/_assay/hook/faults/{name}", json=scope, headers=self.serving.operator)
        assert answer.status_code == 204, answer.text

    def act(self, client: httpx.Client, name: str, count: int) -> None:
        """Have something happen at one of the workers."""
        scope = {"tenant": "tenant-a", "count": count}
        answer = client.post(f"/_assay/hook/activities/{name}", json=scope, headers=self.serving.operator, timeout=30)
        assert answer.json() == {"added": count}


def workers_of(serving: Serving) -> list[int]:
    """The processes that answer."""
    pids = (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit())
    return sorted(pid for pid in pids if _is_worker(pid, serving.process.pid))


def _is_worker(pid: int, supervisor: int) -> bool:
    folder = Path(f"/proc/{pid}")
    try:
        parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        return parent == supervisor and b"assay_server.worker" in (folder / "cmdline").read_bytes()
    except OSError:
        return False


def at(serving: Serving, port: int) -> int:
    """The worker that has the other end of a connection from a local port."""
    server = int(serving.target["target"]["http"].rpartition(":")[2])
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        sockets = {f"socket:[{line[9]}]" for line in lines if (_port(line[1]), _port(line[2])) == (server, port)}
        for pid in workers_of(serving):
            if sockets & set(_links(pid)):
                return pid
        time.sleep(0.02)
    raise AssertionError(f"no worker has the connection from port {port}")


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _links(pid: int) -> Iterator[str]:
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            yield str(entry.readlink())


def connections(serving: Serving, stack: ExitStack) -> tuple[httpx.Client, httpx.Client]:
    """A connection to each worker: the system gives new ones to any of them."""
    found: dict[int, httpx.Client] = {}
    deadline = time.monotonic() + 60
    while len(found) < 2:
        assert time.monotonic() < deadline, f"only workers {sorted(found)} answered"
        client = stack.enter_context(
            httpx.Client(base_url=serving.target["target"]["http"], trust_env=False, limits=httpx.Limits(max_connections=1), timeout=30)
        )
        stream = client.get("/health").extensions["network_stream"]
        found.setdefault(at(serving, stream.get_extra_info("client_addr")[1]), client)
    one, two = sorted(found)
    return found[one], found[two]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The server."""
    folder = tmp_path_factory.mktemp("workers")
    arguments = ("--contract", "reliability@1.1.0", "--sample", "small", "--workers", "2", "--rate-route", str(_ROUTE_QUOTA))
    running = start(folder, *arguments)
    with ExitStack() as stack:
        yield Pair(running, *connections(running, stack))
    assert stop(running) == 0


@pytest.fixture(autouse=True)
def without_faults(pair: Pair) -> Iterator[None]:
    """Leave no fault behind."""
    yield
    assert pair.two.delete("/_assay/hook/faults", headers=pair.serving.operator).status_code == 204


def test_a_cursor_of_one_is_good_at_the_other(pair: Pair) -> None:
    """And leads to the page that it leads to at the first."""
    query = {"tenantId": "tenant-a", "pageSize": 3}
    cursor = pair.get(pair.one, "/v1/analytics/failures", query).json()["page"]["cursor"]
    pages = [pair.get(client, "/v1/analytics/failures", query | {"cursor": cursor}) for client in (pair.one, pair.two)]

    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].json()["items"] == pages[1].json()["items"]


def test_a_limit_counts_the_requests_at_both(pair: Pair) -> None:
    """In turn, each hears of one less than the other before."""
    left: list[int] = []
    for number in range(10):
        client = (pair.one, pair.two)[number % 2]
        stated = pair.get(client, "/v1/analytics/failures", {"tenantId": "tenant-b"}, "other").headers["ratelimit"]
        found = re.search(r"r=(\d+)", stated)
        assert found is not None
        left.append(int(found[1]))
    # A token comes back every 0.15 s, and a slow machine takes its time.
    assert left[0] == _ROUTE_QUOTA - 1
    assert _ROUTE_QUOTA - 10 <= left[-1] <= _ROUTE_QUOTA - 5


def test_a_limit_that_one_exhausts_is_exhausted_at_the_other(launch: Any) -> None:
    """Never twice the quota."""
    running = launch("--workers", "2", "--rate-route", "6")
    with ExitStack() as stack:
        one, two = connections(running, stack)
        headers = {"authorization": f"Bearer {running.token('empty')}"}
        of_nobody = {"tenantId": "tenant-empty"}
        began = time.monotonic()
        states = [client.get("/v1/analytics/failures", params=of_nobody, headers=headers).status_code for client in [one, two] * 8]
        refilled = (time.monotonic() - began) / 10

    assert 6 <= states.count(200) <= 6 + refilled + 1
    assert states.count(200) + states.count(429) == 16


def test_a_key_of_one_is_replayed_by_the_other(pair: Pair) -> None:
    """The same response, and a conflict for another body."""
    body = {"events": [event()]}
    headers = {"authorization": f"Bearer {pair.serving.token('primary')}", "idempotency-key": str(uuid4())}
    path = "/v1/events"
    first = pair.one.post(path, json=body, headers=headers)
    second = pair.two.post(path, json=body, headers=headers)
    third = pair.two.post(path, json={"events": [event()]}, headers=headers)

    assert first.status_code < 300, first.text
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert third.status_code >= 400


def test_a_fault_of_one_is_met_at_the_other(pair: Pair) -> None:
    """At once, and until it is switched off at either."""
    query = {"tenantId": "tenant-a"}
    pair.fault(pair.one, "store-busy", operation="listFailures")
    met = [pair.get(client, "/v1/analytics/failures", query).json()["error"]["code"] for client in (pair.one, pair.two)]
    pair.two.delete("/_assay/hook/faults", headers=pair.serving.operator)
    after = [pair.get(client, "/v1/analytics/failures", query).status_code for client in (pair.one, pair.two)]

    assert met == ["STORE_BUSY", "STORE_BUSY"]
    assert after == [200, 200]


def test_what_one_stored_is_in_the_answers_of_the_other(pair: Pair) -> None:
    """Though the other kept an answer of before."""
    query = {"tenantId": "tenant-a", **window()}
    path = "/v1/analytics/funnel-metrics"
    before = [pair.get(client, path, query).json()["metrics"]["starts"] for client in (pair.one, pair.two)]
    sent = {"authorization": f"Bearer {pair.serving.token('primary')}", "idempotency-key": str(uuid4())}
    pair.one.post("/v1/events", json={"events": [event(), event()]}, headers=sent)
    after = [pair.get(client, path, query).json()["metrics"]["starts"] for client in (pair.two, pair.one)]

    assert before[0] == before[1]
    assert after == [before[0] + 2] * 2


def _sessions(pair: Pair, stack: ExitStack) -> dict[int, ClientConnection]:
    """A feed session at each worker."""
    address = f"{pair.serving.target['target']['ws']}/v1/realtime/incident-feed?tenantId=tenant-a"
    found: dict[int, ClientConnection] = {}
    deadline = time.monotonic() + 60
    while len(found) < 2:
        assert time.monotonic() < deadline, f"only workers {sorted(found)} took sessions"
        headers = {"Authorization": f"Bearer {pair.serving.token('primary')}"}
        session = stack.enter_context(connect(address, additional_headers=headers))
        worker = at(pair.serving, session.socket.getsockname()[1])
        if worker in found:
            session.close()
        else:
            found[worker] = session
    return found


def _numbers(session: ClientConnection, until: int) -> list[int]:
    """The sequence numbers of the changes that a session gets."""
    numbers: list[int] = []
    while not numbers or numbers[-1] < until:
        message = json.loads(session.recv(20))
        if "seq" in message and message["type"] != "heartbeat":
            numbers.append(int(message["seq"]))
    return sorted(set(numbers))


def test_the_sequence_has_no_gap_at_either(pair: Pair) -> None:
    """Whoever of both makes the changes."""
    with ExitStack() as stack:
        sessions = _sessions(pair, stack)
        snapshots = [json.loads(session.recv(30)) for session in sessions.values()]
        begun = int(snapshots[0]["seq"])
        for _ in range(5):
            pair.act(pair.one, "changes", 2)
            pair.act(pair.two, "changes", 2)
        seen = {worker: _numbers(session, begun + 20) for worker, session in sessions.items()}

    assert snapshots[1]["seq"] == begun
    assert seen == {worker: list(range(begun + 1, begun + 21)) for worker in sessions}


def test_sessions_at_both_are_dropped(pair: Pair) -> None:
    """By a fault that was switched on at one."""
    with ExitStack() as stack:
        sessions = _sessions(pair, stack)
        pair.fault(pair.one, "realtime-drop", tenant="tenant-a", seconds=5)
        codes: dict[int, int] = {}
        for worker, session in sessions.items():
            with pytest.raises(ConnectionClosed) as closed:
                _numbers(session, 2**60)
            assert closed.value.rcvd is not None
            codes[worker] = closed.value.rcvd.code

    assert list(codes.values()) == [1012, 1012]


def test_metrics_are_the_sum_of_both(pair: Pair) -> None:
    """Whichever is scraped."""

    def count(client: httpx.Client) -> float:
        found = re.search(r'assay_requests_total{route="getRealtimeSnapshot",status="200"} (\S+)', client.get("/metrics").text)
        return float(found[1]) if found else 0.0

    before = count(pair.one)
    for client in (pair.one, pair.two):
        pair.get(client, "/v1/analytics/realtime-snapshot", {"tenantId": "tenant-a"})

    assert (count(pair.one), count(pair.two)) == (before + 2, before + 2)


def test_a_worker_that_is_killed_is_started_again(launch: Any) -> None:
    """The other one answers meanwhile, and the server stops as ever afterwards."""
    running = launch("--workers", "2")
    with ExitStack() as stack:
        one, two = connections(running, stack)
        victim = at(running, one.get("/health").extensions["network_stream"].get_extra_info("client_addr")[1])
        os.kill(victim, signal.SIGKILL)
        ended = running.line(20, event="worker", exit_code=-signal.SIGKILL)
        answered = two.get("/health").status_code
        connections(running, stack)
        again = workers_of(running)
    code = launch.stop(running)

    assert ended["number"] in (1, 2)
    assert (answered, code) == (200, 0)
    assert len(again) == 2
    assert victim not in again


def test_workers_end_with_their_supervisor(launch: Any) -> None:
    """Even when it is killed."""
    running = launch("--workers", "2")
    workers = workers_of(running)
    running.process.kill()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < deadline
        time.sleep(0.1)

    assert len(workers) == 2
