"""The shorthand `reference`: starts the reference server as a process of its own, and stops it. It is certified like any other target.

The server lives under a keeper (`keeper.py`), so that whichever way the kit ends, no process and no folder stays behind.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from assay_contracts import ContractId

from assay_conformance import keeper
from assay_conformance.errors import KitError

READY_SECONDS = 90.0
STOP_SECONDS = 15.0
LAST_LINES = 15


@contextmanager
def reference_server(contract: ContractId, *, seed: int = 1) -> Generator[Path, None, None]:
    """Run the reference server with sample data while the block runs; gives the path of its target manifest. Raises `KitError`."""
    folder = Path(tempfile.mkdtemp(prefix="assay-reference-"))
    manifest, log = folder / "target.toml", folder / "server.log"
    command = [sys.executable, "-c", "from assay_contracts.cli import main; main()", "serve", "--contract", str(contract)]
    command += ["--host", "127.0.0.1", "--port", "0", "--sample", "small", "--seed", str(seed), "--write-target", str(manifest)]
    task = {"command": command, "log": str(log), "folder": str(folder), "stop_seconds": STOP_SECONDS}
    process = subprocess.Popen(  # noqa: S603 - the command is our own
        [sys.executable, "-I", "-S", keeper.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=_environment(),
    )
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()
        with _leaving_on_request():
            _wait(process, manifest, log)
            yield manifest
    finally:
        _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def _environment() -> dict[str, str]:
    """Our environment without the settings of a server: the reference is the same wherever it is started."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_") or name == "ASSAY_TRACEBACK"}


@contextmanager
def _leaving_on_request() -> Generator[None, None, None]:
    """Make of SIGTERM an ordinary exit while the block runs: what was started here must not outlive who started it."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _wait(process: subprocess.Popen[bytes], manifest: Path, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    assert process.stdout is not None
    while not manifest.exists():
        if select.select([process.stdout], [], [], 0.05)[0]:
            status = process.stdout.readline().decode().strip() or "no status"
            raise KitError(f"the reference server ended with {status} before it was ready: {_last_lines(log)}")
        if time.monotonic() > deadline:
            raise KitError(f"the reference server was not ready after {READY_SECONDS:.0f} s: {_last_lines(log)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Close the pipe, which the keeper takes as the order to stop the server."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError):
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS + 5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def _last_lines(log: Path) -> str:
    with log.open(encoding="utf-8", errors="replace") as lines:
        last = deque((line.strip() for line in lines if line.strip()), maxlen=LAST_LINES)
    return " | ".join(last) or "its log is empty"
