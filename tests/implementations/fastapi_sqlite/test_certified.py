"""FastAPI applications are certified against the documents that FastAPI makes of them: one on SQLite, and the one of the guide."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

HERE = Path(__file__).parent
GUIDE = HERE.parents[2] / "docs" / "guide" / "certify-an-api.md"
READY_SECONDS = 60.0


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run the application `app:app` of a folder while the block runs; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--app-dir", str(folder), "--log-level", "warning"]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(90)


def certify(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run `assay certify` in a folder; gives its exit status and what it printed as JSON."""
    command = [sys.executable, "-m", "assay_contracts", "certify", *arguments, "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def blocking(printed: dict[str, Any]) -> list[Any]:
    """The required clauses that do not pass, each with why."""
    found: list[Any] = printed["certificate"]["predicate"].get("blocking", [])
    return found


def fetched(address: str, folder: Path) -> Path:
    """The document of an application, as a file."""
    with urllib.request.urlopen(f"{address}/openapi.json", timeout=20) as answer:
        (folder / "api.json").write_bytes(answer.read())
    return folder / "api.json"


@pytest.mark.slow
def test_an_application_on_sqlite_is_certified_ten_times_in_a_row(tmp_path: Path) -> None:
    """Its runs leave it as they found it, so each is like the first."""
    (tmp_path / "target.toml").write_text('[target]\nname = "tasks"\n[credentials]\nprimary = "a-key-for-tests"\n', "utf-8")
    with serving(HERE) as address:
        contract = fetched(address, tmp_path)
        for _ in range(10):
            status, printed = certify(tmp_path, address, "--contract", str(contract), "--target", "target.toml")
            assert (blocking(printed), status) == ([], 0)


@pytest.mark.slow
def test_the_application_of_the_guide_is_certified_without_a_manifest(tmp_path: Path) -> None:
    """The page's own code, and the page's own command."""
    (source,) = re.findall(r"```python\n# app.py\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "app.py").write_text(source, "utf-8")
    with serving(tmp_path) as address:
        contract = fetched(address, tmp_path)
        status, printed = certify(tmp_path, address, "--contract", str(contract))

    assert (blocking(printed), status) == ([], 0)
    assert contract.with_name("api.json.corpus.ndjson.gz").is_file()


@pytest.mark.slow
def test_the_lesson_of_the_guide_holds(tmp_path: Path) -> None:
    """Without strict models a text is taken for a number, which the contract forbids."""
    (source,) = re.findall(r"```python\n# app.py\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "app.py").write_text(source.replace("strict=True", ""), "utf-8")
    with serving(tmp_path) as address:
        status, printed = certify(tmp_path, address, "--contract", str(fetched(address, tmp_path)))

    assert status == 1
    assert "OP-006" in {row["clause"] for row in blocking(printed)}
