"""The process between the kit and a server that it started: it waits for the kit to end, and cleans up.

Run as a script of its own (`python -I -S keeper.py`), never imported, so it holds nothing of the kit. One JSON line on
standard input says what to run; the pipe staying open is what keeps the server alive. When it ends, because the kit closed
it or was killed, the server is stopped and its folder removed. Should the keeper itself be killed, the kernel sends the
server SIGTERM.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _run(task: dict[str, Any]) -> int:
    with open(task["log"], "wb") as output:  # noqa: PTH123 - nothing more than needed is imported here
        server = subprocess.Popen(  # noqa: S603 - the command is the kit's own
            task["command"], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, preexec_fn=_end_with_parent
        )

    # A server that ends by itself wakes us through the same read as a closed pipe does.
    def notice(number: int, frame: object) -> None:
        if server.poll() is not None:
            os.close(0)

    signal.signal(signal.SIGCHLD, notice)
    with contextlib.suppress(OSError):
        while server.poll() is None and os.read(0, 64):
            pass
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if server.poll() is not None:
        return int(server.returncode)
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(timeout=task["stop_seconds"])
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    return 0


def main() -> int:
    """Read the task, keep the server until the pipe ends; returns its exit status when it ended by itself.

    The folder goes with the kit: it is kept while the pipe is open, for the log of a server that ended says why.
    """
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            return 0
        line += piece
    task = json.loads(line)
    kept = os.dup(0)
    try:
        status = _run(task)
        print(status, flush=True)
        with contextlib.suppress(OSError):
            while os.read(kept, 64):
                pass
        return 0
    finally:
        shutil.rmtree(task["folder"], ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
