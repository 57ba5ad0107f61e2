"""One server for all tests here: a process of its own over a database of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from assay_contracts import Contract, load_contract


@dataclass(frozen=True)
class Serving:
    """A running server and what is known about it."""

    process: subprocess.Popen[bytes]
    target: dict[str, Any]
    log: Path
    client: httpx.Client

    def token(self, name: str) -> str:
        """One of the target's credentials."""
        return str(self.target["hook"]["token"] if name == "operator" else self.target["credentials"][name])

    def get(self, path: str, query: Any = None, *, credential: str = "primary", method: str = "GET", **headers: str) -> httpx.Response:
        """Ask with a credential; header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if credential:
            sent["authorization"] = f"Bearer {self.token(credential)}"
        return self.client.request(method, path, params=query, headers=sent)

    def funnel(self, **more: Any) -> httpx.Response:
        """Ask for the settled window of the primary tenant."""
        return self.get("/v1/analytics/funnel-metrics", {"tenantId": "tenant-a", **self.target["fixtures"]["window"], **more})

    def failures(self, *, credential: str = "primary", tenant: str = "tenant-a", **more: Any) -> httpx.Response:
        """Ask for failures."""
        return self.get("/v1/analytics/failures", {"tenantId": tenant, **more}, credential=credential)

    def snapshot(self, **more: Any) -> httpx.Response:
        """Ask for the incidents of the primary tenant."""
        return self.get("/v1/analytics/realtime-snapshot", {"tenantId": "tenant-a", **more})

    def fault(self, name: str, **scope: Any) -> None:
        """Switch a fault on."""
        answer = self.client.put(f"{self.target['hook']['url']}/faults/{name}", json=scope, headers=self.operator)
        assert answer.status_code == 204, answer.text

    def clear(self) -> None:
        """Switch every fault off."""
        assert self.client.delete(f"{self.target['hook']['url']}/faults", headers=self.operator).status_code == 204

    def act(self, name: str, tenant: str, count: int) -> int:
        """Have something happen."""
        answer = self.client.post(
            f"{self.target['hook']['url']}/activities/{name}", json={"tenant": tenant, "count": count}, headers=self.operator, timeout=90
        )
        assert answer.status_code == 200, answer.text
        return int(answer.json()["added"])

    @property
    def operator(self) -> dict[str, str]:
        """The header of the operator."""
        return {"authorization": f"Bearer {self.token('operator')}"}

    def line(self, seconds: float = 5.0, **fields: Any) -> dict[str, Any]:
        """The first log line with those fields; the log is written a little after the response."""
        deadline = time.monotonic() + seconds
        while True:
            for line in self.lines():
                if fields.items() <= line.items():
                    return line
            assert time.monotonic() < deadline, f"no log line with {fields}"
            time.sleep(0.02)

    def lines(self) -> list[dict[str, Any]]:
        """The log so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


def start(folder: Path, *arguments: str) -> Serving:
    """Start a server and wait until it is ready."""
    target, log = folder / "target.toml", folder / "log"
    contract = () if "--contract" in arguments else ("--contract", "reliability@1.0.0")
    command = [sys.executable, "-m", "assay_server", *contract, "--write-target", str(target), *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=output)
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    if not line.startswith("ready "):
        process.wait(90)
        raise AssertionError(f"no server: {line} {log.read_text()}")
    read = tomllib.loads(target.read_text())
    return Serving(process, read, log, httpx.Client(base_url=read["target"]["http"], trust_env=False))


def stop(running: Serving) -> int:
    """Stop a server as a supervisor does and return its exit code."""
    running.client.close()
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGTERM)
    code = running.process.wait(90)
    assert running.process.stdout is not None
    running.process.stdout.close()
    return code


@pytest.fixture(scope="session")
def serving(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with the small sample."""
    running = start(tmp_path_factory.mktemp("serving"), "--dsn", new_database(), "--sample", "small")
    yield running
    assert stop(running) == 0


@pytest.fixture(autouse=True)
def faultless(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no fault behind."""
    yield
    if "serving" in request.fixturenames:
        request.getfixturevalue("serving").clear()


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The contract that is served."""
    return load_contract("reliability@1.0.0")


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Any]:
    """Starts further servers and stops them."""
    started: list[Serving] = []

    def run(*arguments: str) -> Serving:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(start(folder, *arguments))
        return started[-1]

    run.stop = stop  # type: ignore[attr-defined]
    yield run
    for running in started:
        stop(running)
