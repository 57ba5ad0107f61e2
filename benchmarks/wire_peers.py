"""The wire matrix beside four peers: each generates a client from the same document, which is called with the same values.

    python benchmarks/wire_peers.py [--work DIR] [--verbose]

Peers are installed outside the repository when this runs; one that cannot be is named with the reason. All clients call a server on a
real socket, which keeps the raw requests. A shape is right when the request means what OpenAPI 3.1 takes from RFC 6570: which characters
are percent-encoded counts only where it changes the meaning, and JSON is compared as JSON. What a peer refuses to generate is not right.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from assay_codegen import generate_python
from assay_contracts import load_contract
from assay_sdk import Request
from wire_matrix import Shape, document, received, shapes

SECONDS = 400
NPM = ("@hey-api/openapi-ts@0.95.0", "typescript@5", "esbuild")
PYPI = {
    "openapi-python-client": ("openapi-python-client==0.29.1", "ruff"),
    "openapi-generator": ("openapi-generator-cli==7.26.0", "python-dateutil", "urllib3", "pydantic"),
    "datamodel-code-generator": ("datamodel-code-generator==0.89.0", "httpx2", "pydantic"),
}
HEY_API = """
import * as sdk from './hey.mjs';
import { readFileSync } from 'node:fs';
const [url, values] = [process.argv[2], JSON.parse(readFileSync(0, 'utf8'))];
const places = { path: 'path', query: 'query', header: 'headers', cookie: 'cookie' };
for (const [number, value, location] of values) {
  try {
    const given = location === 'body' ? { body: value } : { [places[location]]: { v: value } };
    const { error } = await sdk[`shape${number}`]({ baseUrl: url, ...given });
    if (error instanceof Error) throw error;
  } catch (error) {
    console.log(JSON.stringify([number, String(error).slice(0, 160)]));
  }
}
"""
# Characters that mean the same, encoded or not, where they stand in a path or a query.
SAME = {"path": "!$'()*:@~-_", "query": "!$'()*:@~-._/?[]|", "cookie": "!$'()*:@~-._/?[]|"}


class Missing(Exception):
    """A peer that cannot be installed here, or whose generator gives no client."""


@dataclass(slots=True)
class Recorder:
    """A server that keeps the raw request of each operation."""

    requests: dict[int, Request] = field(default_factory=dict[int, Request])
    server: ThreadingHTTPServer | None = None

    def __enter__(self) -> str:
        kept = self.requests

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _keep(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                if number := re.match(r"/s(\d+)", self.path):
                    kept[int(number[1])] = Request(self.command, f"http://matrix.test{self.path}", dict(self.headers.items()), 1.0, body)
                self.send_response(204)
                self.end_headers()

            do_GET = do_PUT = _keep  # noqa: N815, as the server names them

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is written."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()


def means(shape: Shape, text: str) -> object:
    """What a part of a request says, apart from how it is spelled."""
    text = text.strip()
    if "content" in shape.parameter:
        text = text if shape.location in ("body", "header") else unquote(text.replace("+", "%20") if shape.location == "query" else text)
        name, json_text = ("v=", text.removeprefix("v=")) if text.startswith("v=") else ("", text)
        try:
            return name, json.loads(json_text)
        except ValueError:
            return text
    if shape.location == "header":
        # Blanks behind the commas of a list are no part of its items (RFC 9110, 5.6.1).
        return re.sub(r",[ \t]+", ",", text)
    if shape.location == "query":
        text = text.replace("+", "%20")
    same = SAME[shape.location]
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)) if chr(int(code[1], 16)) in same else code[0].upper(), text)


def ran(command: Sequence[str], folder: Path, given: str = "") -> str:
    """What a command printed. Raises `Missing` with its last line where it fails or takes too long."""
    try:
        done = subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, check=False, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{command[0]}: {type(error).__name__}") from error
    if done.returncode:
        raise Missing(" ".join((done.stderr or done.stdout).split())[-2000:])
    return done.stdout


def python_of(peer: str, work: Path) -> Path:
    """The interpreter of a virtual environment with a peer."""
    place = work / f"python-{peer}"
    python = place / "bin" / "python"
    if not python.exists():
        if not shutil.which("uv"):
            raise Missing("uv is not installed")
        ran(["uv", "venv", "-q", "-p", sys.executable, str(place)], work)
        ran(["uv", "pip", "install", "-q", "-p", str(python), *PYPI[peer]], work)
    return python


def by_python(peer: str, generate: Callable[[Path, Path, Path], None]) -> Callable[[Path, Path, str, str], str]:
    """How a peer that writes Python is generated and called."""

    def call(work: Path, source: Path, url: str, values: str) -> str:
        python = python_of(peer, work)
        generate(python, work, source)
        script = Path(__file__).with_name("wire_peer_calls.py")
        return ran([str(python), str(script), peer, str(work), url], work, values)

    return call


def openapi_python_client(python: Path, work: Path, source: Path) -> None:
    """It leaves out what it cannot generate."""
    tool, place = python.with_name("openapi-python-client"), work / "openapi_python_client_peer"
    ran([str(tool), "generate", "--path", str(source), "--output-path", str(place), "--overwrite", "--meta", "none"], work)


def openapi_generator(python: Path, work: Path, source: Path) -> None:
    """It needs Java."""
    if not shutil.which("java"):
        raise Missing("Java is not installed")
    named = ["-g", "python", "--skip-validate-spec", "-p", "packageName=openapi_generator_peer"]
    ran([str(python.with_name("openapi-generator-cli")), "generate", *named, "-i", str(source), "-o", str(work / "generated")], work)
    shutil.copytree(work / "generated" / "openapi_generator_peer", work / "openapi_generator_peer", dirs_exist_ok=True)


def datamodel_code_generator(python: Path, work: Path, source: Path) -> None:
    """It refuses a document for one operation that it cannot generate, so it is given the others."""
    package = "datamodel_code_generator_peer"
    tool = [str(python.with_name("datamodel-codegen")), "--input", str(source), "--input-file-type", "openapi", "--openapi-scopes", "api"]
    tool += ["--output", str(work / f"{package}_models.py"), "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin"]
    tool += ["--generate-client", "httpx2", "--client-output", str(work / package), "--client-package", package]
    tool += ["--client-model-package", f"{package}_models"]
    try:
        ran(tool, work)
    except Missing as error:
        whole = json.loads(source.read_text(encoding="utf-8"))
        refused = {f"/{path.replace('~1', '/')}" for path in re.findall(r"/paths/~1(\S+?)/(?:get|put)\b", str(error))}
        if not refused:
            raise
        whole["paths"] = {path: item for path, item in whole["paths"].items() if path not in refused}
        rest = work / "without-refused.json"
        rest.write_text(json.dumps(whole), encoding="utf-8")
        ran([str(rest) if part == str(source) else part for part in tool], work)


def hey_api(work: Path, source: Path, url: str, values: str) -> str:
    """TypeScript, bundled for Node."""
    for tool in ("npm", "node"):
        if not shutil.which(tool):
            raise Missing(f"{tool} is not installed")
    if not (work / "node_modules" / "esbuild").is_dir():
        ran(["npm", "install", "--prefix", str(work), "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error", *NPM], work)
    programs = work / "node_modules" / ".bin"
    ran([str(programs / "openapi-ts"), "-i", str(source), "-o", "hey", "-c", "@hey-api/client-fetch"], work)
    ran([str(programs / "esbuild"), "hey/index.ts", "--bundle", "--format=esm", "--platform=node", "--outfile=hey.mjs"], work)
    (work / "call.mjs").write_text(HEY_API, encoding="utf-8")
    return ran(["node", "call.mjs", url], work, values)


def ours(work: Path, source: Path, url: str, values: str) -> str:
    """The client of this repository, over httpx."""
    package = generate_python(load_contract(source))
    package.write(work)
    sys.path.insert(0, str(work))
    failed: list[str] = []
    with getattr(importlib.import_module(package.name), package.view.client)(url) as client:
        for number, value, location in json.loads(values):
            try:
                getattr(client, f"shape{number}")(**{"body" if location == "body" else "v": value})
            except Exception as error:
                failed.append(json.dumps([number, f"{type(error).__name__}: {error}"]))
    return "\n".join(failed)


CLIENTS: dict[str, Callable[[Path, Path, str, str], str]] = {
    "assay": ours,
    "datamodel-code-generator": by_python("datamodel-code-generator", datamodel_code_generator),
    "hey-api": hey_api,
    "openapi-generator": by_python("openapi-generator", openapi_generator),
    "openapi-python-client": by_python("openapi-python-client", openapi_python_client),
}


def measured(name: str, work: Path, matrix: tuple[Shape, ...]) -> dict[str, str]:
    """The wrong shapes of a client by name, each with what became of it. Raises `Missing`."""
    recorder = Recorder()
    folder = work / name
    folder.mkdir(parents=True, exist_ok=True)
    with recorder as url:
        source = folder / "matrix.json"
        source.write_text(json.dumps({**document(matrix), "servers": [{"url": url}]}), encoding="utf-8")
        values = json.dumps([(number, shape.value, shape.location) for number, shape in enumerate(matrix)])
        printed = CLIENTS[name](folder, source, url, values)
    failed: dict[int, str] = dict(json.loads(line) for line in printed.splitlines() if line.startswith("["))
    wrong: dict[str, str] = {}
    for number, shape in enumerate(matrix):
        request = recorder.requests.get(number)
        found = received(shape, number, request) if request is not None else failed.get(number, "no request")
        if request is None or means(shape, found) != means(shape, shape.expected):
            wrong[shape.name] = f"expected {shape.expected}, got {found}"
    return wrong


def main() -> int:
    """Print a line for each client; 1 when ours has a wrong shape."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--work", type=Path, help="where peers and clients go; a temporary folder without it")
    parser.add_argument("--verbose", action="store_true", help="print each wrong shape")
    options = parser.parse_args()
    matrix = tuple(shapes())
    with tempfile.TemporaryDirectory() as temporary:
        results: dict[str, dict[str, str]] = {}
        for name in CLIENTS:
            try:
                results[name] = measured(name, (options.work or Path(temporary)).resolve(), matrix)
            except Missing as error:
                print(f"{name:26} not run: {str(error)[-200:]}")
                continue
            wrong = results[name]
            kinds = Counter(shape.location for shape in matrix if shape.name in wrong)
            places = ", ".join(f"{count} of {place}" for place, count in sorted(kinds.items()))
            print(f"{name:26} {len(matrix) - len(wrong):4} of {len(matrix)} right{'; wrong: ' if places else ''}{places}", flush=True)
            if options.verbose:
                for shape, problem in wrong.items():
                    print(f"    {shape}: {problem}")
    return 1 if results.get("assay") else 0


if __name__ == "__main__":
    sys.exit(main())
