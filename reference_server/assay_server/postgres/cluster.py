"""A Postgres of our own: started on a unix socket, stopped with us, gone without a trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from . import guardian
from .binaries import Binaries, find_binaries
from .errors import PostgresFailed, PostgresRefused

_SOCKET_PATH_LIMIT = 100
"""Unix socket paths end at 107 bytes; the socket's own name takes a part of them."""

_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "autovacuum_naptime": "10s",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "fatal",
}

_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""A data directory that ends with the process has no crash to survive."""


class EmbeddedPostgres:
    """A running cluster; `dsn` reaches it. Use as a context manager or call `stop`."""

    __slots__ = ("_errors", "_guardian", "binaries", "data", "dsn")

    def __init__(
        self,
        dsn: str,
        data: Path,
        binaries: Binaries,
        guardian_process: subprocess.Popen[bytes],
        errors: IO[bytes],
    ) -> None:
        self.dsn = dsn
        self.data = data
        self.binaries = binaries
        self._guardian = guardian_process
        self._errors = errors

    @classmethod
    def start(
        cls, data: Path | str | None = None, *, pgbin: Path | str | None = None, ready_within: float = 30.0, connections: int = 60
    ) -> EmbeddedPostgres:
        """Start a cluster in `data`, kept afterwards, or in a folder that is removed when it stops."""
        binaries = find_binaries(pgbin)
        if data is not None:
            _refuse_when_running(Path(data).absolute())
        sockets = _short_folder()
        home = Path(data).absolute() if data is not None else sockets / "data"
        settings = (
            _SETTINGS
            | {"unix_socket_directories": str(sockets), "max_connections": str(connections)}
            | ({} if data is not None else _THROWAWAY)
        )
        task = {
            "initdb": None if (home / "PG_VERSION").exists() else _initdb(binaries, home),
            "postgres": [
                binaries.postgres,
                "-D",
                str(home),
                *(f"--{name}={value}" for name, value in settings.items()),
            ],
            "remove": [str(sockets)],
        }
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the cluster
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", guardian.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()
        dsn = f"postgresql:///postgres?host={sockets}&user=assay"
        cluster = cls(dsn, home, binaries, process, errors)
        try:
            cluster._wait_until_ready(ready_within)
        except BaseException:
            cluster.stop()
            raise
        return cluster

    @property
    def has_ended(self) -> bool:
        """Whether Postgres runs no more."""
        return self._guardian.poll() is not None

    def stop(self) -> None:
        """Stop the cluster and remove what was made only for it. Stopping twice is fine."""
        if self._guardian.stdin is not None and not self._guardian.stdin.closed:
            self._guardian.stdin.close()
        self._guardian.wait(timeout=15)
        self._errors.close()

    def __enter__(self) -> EmbeddedPostgres:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _wait_until_ready(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        status = self.data / "postmaster.pid"
        while time.monotonic() < deadline:
            ended = self._guardian.poll()
            if ended is not None:
                raise self._explain(ended)
            try:
                lines = status.read_text().splitlines()
            except OSError:
                lines = []
            # Line 8 is the state; a file left by an earlier run names another time of start.
            if len(lines) >= 8 and lines[7].strip() == "ready":
                return
            time.sleep(0.01)
        raise PostgresFailed(f"expected Postgres to be ready within {seconds:g} s, it was not: {self._last_lines()}")

    def _explain(self, status: int) -> Exception:
        if status == guardian.REFUSED:
            return PostgresRefused(
                "Postgres does not run as root, and this machine blocks the user namespace that would let it "
                f"({self._last_lines()}); run as another user, allow user namespaces, "
                "or give --dsn of a running server"
            )
        return PostgresFailed(f"Postgres ended while starting: {self._last_lines()}")

    def _last_lines(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "it said nothing"


def _initdb(binaries: Binaries, home: Path) -> list[str]:
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if binaries.major >= 17 else ["--locale=C"]
    return [
        binaries.initdb, "-D", str(home), "-U", "assay", "-A", "trust", "-E", "UTF8",
        "--no-sync", "--no-instructions", *locale,
    ]  # fmt: skip


def _short_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-"))
    if len(os.fsencode(folder)) > _SOCKET_PATH_LIMIT - len("/.s.PGSQL.5432"):
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="assay-pg-", dir="/tmp"))
    return folder


def _refuse_when_running(home: Path) -> None:
    """A data directory belongs to one server: say so before Postgres does; forget one that died."""
    status = home / "postmaster.pid"
    try:
        pid = int(status.read_text().splitlines()[0])
        os.kill(pid, 0)
        if sys.platform == "linux" and Path(f"/proc/{pid}/comm").read_text().strip() != "postgres":
            raise ProcessLookupError
    except (OSError, ValueError, IndexError):
        status.unlink(missing_ok=True)
        return
    raise PostgresFailed(f"expected {home} to be free, process {pid} serves it; stop it or choose another --data")
