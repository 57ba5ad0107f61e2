"""Containment: labelled facts of other projects answered by us and by two peers, wrong and undecided ones by case.

    python benchmarks/containment.py CORPORA [--peers PYTHON] [--json]

CORPORA is the folder with `ibm-jsonsubschema`, `jsoncompat` and `json-schema-containment`. The peers, jsonsubschema and
jsoncompat from PyPI, are asked in a process of their own: of this Python, or of another one that has them.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

SECONDS = 5
PEERS = ("jsonsubschema", "jsoncompat")
TARGETS = {"ibm-jsonsubschema": (0.0, 0.98), "jsoncompat": (0.0, 0.98), "json-schema-containment": (0.005, 0.90)}


@dataclass(frozen=True, slots=True)
class Fact:
    """Two schemas and whether the first is said to be contained in the second."""

    origin: str
    id: str
    a: Any
    b: Any
    contained: bool


def facts(corpora: Path) -> Iterator[Fact]:
    """Every fact of the three origins that are there."""
    for path in sorted((corpora / "ibm-jsonsubschema").glob("*.json")):
        for index, each in enumerate(json.loads(path.read_text())):
            yield Fact("ibm-jsonsubschema", f"{each['id']} ({index})", each["lhs"], each["rhs"], each["is_subschema"])
    for path in sorted((corpora / "jsoncompat").glob("*.json")):
        for each in json.loads(path.read_text()):
            expect = each["expect"]
            if "deserializer" in expect:
                yield Fact("jsoncompat", f"{each['id']} (deserializer)", each["base"], each["revision"], expect["deserializer"])
            if "serializer" in expect:
                yield Fact("jsoncompat", f"{each['id']} (serializer)", each["revision"], each["base"], expect["serializer"])
    for path in sorted((corpora / "json-schema-containment").glob("*.json")):
        for each in json.loads(path.read_text()):
            if each["s1_subset_s2"] is not None:
                yield Fact("json-schema-containment", each["id"], each["schema1"], each["schema2"], each["s1_subset_s2"])


def ours(a: Any, b: Any) -> tuple[str, str]:
    """Our answer and its reason."""
    from assay_containment import SchemaInvalid, contains

    try:
        answer = contains(a, b)
    except SchemaInvalid as error:
        return "error", str(error)
    return str(answer.kind), f"witness {json.dumps(answer.witness)}" if answer.kind == "not-contained" else answer.reason


def peer(name: str) -> Callable[[Any, Any], bool]:
    """The function of a peer; raises ImportError when it is not there."""
    module = import_module(name)
    if name == "jsonsubschema":
        return lambda a, b: bool(module.isSubschema(a, b))
    return lambda a, b: bool(module.check_compat(json.dumps(a), json.dumps(b), "deserializer"))


def work(name: str) -> None:
    """Answer lines of two schemas on standard input by a peer, each within some seconds."""
    decide = peer(name)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What a peer prints is no answer.

    def ring(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, ring)
    for line in sys.stdin:
        a, b = json.loads(line)
        signal.alarm(SECONDS)
        try:
            answer = "contained" if decide(a, b) else "not-contained"
        except BaseException as error:
            answer = f"undecided {type(error).__name__}"
        signal.alarm(0)
        print(answer, file=out, flush=True)


def asked(name: str, python: str, all_facts: list[Fact]) -> tuple[list[str], float] | None:
    """The answers of a peer and its seconds, or None when it is not installed."""
    if subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode:
        return None
    lines = "".join(json.dumps([fact.a, fact.b]) + "\n" for fact in all_facts)
    began = time.perf_counter()
    done = subprocess.run([python, __file__, "--worker", name], input=lines, capture_output=True, text=True, check=False)
    answers = done.stdout.splitlines()
    return answers + ["undecided"] * (len(all_facts) - len(answers)), time.perf_counter() - began


def row(name: str, origin: str, pairs: list[tuple[Fact, str]], seconds: float) -> dict[str, Any]:
    """The figures of one engine over one origin."""
    said = [(fact, answer) for fact, answer in pairs if answer in ("contained", "not-contained")]
    wrong = [fact.id for fact, answer in said if (answer == "contained") != fact.contained]
    return {
        "origin": origin, "engine": name, "facts": len(pairs), "answered": len(said) / len(pairs), "wrong": len(wrong),
        "wrong_share": len(wrong) / len(pairs), "seconds": round(seconds, 2),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """Every engine over every origin, and our cases that are not right."""

    rows: list[dict[str, Any]]
    wrong: list[tuple[Fact, str, str]]
    undecided: list[tuple[Fact, str, str]]
    missing: dict[str, str]

    @property
    def missed(self) -> list[str]:
        """Our targets that are not met."""
        return [
            f"{each['origin']}: {each['wrong_share']:.1%} wrong, {each['answered']:.1%} answered"
            for each in self.rows
            if each["engine"] == "assay"
            and (each["wrong_share"] > TARGETS[each["origin"]][0] or each["answered"] < TARGETS[each["origin"]][1])
        ]

    def as_json(self) -> dict[str, Any]:
        """The figures and the cases."""
        return {
            "rows": self.rows,
            "wrong": [[fact.origin, fact.id, answer, why] for fact, answer, why in self.wrong],
            "undecided": [[fact.origin, fact.id, why] for fact, _, why in self.undecided],
        }

    def tell(self) -> None:
        """Print the table."""
        print("| origin | engine | facts | answered | wrong | seconds |")
        print("|---|---|---|---|---|---|")
        for each in self.rows:
            print(
                f"| {each['origin']} | {each['engine']} | {each['facts']} | {each['answered']:.1%} | {each['wrong']} | {each['seconds']} |"
            )

    def tell_cases(self) -> None:
        """Print our cases that are not right."""
        for title, cases in (("wrong, or wrongly labelled", self.wrong), ("undecided", self.undecided)):
            print(f"\ncontainment, {title}: {len(cases)}")
            for fact, answer, why in cases:
                print(f"  {fact.origin}  {fact.id}  {answer}, labelled {'contained' if fact.contained else 'not-contained'}: {why}"[:220])


def measured(corpora: Path, peers: str | None) -> Board | None:
    """The board of a folder, peers asked by a Python that has them, or by none; None when the folder holds no facts."""
    all_facts = list(facts(corpora)) if corpora.is_dir() else []
    if not all_facts:
        return None
    answers, reasons, spent = [], [], []
    for fact in all_facts:
        began = time.perf_counter()
        answer, reason = ours(fact.a, fact.b)
        spent.append(time.perf_counter() - began)
        answers.append(answer)
        reasons.append(reason)
    engines: dict[str, tuple[list[str], float]] = {}
    missing: dict[str, str] = {}
    for name in PEERS if peers else ():
        found = asked(name, peers or "", all_facts)
        if found is None:
            missing[name] = f"it cannot be imported by {Path(peers or '').name}; pip install {name}"
        else:
            engines[name] = found
    rows: list[dict[str, Any]] = []
    for origin in sorted(TARGETS):
        places = [index for index, fact in enumerate(all_facts) if fact.origin == origin]
        if not places:
            continue
        rows.append(row("assay", origin, [(all_facts[i], answers[i]) for i in places], sum(spent[i] for i in places)))
        for name, (said, seconds) in engines.items():
            share = seconds * len(places) / len(all_facts)
            rows.append(row(name, origin, [(all_facts[i], said[i]) for i in places], share))
    mine = list(zip(all_facts, answers, reasons, strict=True))
    said_so = ("contained", "not-contained")
    wrong = [(fact, answer, why) for fact, answer, why in mine if answer in said_so and (answer == "contained") != fact.contained]
    return Board(rows, wrong, [each for each in mine if each[1] not in said_so], missing)


def main() -> int:
    """Print the table, the wrong and the undecided cases; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs="?")
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(given.worker)
        return 0
    board = measured(given.corpora, given.peers) if given.corpora else None
    if board is None:
        print("expected a folder with labelled facts, found none; see --help for its shape", file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(board.as_json(), indent=1))
    else:
        board.tell()
        for name, reason in board.missing.items():
            print(f"{name} is not here: {reason}")
        board.tell_cases()
    return 1 if board.missed else 0


if __name__ == "__main__":
    sys.exit(main())
