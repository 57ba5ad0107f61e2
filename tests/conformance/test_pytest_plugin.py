"""Each promise of a contract is a test: those that hold pass, those that do not fail with the finding."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

LAMP = {"type": "object", "required": ["lit"], "properties": {"lit": {"type": "boolean"}}}


def operation(name: str) -> dict[str, Any]:
    """An operation that answers with the state of a lamp."""
    content = {"application/json": {"schema": LAMP}}
    return {"get": {"operationId": name, "responses": {"200": {"description": "Its state.", "content": content}}}}


CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "lamps", "version": "1.0.0"},
    "paths": {"/hall": operation("getHall"), "/attic": operation("getAttic")},
}


class Lamps(BaseHTTPRequestHandler):
    """The lamp in the hall answers as promised; the one in the attic with a word."""

    def do_GET(self) -> None:
        """Answer a request."""
        known = {"/hall": {"lit": True}, "/attic": {"lit": "dimly"}}.get(self.path)
        body = json.dumps(known).encode()
        self.send_response(404 if known is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server with one wrong lamp."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lamps)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def pytest_run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest of its own, in a folder with one contract and one test of its owner."""
    (folder / "api.json").write_text(json.dumps(CONTRACT))
    (folder / "test_mine.py").write_text("def test_mine(): pass\n")
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    # The plugin of Schemathesis is left out, as in our own runs: importing it takes a second.
    left_out = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:typeguard")
    command = [sys.executable, "-m", "pytest", *left_out, "-rs", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_promise_is_a_test(address: str, tmp_path: Path) -> None:
    """Beside the tests that are there; the server is driven once, and what was seen is kept."""
    done = pytest_run(tmp_path, "--assay-contract", "api.json", "--assay-url", address, "--assay-out", "seen", "-v")

    assert done.returncode == 1, done.stdout
    assert "test_mine.py::test_mine PASSED" in done.stdout
    assert "OP-001[getHall] PASSED" in done.stdout
    assert "OP-001[getAttic] FAILED" in done.stdout
    assert '"dimly"' in done.stdout
    assert "judging.py" not in done.stdout
    assert (tmp_path / "seen" / "report.html").is_file()
    assert (tmp_path / "seen" / "evidence.ndjson.gz").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--assay-url", "http://127.0.0.1:9"), "--assay-url needs --assay-contract"),
        (("--assay-contract", "api.json"), "--assay-contract needs --assay-target or --assay-url"),
        (("--assay-contract", "api.json", "--assay-target", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    """Exit code 4 of pytest: usage."""
    done = pytest_run(tmp_path, *arguments)

    assert done.returncode == 4
    assert message in done.stderr
    assert "Traceback" not in done.stderr
