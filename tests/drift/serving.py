"""Reference servers as processes of their own: two over one store, and one over another."""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

READY_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is ready: its manifest, and its control hook."""

    manifest: Path

    @property
    def read(self) -> dict[str, Any]:
        """The manifest as it is."""
        return tomllib.loads(self.manifest.read_text())

    @property
    def http(self) -> str:
        """Its address."""
        return str(self.read["target"]["http"])

    @property
    def token(self) -> str:
        """The token of the first tenant."""
        return str(self.read["credentials"]["primary"])

    def hook(self, method: str, path: str, **body: Any) -> None:
        """Switch a fault on or all of them off."""
        hook = self.read["hook"]
        headers = {"authorization": f"Bearer {hook['token']}"}
        assert httpx.request(method, f"{hook['url']}/{path}", json=body, headers=headers, trust_env=False, timeout=15).status_code < 300


@dataclass(frozen=True, slots=True)
class Serving:
    """`first` and `second` serve the same facts, `third` those of another seed."""

    first: Served
    second: Served
    third: Served


@contextmanager
def reference_servers(folder: Path) -> Iterator[Serving]:
    """Three servers that run while the block does."""
    from assay_server.postgres import EmbeddedPostgres

    with ExitStack() as stack:
        store = stack.enter_context(EmbeddedPostgres.start(folder / "store"))
        first = stack.enter_context(_server(folder, "first", "--dsn", store.dsn, "--sample", "small", "--seed", "1"))
        second = stack.enter_context(_server(folder, "second", "--dsn", store.dsn))
        third = stack.enter_context(_server(folder, "third", "--sample", "small", "--seed", "2"))
        yield Serving(first, second, third)


@contextmanager
def _server(folder: Path, name: str, *arguments: str) -> Iterator[Served]:
    manifest, log = folder / f"{name}.toml", folder / f"{name}.log"
    command = [
        sys.executable,
        "-m",
        "assay_contracts",
        "serve",
        "--contract",
        "reliability@1.0.0",
        "--write-target",
        str(manifest),
        *arguments,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not manifest.exists():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield Served(manifest)
    finally:
        process.terminate()
        process.wait(90)
