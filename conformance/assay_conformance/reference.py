"""The shorthand `reference`: starts the reference server as a process of its own, and stops it. It is certified like any other target."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from assay_contracts import ContractId

from assay_conformance.errors import KitError

READY_SECONDS = 90.0
STOP_SECONDS = 15.0
LAST_LINES = 15


@contextmanager
def reference_server(contract: ContractId, *, seed: int = 1) -> Generator[Path, None, None]:
    """Run the reference server with sample data while the block runs; gives the path of its target manifest. Raises `KitError`."""
    with tempfile.TemporaryDirectory(prefix="assay-reference-") as folder:
        manifest, log = Path(folder, "target.toml"), Path(folder, "server.log")
        command = [
            sys.executable,
            "-c",
            "from assay_contracts.cli import main; main()",
            "serve",
            "--contract",
            str(contract),
            "--host",
            "127.0.0.1",
            "--port",
            "0",
        ]
        command += ["--sample", "small", "--seed", str(seed), "--write-target", str(manifest)]
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - the command is our own
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, env=os.environ.copy()
            )
        try:
            with _leaving_on_request():
                _wait(process, manifest, log)
                yield manifest
        finally:
            _stop(process)


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
    while not manifest.exists():
        if process.poll() is not None:
            raise KitError(f"the reference server ended with {process.returncode} before it was ready: {_said(log)}")
        if time.monotonic() > deadline:
            raise KitError(f"the reference server was not ready after {READY_SECONDS:.0f} s: {_said(log)}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _said(log: Path) -> str:
    with log.open(encoding="utf-8", errors="replace") as lines:
        last = deque((line.strip() for line in lines if line.strip()), maxlen=LAST_LINES)
    return " | ".join(last) or "it said nothing"
