"""Applications that others publish are certified against the documents that they serve themselves.

Each is installed into an environment of its own, started with an empty SQLite database, and asked for its OpenAPI document. None keeps that
document in every point, so that what is shown is the kit: it ends, it does not fail itself, and every clause that it says is broken is one
of which somebody has looked at the request and the response.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]
READY_SECONDS = 120.0
TOKEN = "a-token-of-this-test"


@dataclass(frozen=True, slots=True)
class Application:
    """A package, how it is started, and what of its document it breaks.

    In `command` the port and a folder are filled in. A key of `breaks` is the beginning of an operation's id and the value says what is
    broken; an operation that breaks one clause seldom reaches its statuses, so that the clauses are not told apart.
    """

    package: str
    command: str
    manifest: str
    breaks: dict[str, str]


APPLICATIONS = [
    Application(
        "labtasker-server==2.8.0",
        "labtasker-server serve --connection http --host 127.0.0.1 --port {port} --labtasker-root {folder}/root --database {folder}/db",
        f'[credentials]\nprimary = "{TOKEN}"\n',
        {
            "claim_task": "the document allows any string as a route; [A-Za-z] and some more are accepted",
            "count_tasks": "the document allows any string to group by and as a cursor",
            "count_workers": "the document does not say that a cursor needs a grouping",
            "list_tasks": "the document allows any string as a cursor",
            "list_workers": "the document allows any string as a cursor",
            "update_tasks": "the document allows changes with a priority of null",
        },
    ),
    Application(
        "fleetwrit-server==0.0.2",
        "fleetwrit-server dev --no-dashboard --port {port}",
        '[fixtures]\nparameters = { aid = "nobody", rid = "nothing" }\n',
        {
            "register": "the document allows any body; one without the right properties is answered 500",
            "create_request": "the document allows any body; one without the right properties is answered 500",
            "decide": "the document allows any body; one without the right properties is answered 500",
            "ack": "the document allows any body; one without the right properties is answered 500",
            "cancel": "the document allows any body, and declares no 404",
            "get_decision": "404 is not declared, and no request exists that the manifest could name",
            "request_detail": "404 is not declared, and no request exists that the manifest could name",
            "toggle": "404 is not declared, and no agent exists that the manifest could name",
        },
    ),
]


@contextlib.contextmanager
def running(application: Application, folder: Path) -> Iterator[str]:
    """Install an application and run it while the block runs; gives its address."""
    installed = folder / "installed"
    subprocess.run([sys.executable, "-m", "venv", str(installed)], check=True)
    subprocess.run([str(installed / "bin" / "python"), "-m", "pip", "install", "--quiet", application.package], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program, *arguments = application.command.format(port=port, folder=folder).split()
    environment = {**os.environ, "LABTASKER_SERVER_TOKEN": TOKEN}
    process = subprocess.Popen([str(installed / "bin" / program), *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(90)


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda item: item.package.partition("==")[0])
def test_a_published_application_is_judged_by_its_own_document(application: Application, tmp_path: Path) -> None:
    """The run ends, nothing fails in the kit, and what it finds broken is."""
    with running(application, tmp_path) as address:
        with urllib.request.urlopen(f"{address}/openapi.json", timeout=20) as answer:
            (tmp_path / "api.json").write_bytes(answer.read())
        (tmp_path / "target.toml").write_text(
            f'[target]\nname = "{application.package}"\nhttp = "{address}"\n{application.manifest}', "utf-8"
        )
        command = [sys.executable, "-m", "assay_contracts", "certify", address, "--contract", "api.json", "--target", "target.toml"]
        done = subprocess.run([*command, "--format", "json"], cwd=tmp_path, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode in (0, 1), done.stderr
    predicate: dict[str, Any] = json.loads(done.stdout)["certificate"]["predicate"]
    failed = [row for row in predicate.get("blocking", []) if row["verdict"] == "FAIL"]

    assert (predicate["counts"]["ERROR"], predicate.get("reason")) in [(0, None), (0, "required clauses do not pass")]
    assert [row for row in failed if not row["subject"].startswith(tuple(application.breaks))] == []
