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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay_containment import Formats

SECONDS = 5
PEERS = ("jsonsubschema", "jsoncompat")
TARGETS = {"ibm-jsonsubschema": (0.0, 0.98), "jsoncompat": (0.0, 0.98), "json-schema-containment": (0.003, 0.95)}
ANSWERED = ("contained", "not-contained")


@dataclass(frozen=True, slots=True)
class Fact:
    """Two schemas and whether the first is said to be contained in the second."""

    origin: str
    id: str
    a: Any
    b: Any
    contained: bool
    # The reading of `format` that the label states; None where it states none.
    formats: Formats = None


def facts(corpora: Path) -> Iterator[Fact]:
    """Every fact of the three origins that are there."""
    for path in sorted((corpora / "ibm-jsonsubschema").glob("*.json")):
        for index, row in enumerate(json.loads(path.read_text())):
            yield Fact("ibm-jsonsubschema", f"{row['id']} ({index})", row["lhs"], row["rhs"], row["is_subschema"])
    for path in sorted((corpora / "jsoncompat").glob("*.json")):
        for row in json.loads(path.read_text()):
            expect = row["expect"]
            if "deserializer" in expect:
                yield Fact("jsoncompat", f"{row['id']} (deserializer)", row["base"], row["revision"], expect["deserializer"])
            if "serializer" in expect:
                yield Fact("jsoncompat", f"{row['id']} (serializer)", row["revision"], row["base"], expect["serializer"])
    for path in sorted((corpora / "json-schema-containment").glob("*.json")):
        for row in json.loads(path.read_text()):
            if row["s1_subset_s2"] is not None:
                yield Fact("json-schema-containment", row["id"], row["schema1"], row["schema2"], row["s1_subset_s2"], reading(row["id"]))


def reading(name: str) -> Formats:
    """How the test that a fact was derived from reads `format`: the test suite keeps the reading apart by its files.

    `format.json` has formats as annotations, as the standard does by default; the files of `optional/format` assert them.
    """
    path = name.partition("#")[0]
    return "assert" if "/optional/format/" in path else "annotate" if path.endswith("/format.json") else None


def ours(fact: Fact) -> tuple[str, str, Any]:
    """Our answer, its reason, and its witness if there is one."""
    from assay_containment import SchemaInvalid, contains

    try:
        answer = contains(fact.a, fact.b, formats=fact.formats)
    except SchemaInvalid as error:
        return "error", str(error), None
    reason = f"witness {json.dumps(answer.witness)}" if answer.kind == "not-contained" else answer.reason
    return str(answer.kind), reason, answer.witness


def refuted(fact: Fact, answer: str, witness: Any) -> str | None:
    """Why a label that differs from our answer is wrong: another validator, python-jsonschema, bears the answer out.

    It does where it accepts our witness against the first schema and rejects it against the second, or where the first schema
    lists its values and it accepts each against the second. None where it does not, or where it is not installed.
    """
    try:
        import jsonschema
    except ImportError:
        return None
    first, second = (jsonschema.validators.validator_for(side, jsonschema.Draft202012Validator)(side) for side in (fact.a, fact.b))
    if fact.formats == "assert":
        return None
    if answer == "not-contained" and first.is_valid(witness) and not second.is_valid(witness):
        return f"python-jsonschema too accepts {json.dumps(witness)} against the first schema and rejects it against the second"
    values = fact.a.get("enum", [fact.a["const"]] if "const" in fact.a else None) if isinstance(fact.a, dict) else None
    if answer == "contained" and values and all(second.is_valid(value) for value in values):
        return "python-jsonschema too accepts every value that the first schema lists against the second"
    return None


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


def peer_answers(name: str, python: str, all_facts: list[Fact]) -> tuple[list[str], float] | None:
    """The answers of a peer and its seconds, or None when it is not installed."""
    if subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode:
        return None
    lines = "".join(json.dumps([fact.a, fact.b]) + "\n" for fact in all_facts)
    began = time.perf_counter()
    done = subprocess.run([python, __file__, "--worker", name], input=lines, capture_output=True, text=True, check=False)
    answers = done.stdout.splitlines()
    return answers + ["undecided"] * (len(all_facts) - len(answers)), time.perf_counter() - began


def row(name: str, origin: str, pairs: list[tuple[Fact, str]], seconds: float, refuted: int = 0) -> dict[str, Any]:
    """The figures of one engine over one origin; `refuted` labels are wrong themselves, as another validator shows."""
    answered = [(fact, answer) for fact, answer in pairs if answer in ANSWERED]
    wrong = [fact.id for fact, answer in answered if (answer == "contained") != fact.contained]
    return {
        "origin": origin, "engine": name, "facts": len(pairs), "answered": len(answered) / len(pairs), "wrong": len(wrong),
        "refuted": refuted, "wrong_share": (len(wrong) - refuted) / len(pairs), "seconds": round(seconds, 2),
    }  # fmt: skip


Case = tuple[Fact, str, str]
"""A fact, our answer and the reason."""


@dataclass(frozen=True, slots=True)
class Board:
    """Every engine over every origin, and our cases that are not right."""

    rows: list[dict[str, Any]]
    wrong: list[Case]
    mislabelled: list[Case]
    undecided: list[Case]
    missing: dict[str, str]

    @property
    def missed(self) -> list[str]:
        """Our targets that are not met."""
        return [
            f"{figures['origin']}: {figures['wrong_share']:.2%} wrong, {figures['answered']:.1%} answered"
            for figures in self.rows
            if figures["engine"] == "assay"
            and (figures["wrong_share"] > TARGETS[figures["origin"]][0] or figures["answered"] < TARGETS[figures["origin"]][1])
        ]

    def as_json(self) -> dict[str, Any]:
        """The figures and the cases."""
        return {
            "rows": self.rows,
            "wrong": [[fact.origin, fact.id, answer, why] for fact, answer, why in self.wrong],
            "mislabelled": [[fact.origin, fact.id, answer, why] for fact, answer, why in self.mislabelled],
            "undecided": [[fact.origin, fact.id, why] for fact, _, why in self.undecided],
        }

    def tell(self) -> None:
        """Print the table."""
        print("| origin | engine | facts | answered | wrong | of them label refuted | seconds |")
        print("|---|---|---|---|---|---|---|")
        for figures in self.rows:
            shares = f"{figures['answered']:.1%} | {figures['wrong']} | {figures['refuted']}"
            print(f"| {figures['origin']} | {figures['engine']} | {figures['facts']} | {shares} | {figures['seconds']} |")

    def tell_cases(self) -> None:
        """Print our cases that are not right."""
        titles = {"wrong": self.wrong, "labelled wrong": self.mislabelled, "undecided": self.undecided}
        for title, cases in titles.items():
            print(f"\ncontainment, {title}: {len(cases)}")
            for fact, answer, why in cases:
                print(f"  {fact.origin}  {fact.id}  {answer}, labelled {'contained' if fact.contained else 'not-contained'}: {why}"[:300])


def measured(corpora: Path, peers: str | None) -> Board | None:
    """The board of a folder, peers asked by a Python that has them, or by none; None when the folder holds no facts."""
    all_facts = list(facts(corpora)) if corpora.is_dir() else []
    if not all_facts:
        return None
    answers, spent = list[str](), list[float]()
    wrong, mislabelled, undecided = list[Case](), list[Case](), list[Case]()
    for fact in all_facts:
        began = time.perf_counter()
        answer, reason, witness = ours(fact)
        spent.append(time.perf_counter() - began)
        answers.append(answer)
        if answer not in ANSWERED:
            undecided.append((fact, answer, reason))
        elif (answer == "contained") != fact.contained:
            why = refuted(fact, answer, witness)
            (wrong if why is None else mislabelled).append((fact, answer, why or reason))
    engines: dict[str, tuple[list[str], float]] = {}
    missing: dict[str, str] = {}
    for name in PEERS if peers else ():
        found = peer_answers(name, peers or "", all_facts)
        if found is None:
            missing[name] = f"it cannot be imported by {Path(peers or '').name}; pip install {name}"
        else:
            engines[name] = found
    rows: list[dict[str, Any]] = []
    for origin in sorted(TARGETS):
        places = [index for index, fact in enumerate(all_facts) if fact.origin == origin]
        if not places:
            continue
        known = sum(fact.origin == origin for fact, _, _ in mislabelled)
        rows.append(row("assay", origin, [(all_facts[i], answers[i]) for i in places], sum(spent[i] for i in places), known))
        for name, (engine_answers, seconds) in engines.items():
            share = seconds * len(places) / len(all_facts)
            rows.append(row(name, origin, [(all_facts[i], engine_answers[i]) for i in places], share))
    return Board(rows, wrong, mislabelled, undecided, missing)


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
