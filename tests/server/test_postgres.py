"""The embedded Postgres starts anywhere and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from assay_server.postgres import EmbeddedPostgres, PostgresFailed, PostgresNotFound, PostgresRefused, find_binaries

_HOLD = """
import sys, time
from assay_server.postgres import EmbeddedPostgres
cluster = EmbeddedPostgres.start()
print(cluster.data, flush=True)
time.sleep(60)
"""


def alive(data: Path) -> bool:
    """Whether a process serves this folder."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.fsencode(data) in (entry / "cmdline").read_bytes():
                    return True
            except OSError:
                continue
    return False


def gone(data: Path) -> bool:
    """Whether folder and process are gone, or go within a few seconds."""
    for _ in range(100):
        if not data.parent.exists() and not alive(data):
            return True
        time.sleep(0.05)
    return False


def test_a_throwaway_cluster_leaves_no_process_and_no_folder() -> None:
    """After it stops, nothing reminds of it."""
    with EmbeddedPostgres.start() as cluster:
        data = cluster.data
        with psycopg.connect(cluster.dsn) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert alive(data)

    assert gone(data)


def test_it_listens_on_no_port(postgres: EmbeddedPostgres) -> None:
    """Only the socket in a folder of ours reaches it."""
    with psycopg.connect(postgres.dsn) as connection:
        row = connection.execute("select current_setting('listen_addresses'), inet_server_addr()").fetchone()

    assert row == ("", None)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_owner_however_that_ends(how: signal.Signals) -> None:
    """Even an owner that is killed leaves nothing behind."""
    owner = subprocess.Popen([sys.executable, "-c", _HOLD], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    data = Path(owner.stdout.readline().strip())
    assert alive(data)

    owner.send_signal(how)
    owner.wait()
    owner.stdout.close()

    assert gone(data)


def test_kept_data_is_there_the_next_time(tmp_path: Path) -> None:
    """A named folder outlives the cluster, and only one cluster may serve it."""
    folder = tmp_path / "data"
    with EmbeddedPostgres.start(folder) as cluster:
        with psycopg.connect(cluster.dsn) as connection:
            connection.execute("create table kept (n int)")
        with pytest.raises(PostgresFailed, match="to be free"):
            EmbeddedPostgres.start(folder)

    with EmbeddedPostgres.start(folder) as cluster, psycopg.connect(cluster.dsn) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_a_refused_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that is in use is refused before anything is made for the new cluster."""
    folder = tmp_path / "data"
    with EmbeddedPostgres.start(folder):
        temporary = Path(tempfile.mkdtemp())
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        with pytest.raises(PostgresFailed, match="to be free"):
            EmbeddedPostgres.start(folder)

    assert list(temporary.iterdir()) == []
    temporary.rmdir()


def test_a_status_file_of_a_dead_server_is_forgotten(tmp_path: Path) -> None:
    """After a crash the number in it may belong to any process; only a living Postgres keeps the folder."""
    folder = tmp_path / "data"
    EmbeddedPostgres.start(folder).stop()
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}\n")

    with EmbeddedPostgres.start(folder) as cluster, psycopg.connect(cluster.dsn) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_folder_without_postgres_says_what_to_do(tmp_path: Path) -> None:
    """The error names the place, what was expected there, and the next step."""
    with pytest.raises(PostgresNotFound, match="point PGBIN at"):
        find_binaries(tmp_path)


def test_an_end_while_starting_says_why(tmp_path: Path) -> None:
    """A folder that is no data directory is refused with Postgres's own words."""
    (tmp_path / "PG_VERSION").write_text("18\n")

    with pytest.raises(PostgresFailed, match="ended while starting"):
        EmbeddedPostgres.start(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs the namespace")
def test_a_blocked_namespace_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where user namespaces are blocked, the message says so and names the ways out."""
    script = tmp_path / "guardian.py"
    source = Path(sys.modules["assay_server.postgres.guardian"].__file__ or "").read_text()
    script.write_text(source.replace("_CLONE_NEWUSER = 0x10000000", "_CLONE_NEWUSER = -1"))
    monkeypatch.setattr("assay_server.postgres.guardian.__file__", str(script))

    with pytest.raises(PostgresRefused, match=r"blocks the user namespace.*--dsn"):
        EmbeddedPostgres.start()
