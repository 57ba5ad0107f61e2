"""Cells: an edit in one place, what the rules say of it, and whether that can be right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from assay_compatibility.classes import Direction, Severity, worst
from assay_compatibility.comparing import compare_inline
from assay_compatibility.findings import Finding
from assay_compatibility.rules import RULES
from assay_contracts.pointers import join

from compatibility_audit.edits import Edit
from compatibility_audit.objects import Json


class Status(Enum):
    """What becomes of a cell."""

    CLAIMED = "claimed"
    EQUAL = "equal"
    WAIVED = "waived"
    UNCLAIMED = "unclaimed"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Fired:
    """One rule that spoke, in a direction."""

    rule: str
    level: Severity
    law: Severity
    direction: Direction
    policy: str | None
    # Why no instance shows it, where the comparison itself says so.
    unshown: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """An edit, the rules that spoke, and what became of it."""

    kind: str
    edit: Edit
    fired: tuple[Fired, ...]
    status: Status
    note: str = ""
    label: str = ""

    @property
    def level(self) -> Severity:
        """The class of the edit."""
        return worst(finding.level for finding in self.fired)

    @property
    def law(self) -> Severity:
        """The class it would have if no policy spoke."""
        return worst(finding.law for finding in self.fired)

    @property
    def place(self) -> str:
        """The pointer of the edit."""
        return join(*self.edit.pointer)


def fired(before: Json, after: Json) -> tuple[Fired, ...]:
    """The rules that speak between two documents, each once for a class and direction, worst first."""
    found = compare_inline(before, after).findings
    spoken = {
        Fired(finding.rule, finding.level, _law(finding), Direction(finding.direction), finding.policy, finding.unshown)
        for finding in found
    }
    return tuple(sorted(spoken, key=lambda one: (-one.level.rank, one.rule, one.direction.value)))


def _law(finding: Finding) -> Severity:
    return RULES[finding.rule].effect.level(Direction(finding.direction))
