"""What a rule is: one id, one sentence, one function from a document to the places where it does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assay_contracts.lint.subject import Subject

Severity = Literal["error", "warning"]
Profile = Literal["standard", "house"]
"""`standard` rules hold for every document; `house` rules are a style that a document opts into."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A place in a bundled document, and what is wrong there."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A problem where somebody wrote it: file, line and column."""

    path: Path
    line: int
    column: int
    rule: str
    message: str
    pointer: str
    level: Severity


Check = Callable[[Subject], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing a contract document must not do; `protects` names the tool that would trip over it.

    A rule without a check is about something beside the documents; whoever reads that finds it.
    """

    id: str
    level: Severity
    sentence: str
    protects: str
    check: Check | None
    profile: Profile = "standard"


RULES: dict[str, Rule] = {}


def declare(id: str, sentence: str, *, level: Severity = "error") -> Rule:
    """Register a rule about something beside the documents."""
    if id in RULES:
        raise ValueError(f"rule {id} is registered twice")
    RULES[id] = Rule(id, level, sentence, "", None)
    return RULES[id]


def rule(id: str, *, level: Severity = "error", protects: str = "", profile: Profile = "standard") -> Callable[[Check], Check]:
    """Register a check under an id that never changes; its docstring is the rule's sentence."""

    def register(check: Check) -> Check:
        if id in RULES:
            raise ValueError(f"rule {id} is registered twice")
        RULES[id] = Rule(id, level, " ".join((check.__doc__ or "").split()), protects, check, profile)
        return check

    return register
