"""The shorthand `reference`: what it starts, it stops."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from assay_conformance.target import read_target

SCRIPT = """
import time
from assay_contracts import ContractId
from assay_conformance.reference import reference_server
with reference_server(ContractId.parse("reliability@1.0.0")) as manifest:
    print(manifest, flush=True)
    time.sleep(60)
"""


def listens(address: str) -> bool:
    """Whether somebody answers at an address."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, int(port))) == 0


def test_who_is_told_to_end_stops_the_server_first() -> None:
    """A process that is ended from outside leaves no server and no folder behind."""
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        manifest = Path(process.stdout.readline().strip())
        address = read_target(manifest).http
        before = listens(address)
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)

    assert (before, code, listens(address), manifest.parent.exists()) == (True, 128 + signal.SIGTERM, False, False)
