"""How a case counts: what its label rests on, whether its family is contested, and what an answer makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assay_compatibility.policies import POLICIES

CLASSES = {"breaking": "major", "risky": "major", "non-breaking": "minor", "deprecated": "minor", "annotation": "patch", "equal": "none"}
RANK = {"none": 0, "patch": 1, "minor": 2, "undecided": 3, "major": 4}
CONTESTED = re.compile(
    r"security|discrimin|operation-?id|default|read-?only|write-?only|all-of|any-of-added|allof|format|oauth"
    r"|response-(media-?type-|property-|body-)?enum-value-added|response_enum_increased|response-optional-property-removed"
    r"|compositechanged|bearer|risky",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Score:
    """Counts of one origin by one tool."""

    origin: str
    tool: str
    right: int = 0
    false_alarm: int = 0
    missed: int = 0
    quiet: int = 0
    contested: int = 0
    refused: int = 0
    undecided: int = 0
    seconds: float = 0.0
    exact: list[bool] = field(default_factory=list[bool])
    equal: list[bool] = field(default_factory=list[bool])
    wrong: list[str] = field(default_factory=list[str])

    @property
    def precision(self) -> float:
        """Of what it called breaking, the part that is."""
        return self.right / max(1, self.right + self.false_alarm)

    @property
    def recall(self) -> float:
        """Of what is breaking, the part that it called so."""
        return self.right / max(1, self.right + self.missed)

    @property
    def exactness(self) -> float | None:
        """The part of the cases whose class is told that it has right."""
        return sum(self.exact) / len(self.exact) if self.exact else None

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        return {
            "origin": self.origin, "tool": self.tool, "cases": self.right + self.false_alarm + self.missed + self.quiet,
            "precision": round(self.precision, 4), "recall": round(self.recall, 4),
            "exact": None if self.exactness is None else round(self.exactness, 4),
            "equal": [sum(self.equal), len(self.equal)], "undecided": self.undecided, "contested": self.contested, "refused": self.refused,
            "seconds": round(self.seconds, 2), "wrong": self.wrong,
        }  # fmt: skip

    def row(self) -> str:
        """One line of the table."""
        labels_of_case = self.as_json()
        exact = "-" if self.exactness is None else f"{self.exactness:.3f}"
        equal = f"{sum(self.equal)}/{len(self.equal)}" if self.equal else "-"
        return (
            f"| {self.origin} | {self.tool} | {labels_of_case['cases']} | {self.precision:.3f} | {self.recall:.3f} | {exact} | {equal} |"
            f" {self.undecided} | {self.contested} | {self.refused} | {self.seconds:.1f} |"
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
    yield from (test for test in case.get("tests", ()) if isinstance(test, str))


def contested(case: dict[str, Any]) -> bool:
    """Whether the projects disagree about the family that the label belongs to."""
    if case.get("label") in ("warning", "risky") or case.get("policy_dependent") or case.get("roundtrip") is False:
        return True
    labels_of_case = list(labels(case))
    met = [bool(CONTESTED.search(text)) for text in labels_of_case]
    return bool(met) and (all(met) if case["breaking"] else any(met)) and case.get("label") != "equal"


def judge(score: Score, case: dict[str, Any], answer: dict[str, Any]) -> None:
    """Count one case; an undecided answer has found nothing and raised no alarm."""
    if "error" in answer:
        score.refused += 1
        score.wrong.append(f"{case['pair']} refused: {answer['error']}")
        return
    found_class = answer["class"]
    if case.get("label") == "equal":
        score.equal.append(RANK[found_class] <= RANK["patch"])
    if contested(case):
        score.contested += 1
        return
    if found_class == "undecided":
        score.undecided += 1
        score.wrong.append(f"{case['pair']} undecided: {_rules(answer)}; label {_label(case)}; {reason(answer)}")
    breaking, found = case["breaking"], found_class == "major"
    score.right += breaking and found
    score.false_alarm += found and not breaking
    score.missed += breaking and not found
    score.quiet += not breaking and not found
    expected = CLASSES.get(case.get("label", "")) if "suite" in case else None
    if expected is not None:
        score.exact.append(expected == found_class)
    if found_class == "undecided":
        return
    if breaking != found or (expected is not None and expected != found_class):
        what = "missed" if breaking and not found else "false alarm" if found and not breaking else f"not {expected}"
        score.wrong.append(f"{case['pair']} {what}: said {found_class} by {_rules(answer)}; label {_label(case)}; {reason(answer)}")


def reason(answer: dict[str, Any]) -> str:
    """Why we say what we say of a pair: the reasons of the findings that make its class, each once."""
    # Peers name their rules and no more.
    deciding = [finding for finding in answer["findings"] if finding.get("class") == answer["class"]]
    return "; ".join(dict.fromkeys(_why(finding) for finding in deciding[:8])) or "nothing that is sent or received changed"


def _why(finding: dict[str, Any]) -> str:
    """The witness, what a proof or a policy says, or the law."""
    sent = finding["direction"] == "request"
    if finding["witnessed"]:
        value = json.dumps(finding["witness"], ensure_ascii=False)[:80]
        return f"{value} was accepted and is rejected now" if sent else f"{value} is possible now and was not before"
    if finding["unshown"]:
        return str(finding["unshown"])
    if finding["policy"]:
        return f"policy {finding['policy']}: {POLICIES[finding['policy']].reason}"
    if finding["class"] in ("major", "undecided"):
        return str(finding["sentence"])
    if finding["class"] in ("none", "patch"):
        return "no value that is sent or received changed"
    law = "what was accepted still is" if sent else "what is received was possible before"
    return f"{str(finding['sentence']).rstrip('.')}: {law}"


def _rules(answer: dict[str, Any]) -> str:
    return ", ".join(sorted({finding["rule"] for finding in answer["findings"]})[:8]) or "nothing"


def _label(case: dict[str, Any]) -> str:
    return ", ".join(labels(case)) or case.get("test", "") or str(case.get("label", ""))
