"""The server as a process: how it starts, what it says, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from assay_server.commands import serve
from assay_server.postgres import EmbeddedPostgres
from click.testing import CliRunner
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a server that will not start."""
    return subprocess.run([sys.executable, "-m", "assay_server", *arguments], capture_output=True, text=True, timeout=30, check=False)


def test_a_taken_port_is_one_clear_line() -> None:
    """And exit code 3."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = run("--port", str(taken.getsockname()[1]))

    assert ended.returncode == 3
    assert "cannot listen" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--dsn", "this is no dsn"), 2),
        (("--dsn", "postgresql://127.0.0.1:1/nothing"), 3),
        (("--contract", "nothing@1.0.0"), 2),
        (("--contract", "nonsense"), 2),
    ],
)
def test_bad_input_is_one_clear_line(arguments: tuple[str, ...], code: int) -> None:
    """With the exit code of bad input or of the environment, never a traceback."""
    ended = run(*arguments)

    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) <= 4


@pytest.mark.parametrize(
    "arguments",
    [
        ("--algorithm", "RS256"),
        ("--dsn", "postgresql:///x", "--data", "y"),
    ],
)
def test_options_that_contradict_each_other_are_one_clear_line(arguments: tuple[str, ...]) -> None:
    """They are refused before anything starts, so that no process of its own is needed to see it."""
    ended = CliRunner().invoke(serve, arguments)

    assert (ended.exit_code, type(ended.exception)) == (2, SystemExit)
    assert 1 <= len(ended.stderr.strip().splitlines()) <= 4


def test_the_manifest_is_for_its_owner(serving: Any) -> None:
    """Nobody else may read the tokens."""
    path = serving.log.with_name("target.toml")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_stopped_server_leaves_no_process_and_says_goodbye(launch: Any) -> None:
    """Sessions are closed with 1001, Postgres ends, the exit code is 0."""
    running = launch()
    children = _descendants(running.process.pid)
    with connect(
        f"{running.target['target']['ws']}/v1/realtime/incident-feed?tenantId=tenant-a",
        additional_headers={"Authorization": f"Bearer {running.token('primary')}"},
    ) as session:
        session.recv()
        began = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            _read_to_the_end(session)
    code = launch.stop(running)

    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, code) == (1001, 0)
    assert time.monotonic() - began < 15
    assert children
    assert not [pid for pid in children if _alive(pid)]


def test_the_database_may_go_and_come_back(launch: Any, tmp_path: Path) -> None:
    """Meanwhile the answer is 503 SERVICE_UNAVAILABLE; afterwards everything is as before."""
    cluster = EmbeddedPostgres.start(tmp_path / "data")
    running = launch("--dsn", cluster.dsn)
    folder = cluster.dsn.split("host=")[1].split("&")[0]
    before = running.snapshot().status_code
    cluster.stop()
    ended = running.snapshot()
    healthy = running.client.get("/health").status_code
    again = EmbeddedPostgres.start(tmp_path / "data")
    try:
        # The new cluster has a socket folder of its own; the old name leads to it.
        Path(folder).symlink_to(again.dsn.split("host=")[1].split("&")[0])
        deadline = time.monotonic() + 20
        while running.snapshot().status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        Path(folder).unlink(missing_ok=True)
        again.stop()

    assert before == 200
    assert (ended.status_code, ended.json()["error"]["code"], healthy) == (503, "SERVICE_UNAVAILABLE", 503)


def test_logs_tell_of_requests_and_never_of_tokens(serving: Any) -> None:
    """One line a request with its identifier, tenant and trace."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = serving.get(
        "/v1/analytics/realtime-snapshot",
        {"tenantId": "tenant-a"},
        x_correlation_id="req-logged-1",
        traceparent=f"00-{trace}-b7ad6b7169203331-01",
    )
    assert answer.status_code == 200
    line = serving.line(correlation_id="req-logged-1")
    text = serving.log.read_text()

    assert (line["route"], line["status"], line["tenant"], line["trace_id"]) == ("getRealtimeSnapshot", 200, "tenant-a", trace)
    assert not [
        name for name in ("primary", "other", "empty", "unscoped", "expired", "operator") if serving.token(name).split(".")[2] in text
    ]


def test_metrics_count_errors_by_code(serving: Any) -> None:
    """And the other figures of the contract's failure cascades."""
    serving.funnel()
    serving.get("/v1/analytics/failures", {"tenantId": "tenant-a", "sort": "x"})
    serving.fault("store-busy", operation="listFailures")
    serving.failures()
    serving.clear()
    text = serving.client.get("/metrics").text

    assert 'assay_errors_total{code="INVALID_SORT",route="listFailures"}' in text
    assert 'assay_transient_errors_total{component="store"}' in text
    assert "assay_query_seconds_bucket" in text


def _read_to_the_end(session: ClientConnection) -> None:
    while True:
        session.recv(5)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == pid:
                found += [int(folder.name), *_descendants(int(folder.name))]
    return found


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
