"""The TypeScript client on Node: the wire matrix, and whether TypeScript accepts the clients of documents.

    python benchmarks/typescript_client.py [DOCUMENT ...]

Without documents it generates the client of the wire matrix, compiles it and compares what Node sends with what
`benchmarks/wire_matrix.py` expects. With documents, each is generated and compiled with all strict options. Needs node and npm.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from assay_codegen.typescript import generate_typescript
from assay_contracts import load_contract
from assay_packaging.npm_project import COMPILER_OPTIONS, TYPESCRIPT
from wire_matrix import Shape, document, shapes

# What an application may ask of the code that it compiles.
STRICTER = {
    **COMPILER_OPTIONS,
    "noPropertyAccessFromIndexSignature": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "noImplicitReturns": True,
}
# Calls every shape and prints what came, a line of JSON for each.
CALLS = """
import http from "node:http";
import { readFileSync } from "node:fs";
import { Client, contract, operations } from "./dist/index.js";
let got;
const server = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    got = { url: request.url, v: request.headers.v, cookie: request.headers.cookie, body: Buffer.concat(chunks).toString() };
    response.writeHead(204);
    response.end();
  });
});
server.listen(0, "127.0.0.1", async () => {
  const client = new Client(contract, { baseUrl: `http://127.0.0.1:${server.address().port}`, retry: { backoffAttempts: 1 } });
  for (const [name, args] of JSON.parse(readFileSync("calls.json", "utf8"))) {
    got = undefined;
    let error;
    try { await client.call(operations[name], args); } catch (caught) { error = String(caught); }
    console.log(JSON.stringify(got ?? { error: error ?? "no request" }));
  }
  server.close();
  server.closeAllConnections();
});
"""


def install(folder: Path) -> None:
    """Put TypeScript into a folder."""
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error", f"typescript@{TYPESCRIPT}"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)


def compiled(folder: Path, source: Path) -> tuple[float, str]:
    """Write and compile the client of a document; gives the CPU seconds of generation and what TypeScript reports."""
    contract = load_contract(source)
    started = process_time()
    package = generate_typescript(contract)
    seconds = process_time() - started
    shutil.rmtree(folder / "src", ignore_errors=True)
    for name, text in package.files.items():
        path = folder / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICTER, "include": ["src"]}), encoding="utf-8")
    done = subprocess.run([str(folder / "node_modules/.bin/tsc")], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and not done.stdout:
        raise SystemExit(f"TypeScript did not run: {done.stderr}")
    return seconds, done.stdout


def received(shape: Shape, number: int, got: dict[str, Any]) -> str:
    """The part of a request that a shape is about."""
    if "error" in got:
        return str(got["error"])
    if shape.location == "body":
        return str(got["body"])
    if shape.location in ("header", "cookie"):
        return str(got.get("v" if shape.location == "header" else "cookie", "(none)"))
    return str(got["url"]).removeprefix(f"/s{number}")[1:]


def matrix(folder: Path) -> int:
    """Print the wrong shapes and the figure; 1 when there is a wrong one."""
    found = tuple(shapes())
    source = folder / "matrix.json"
    source.write_text(json.dumps(document(found)), encoding="utf-8")
    _, errors = compiled(folder, source)
    print(errors, end="")
    calls = [(f"shape{number}", {"body" if shape.location == "body" else "v": shape.value}) for number, shape in enumerate(found)]
    (folder / "calls.json").write_text(json.dumps(calls), encoding="utf-8")
    (folder / "calls.mjs").write_text(CALLS, encoding="utf-8")
    done = subprocess.run(["node", "calls.mjs"], cwd=folder, capture_output=True, text=True, check=True)
    wrong = 0
    for number, (shape, line) in enumerate(zip(found, done.stdout.splitlines(), strict=True)):
        if (came := received(shape, number, json.loads(line))) != shape.expected:
            wrong += 1
            print(f"{shape.name}: expected {shape.expected}, got {came}")
    print(f"{len(found) - wrong} of {len(found)} shapes right with Node {node_version()}")
    return int(bool(wrong or errors))


def node_version() -> str:
    """The version of Node."""
    return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    """Print the figures; 1 when a shape is wrong or a client does not compile."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        install(folder)
        if len(sys.argv) == 1:
            return matrix(folder)
        failed = 0
        for argument in sys.argv[1:]:
            seconds, errors = compiled(folder, Path(argument))
            count = errors.count(": error TS")
            failed += bool(errors)
            print(f"{Path(argument).name}: generated in {seconds:.2f} s CPU, {count} errors")
            print("".join(f"    {line}\n" for line in errors.splitlines()[:5]), end="")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
