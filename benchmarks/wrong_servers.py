"""Wrong servers that are caught: `assay certify` and stock Schemathesis on the same servers, each on its own port, one after the other.

The servers are those of tests/conformance/strangers: contracts of many shapes, each served honestly, in several ways where the contract
leaves that open, and in several wrong ways, those among them that our own clauses do not speak of. A wrong server is killed when a tool
finds something that it does not find in the honest server of that contract; what it finds there is false.
Some wrong ways are structural (a body, a status or a rejection that the document alone forbids), the others semantic (what was deleted is
there, an item comes twice).

    python benchmarks/wrong_servers.py --sample 12 --shapes scopes things-to-read-alone
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from assay_conformance.certifying import certify  # noqa: E402
from assay_conformance.target_manifest import parse_target  # noqa: E402
from assay_conformance.target_needs import needs_of  # noqa: E402

from tests.conformance.strangers import test_law as law  # noqa: E402
from tests.conformance.strangers.server import Stranger, serving  # noqa: E402

STRUCTURAL = {
    *("breaks-its-schema", "declares-another-status", "accepts-anything", "breaks-on-wrong-requests"),
    *("says-yes-to-everything", "answers-html", "lets-nobody-in"),
}
TOOLS = ("assay", "schemathesis")
LONGEST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One tool against one server: `wrong` is empty for an honest one; `findings` name what was found, each by its operation."""

    tool: str
    shape: str
    wrong: str
    findings: frozenset[tuple[str, str]]
    requests: int
    seconds: float

    @property
    def kind(self) -> str:
        """Whether the server is honest, or in which way it is wrong."""
        return (
            "honest"
            if not self.wrong or (self.shape, self.wrong) in law.HONEST
            else "structural"
            if self.wrong in STRUCTURAL
            else "semantic"
        )


@contextlib.asynccontextmanager
async def counting(stranger: Stranger) -> AsyncIterator[tuple[str, list[str]]]:
    """Serve a stranger while the block runs; gives its address and a list that grows by each request."""
    seen: list[str] = []
    answer = stranger.answer

    async def counted(request: Any) -> Any:
        seen.append(request.path)
        return await answer(request)

    stranger.answer = counted  # type: ignore[method-assign]
    async with serving(stranger) as address:
        yield address, seen


def stranger_of(shape: str, wrong: str) -> Stranger:
    """A fresh server of a shape."""
    manifest = law.SHAPES[shape].get("manifest", {})
    values = manifest.get("fixtures", {}).get("parameters", {})
    return law.SERVERS.get(shape, Stranger)(law.SHAPES[shape]["contract"], manifest.get("credentials", {}), values, wrong)


async def by_assay(shape: str, wrong: str) -> Trial:
    """Certify with what a first user has: the contract, the manifest, and a small corpus, which is grown once for a shape."""
    began = time.monotonic()
    contract, corpus = law.loaded(shape)
    async with counting(stranger_of(shape, wrong)) as (address, seen):
        target = parse_target(law.SHAPES[shape].get("manifest", {}), "manifest", http=address, needs=needs_of(contract))
        result = await certify(contract, target, corpus=corpus)
    blocking = {(row.subject, f"{row.clause} {row.verdict.value}") for row in result.outcome.blocking}
    found = blocking | ({("run", result.reason)} if result.reason is not None else set[tuple[str, str]]())
    return Trial("assay", shape, wrong, frozenset(found), len(seen), time.monotonic() - began)


async def by_schemathesis(shape: str, wrong: str) -> Trial:
    """Run Schemathesis as it comes, told the address and the credential alone."""
    item = law.SHAPES[shape]
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "contract.yaml"
        document.write_text(yaml.safe_dump(item["contract"], sort_keys=False), "utf-8")
        began = time.monotonic()
        async with counting(stranger_of(shape, wrong)) as (address, seen):
            command = ["run", str(document), "--url", address, "--seed", "1", "--no-color"]
            process = await asyncio.create_subprocess_exec(
                str(Path(sys.executable).with_name("schemathesis")),
                *command,
                *credential(item),
                cwd=folder,
                env={**os.environ, "PYTHONWARNINGS": "ignore"},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                printed, _ = await asyncio.wait_for(process.communicate(), LONGEST_SECONDS)
                found = findings_of(printed.decode())
            except TimeoutError:
                process.kill()
                found = frozenset({("run", f"no end in {LONGEST_SECONDS:.0f} s")})
    return Trial("schemathesis", shape, wrong, found, len(seen), time.monotonic() - began)


def findings_of(printed: str) -> frozenset[tuple[str, str]]:
    """The findings that Schemathesis prints: under the line of its operation, each with its code.

    >>> sorted(findings_of("___ TRACE /time ___\\n1. Test Case ID: a\\n\\n- ST204 Wrong response\\n"))
    [('TRACE /time', 'ST204')]
    """
    found: set[tuple[str, str]] = set()
    operation = ""
    for line in printed.splitlines():
        operation = header[1] if (header := re.fullmatch(r"_{3,} (.+?) _{3,}", line)) else operation
        if finding := re.match(r"- (ST\d+) ", line):
            found.add((operation, finding[1]))
    return frozenset(found)


def credential(item: dict[str, Any]) -> list[str]:
    """The option that sends the good credential of a shape; nothing where it has none that a header carries."""
    good = item.get("manifest", {}).get("credentials", {}).get("primary")
    schemes = item["contract"].get("components", {}).get("securitySchemes", {})
    scheme: dict[str, Any] = next(iter(schemes.values()), {})
    if good is None or scheme.get("in") == "query":
        return []
    if scheme.get("type") == "apiKey":
        return ["--header", f"{scheme['name']}: {good}"]
    return ["--auth", good] if scheme.get("scheme") == "basic" else ["--header", f"Authorization: Bearer {good}"]


def chosen(sample: int, seed: int, shapes: list[str]) -> list[tuple[str, str]]:
    """So many wrong servers over HTTP, drawn evenly from both kinds, and the honest servers of each shape among them."""
    draw = random.Random(seed)
    known = [*law.ALL_WRONG, *law.UNCLAIMED]
    over_http = [pair for pair in known if pair[0] not in law.FEEDS and (not shapes or pair[0] in shapes)]
    kinds = [[pair for pair in over_http if (pair[1] in STRUCTURAL) is structural] for structural in (True, False)]
    wrong = [pair for pairs in kinds for pair in draw.sample(pairs, min(len(pairs), (sample + 1) // 2))]
    served = dict.fromkeys(shape for shape, _ in wrong)
    return [*((shape, "") for shape in served), *(pair for pair in law.HONEST if pair[0] in served), *wrong]


async def measure(pairs: list[tuple[str, str]]) -> list[Trial]:
    """Both tools against each server."""
    trials: list[Trial] = []
    for shape, wrong in pairs:
        for run in (by_assay, by_schemathesis):
            trial = await run(shape, wrong)
            trials.append(trial)
            what = f"{len(trial.findings)} findings, {trial.requests} requests, {trial.seconds:.1f} s"
            print(f"{trial.tool:13}{shape}, {wrong or 'honest'}: {what}", flush=True)
    return trials


def table(trials: list[Trial]) -> str:
    """The figures as Markdown."""
    lines = [
        "| tool | structural killed | semantic killed | honest, false findings | requests a server | seconds a server |",
        "|---|---|---|---|---|---|",
    ]
    for tool in TOOLS:
        own = [trial for trial in trials if trial.tool == tool]
        by_kind = {kind: [trial for trial in own if trial.kind == kind] for kind in ("structural", "semantic", "honest")}
        false = {trial.shape: trial.findings for trial in by_kind["honest"] if not trial.wrong}
        kills = {
            kind: [trial for trial in group if trial.findings - (set() if kind == "honest" else false[trial.shape])]
            for kind, group in by_kind.items()
        }
        counts = [f"{len(kills[kind])} of {len(group)}" for kind, group in by_kind.items()]
        requests, seconds = (
            sum(values) / max(len(own), 1) for values in zip(*((item.requests, item.seconds) for item in own), strict=True)
        )
        lines.append(f"| {tool} | {' | '.join(counts)} | {requests:.0f} | {seconds:.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sample", type=int, default=1000, help="how many wrong servers; all of them unless given")
    parser.add_argument("--seed", type=int, default=1, help="which ones are drawn")
    parser.add_argument("--shapes", nargs="*", default=[], choices=[*law.SHAPES], metavar="SHAPE", help="which contracts; all unless given")
    options = parser.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # what is no HTTP at all is sent on purpose
    print(table(asyncio.run(measure(chosen(options.sample, options.seed, options.shapes)))))


if __name__ == "__main__":
    main()
