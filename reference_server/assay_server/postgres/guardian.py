"""The process between us and Postgres: it hides root, waits for us to die, and cleans up.

Run as a script of its own (`python -I -S guardian.py`), never imported by the server, so it holds no
thread and no lock of ours. One JSON line on standard input tells it what to do; the pipe staying open is
what keeps Postgres alive. When the pipe ends, because we asked or because we were killed, Postgres
is stopped and the throwaway folders are removed: nothing is left behind whichever way we die.

Postgres refuses to run as root. As root we therefore enter a user namespace that maps one unprivileged
uid onto our own: no account is made, no file changes its owner. Should the guardian itself be
killed, the kernel sends Postgres the parent-death signal.
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
from pathlib import Path
from typing import Any

REFUSED = 77
"""Exit status that means: the user namespace was not allowed."""

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_INSIDE_UID = 1000


def _enter_namespace() -> None:
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_INSIDE_UID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{_INSIDE_UID} {gid} 1")


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _run(task: dict[str, Any]) -> int:
    if os.geteuid() == 0:
        try:
            _enter_namespace()
        except OSError as error:
            print(f"user namespace: {error}", file=sys.stderr)
            return REFUSED
    if task["initdb"]:
        initialized = subprocess.run(  # noqa: S603
            task["initdb"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )
        if initialized.returncode != 0:
            return 1
    server = subprocess.Popen(  # noqa: S603
        task["postgres"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
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
        return 1
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=5)
    return 0


def main() -> int:
    """Read the task, keep Postgres until the pipe ends, remove what was only for this run."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            return 0
        line += piece
    task = json.loads(line)
    try:
        return _run(task)
    finally:
        for folder in task["remove"]:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
