"""The shorthand `reference`: what it starts, it stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from assay_conformance.errors import KitError
from assay_conformance.reference import reference_server
from assay_contracts import ContractId

SCRIPT = """
import time
from assay_contracts import ContractId
from assay_conformance.reference import reference_server
with reference_server(ContractId.parse("reliability@1.0.0")) as manifest:
    print(manifest, flush=True)
    time.sleep(60)
"""


@contextmanager
def owner(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that has a reference server running, with its temporary folders in a folder of ours."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


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


def left_behind(folder: Path, seconds: float = 90.0) -> tuple[list[int], list[str]]:
    """The processes and folders that are still there after a while."""
    deadline = time.monotonic() + seconds
    while True:
        left = users_of(folder), sorted(entry.name for entry in folder.iterdir())
        if left == ([], []) or time.monotonic() > deadline:
            return left
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)])
def test_whichever_way_the_owner_ends_nothing_is_left_behind(number: signal.Signals, tmp_path: Path) -> None:
    """Server, Postgres and temporary folders go with the process that started them."""
    with owner(tmp_path) as (process, manifest):
        running = users_of(tmp_path)
        assert manifest.exists()
        process.send_signal(number)
        code = process.wait(90)

        assert code == (128 + number if number == signal.SIGTERM else -number)
        assert running
        assert left_behind(tmp_path) == ([], [])


def test_a_killed_keeper_takes_the_server_along(tmp_path: Path) -> None:
    """The kernel signals the server, which stops its Postgres; the owner removes the folder."""
    with owner(tmp_path) as (process, _):
        os.kill(_keeper_of(process.pid), signal.SIGKILL)
        process.send_signal(signal.SIGTERM)
        process.wait(90)

        assert left_behind(tmp_path) == ([], [])


def test_a_server_that_does_not_start_says_why() -> None:
    """Its last lines are part of the error, and no folder stays."""
    expected = r"ended with 2 before it was ready: .*windowing@9\.9\.9"
    with pytest.raises(KitError, match=expected), reference_server(ContractId.parse("windowing@9.9.9")):
        pass


def _keeper_of(pid: int) -> int:
    """The one child of a process."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
