"""Show every contract to the tools of others: Redocly, Spectral and the AsyncAPI parser, from npm.

Nothing that they find is passed over, but what their configuration beside this file switches off with a reason.
Packages are installed into the folder given, at the versions that package.json names; no lock file is kept,
because it would hold the addresses of whoever made it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assay_contracts.contract_folder import find_documents

HERE = Path(__file__).parent
FILES = ("package.json", "redocly.yaml", "spectral.yaml", "parse.mjs")


def install(folder: Path) -> None:
    """Install the packages, unless the folder has just these."""
    folder.mkdir(parents=True, exist_ok=True)
    current = (folder / "package.json").is_file() and (folder / "package.json").read_bytes() == (HERE / "package.json").read_bytes()
    for name in FILES:
        shutil.copy(HERE / name, folder / name)
    if not (current and (folder / "node_modules").is_dir()):
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(command, cwd=folder, check=True)


def redocly(folder: Path, files: list[Path]) -> Iterator[str]:
    """What Redocly finds; it prints one JSON document a file."""
    printed = _run(folder, ["redocly", "lint", "--config", "redocly.yaml", "--format", "json", *map(str, files)])
    decoder, at, read = json.JSONDecoder(), printed.find("{"), 0
    while at >= 0:
        document, at = decoder.raw_decode(printed, at)
        at, read = printed.find("{", at), read + 1
        for problem in document["problems"]:
            where: dict[str, Any] = problem["location"][0]
            yield f"redocly: {where['source']['ref']}{where.get('pointer', '')}: {problem['ruleId']}: {problem['message']}"
    if read != len(files):
        yield f"redocly: {read} documents were read of {len(files)}"


def spectral(folder: Path, files: list[Path]) -> Iterator[str]:
    """What Spectral finds."""
    for finding in json.loads(_run(folder, ["spectral", "lint", "-q", "-r", "spectral.yaml", "-f", "json", *map(str, files)]) or "[]"):
        line = finding["range"]["start"]["line"] + 1
        yield f"spectral: {finding['source']}:{line}: {finding['code']}: {finding['message']}"


def parser(folder: Path, files: list[Path]) -> Iterator[str]:
    """What the AsyncAPI parser finds."""
    for line in _run(folder, ["parse.mjs", *map(str, files)]).splitlines():
        report = json.loads(line)
        yield f"@asyncapi/parser: {report['file']}{report['path']}: {report['code']}: {report['message']}"


def _run(folder: Path, command: list[str]) -> str:
    tool, *arguments = command
    program = ["node", tool] if tool.endswith(".mjs") else [str(folder / "node_modules" / ".bin" / tool)]
    done = subprocess.run([*program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{tool} answered {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def main(folder: Path) -> int:
    """Install, ask each tool about each document, and print what they find."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            print(f"{program} is not installed: the witnesses are node programs; install Node.js 20 or newer", file=sys.stderr)
            return 3
    install(folder)
    documents = find_documents()
    pairs = [documents.sources(contract) for contract in documents.contracts()]
    openapi = [path for path, _ in pairs if path]
    asyncapi = [path for _, path in pairs if path]
    found = [*redocly(folder, openapi + asyncapi), *spectral(folder, openapi + asyncapi), *parser(folder, asyncapi)]
    print("\n".join([*found, f"{len(openapi)} OpenAPI and {len(asyncapi)} AsyncAPI documents, {len(found)} findings"]))
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python run.py FOLDER  (where the npm packages are installed)")
    raise SystemExit(main(Path(sys.argv[1]).resolve()))
