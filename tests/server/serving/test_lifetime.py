"""How a server ends, and what it survives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from assay_server.postgres import EmbeddedPostgres
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

SNAPSHOT = "/v1/analytics/realtime-snapshot?tenantId=tenant-a"


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a server makes its temporary folders; its name is short, for a socket lies in one of them."""
    with TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def users_of(folder: Path) -> list[int]:
    """The processes that have the folder in their command line."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if os.fsencode(folder) in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        signal.SIGKILL,
        # The two others end it as SIGTERM does.
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
)
def test_whichever_way_a_server_ends_its_postgres_goes_with_it(number: signal.Signals, launch: Any, temporary: Path) -> None:
    """Processes and temporary folders; three of the four signals are an ordinary end."""
    running = launch()
    before = users_of(temporary)
    running.process.send_signal(number)
    code = running.process.wait(90)
    deadline = time.monotonic() + 10
    while (users_of(temporary) or any(temporary.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert code == (-number if number == signal.SIGKILL else 0)
    assert before
    assert (users_of(temporary), list(temporary.iterdir())) == ([], [])


def test_a_server_whose_postgres_was_killed_ends_with_a_reason(launch: Any, temporary: Path) -> None:
    """Whoever watches over it can start it again; it does not answer 503 for ever."""
    running = launch()
    postgres = [pid for pid in users_of(temporary) if Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"]
    for pid in postgres:
        os.kill(pid, signal.SIGKILL)
    code = running.process.wait(90)

    assert postgres
    assert code == 3
    assert "the embedded Postgres ended by itself; start the server again" in running.log.read_text()


def test_a_request_on_its_way_while_the_server_stops_is_answered(dsn: str, launch: Any) -> None:
    """With `Connection: close`, so that the client knows; then the connection ends."""
    running = launch("--dsn", dsn)
    address = urlsplit(running.target["target"]["http"])
    with socket.create_connection((address.hostname, address.port), 5) as connection:
        head = f"GET {SNAPSHOT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {running.token('primary')}\r\n\r\n".encode()
        connection.sendall(head)
        first = connection.recv(65536)
        running.process.send_signal(signal.SIGTERM)
        while "stopping" not in running.log.read_text():
            time.sleep(0.005)
        connection.sendall(head)
        second = b""
        while part := connection.recv(65536):
            second += part
    code = running.process.wait(90)

    assert first.startswith(b"HTTP/1.1 200")
    assert b"connection: keep-alive" in first
    assert second.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in second
    assert code == 0


@pytest.mark.slow
def test_an_unread_log_does_not_stop_the_server(tmp_path: Path) -> None:
    """Many times what a pipe holds is logged, and every request is answered."""
    target = tmp_path / "target.toml"
    command = [sys.executable, "-m", "assay_server", "--contract", "reliability@1.0.0", "--write-target", str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[1]
        with httpx.Client(base_url=address, trust_env=False, timeout=5) as client:
            statuses = {client.get("/nothing", headers={"x-correlation-id": "x" * 120}).status_code for _ in range(800)}
            process.send_signal(signal.SIGTERM)
            code = process.wait(90)

    assert (statuses, code) == ({404}, 0)


@pytest.mark.slow
def test_a_cursor_is_good_for_every_server_of_the_database(launch: Any, tmp_path: Path) -> None:
    """After a restart, too; and one with a key of its own rejects it."""
    key = tmp_path / "key"
    key.write_bytes(b"another secret of enough bytes")
    with EmbeddedPostgres.start(tmp_path / "data") as cluster:
        first = launch("--dsn", cluster.dsn, "--sample", "small")
        cursor = first.failures(pageSize=5).json()["page"]["cursor"]
        expected = first.failures(pageSize=5, cursor=cursor).json()
        launch.stop(first)
        second = launch("--dsn", cluster.dsn)
        # Tokens are signed with a secret of each server, cursors with that of the database.
        again = second.failures(pageSize=5, cursor=cursor)
        third = launch("--dsn", cluster.dsn, "--cursor-key", str(key))
        rejected = third.failures(pageSize=5, cursor=cursor)
        for running in (second, third):
            launch.stop(running)

    assert again.json() == expected
    assert rejected.json()["error"]["code"] == "INVALID_CURSOR"


def test_options_come_from_the_environment_too(dsn: str, launch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their names; in production there is no hook."""
    monkeypatch.setenv("ASSAY_ENVIRONMENT", "prod")
    monkeypatch.setenv("ASSAY_LOG_LEVEL", "warning")
    running = launch("--dsn", dsn)
    running.snapshot()
    hook = running.client.get("/_assay/hook").status_code

    assert "hook" not in running.target
    assert hook == 404
    assert [line for line in running.lines() if line.get("event") == "request"] == []


@pytest.mark.slow
def test_background_work_that_fails_makes_the_server_not_ready_and_recovers(launch: Any, dsn: str) -> None:
    """A database that is read-only for a while: counted, logged, part of readiness, and over when it is over."""
    running = launch("--dsn", dsn)
    name = sql.Identifier(str(conninfo_to_dict(dsn)["dbname"]))

    def read_only(word: str) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("set default_transaction_read_only = off")
            connection.execute(sql.SQL("alter database {} set default_transaction_read_only = {}").format(name, sql.SQL(word)))
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'assay'")

    def becomes(text: str) -> bool:
        deadline = time.monotonic() + 40
        while text not in running.client.get("/health").text and time.monotonic() < deadline:
            time.sleep(0.1)
        return text in running.client.get("/health").text

    with psycopg.connect(dsn, autocommit=True) as connection:
        # Something to close, or there is nothing to write.
        connection.execute("insert into tenants (tenant_id) values ('tenant-a')")
    before = becomes('"ok"')
    read_only("on")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        connection.execute("update tenants set closed_to = now() - interval '1 hour'")
    during = becomes("background work fails: closing")
    text = running.client.get("/metrics").text
    line = running.line(event="background", work="closing", error="StoreReadOnly")
    read_only("off")
    after = becomes('"ok"')

    assert (before, during, after) == (True, True, True)
    assert 'assay_background_failures_total{work="closing"}' in text
    assert line["again_in_seconds"] > 0
