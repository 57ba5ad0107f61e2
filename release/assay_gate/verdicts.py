"""What the gate says: of each release the checks that were made, and whether all of it may pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from assay_compatibility.bumps import Judgement
from assay_compatibility.classes import Severity
from assay_contracts.formats import Place

from assay_gate.changes import Change
from assay_gate.ignores import Ignore


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why the gate does not pass, with the file and line where they are known."""

    rule: str
    message: str
    pointer: str = ""
    place: Place | None = None

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {"rule": self.rule, "message": self.message, "pointer": self.pointer}


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement of the gate; it passes without problems."""

    name: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """An ignored change, and the entry with the reason."""

    change: Change
    entry: Ignore


@dataclass(frozen=True, slots=True)
class Cell:
    """The comparison of one older version with a newer one."""

    old: str
    level: Severity
    judgement: Judgement
    fits: bool

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "old": self.old,
            "class": self.level.value,
            "fit": self.judgement.fit.value,
            "fits": self.fits,
            "owed": str(self.judgement.required),
            "reason": self.judgement.reason,
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """One release and its comparison with every older version.

    `cells` has one entry for each older version, and `checks` the other requirements, such as its certificate.
    """

    name: str
    version: str
    status: str
    checks: tuple[Check, ...]
    cells: tuple[Cell, ...] = ()
    changes: tuple[Change, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.name}@{self.version}"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every reason not to let it pass."""
        return tuple(problem for check in self.checks for problem in check.problems)

    @property
    def base(self) -> Cell | None:
        """The version that it follows."""
        return self.cells[-1] if self.cells else None

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "name": self.name,
            "version": self.version,
            "status": self.status,
            "passes": not self.problems,
            "checks": [{"check": check.name, "problems": [problem.as_json() for problem in check.problems]} for check in self.checks],
            "matrix": [cell.as_json() for cell in self.cells],
            "changes": [change.as_json() for change in self.changes],
            "ignored": [
                {"rule": ignored.change.finding.rule, "pointer": ignored.change.finding.pointer, "reason": ignored.entry.reason,
                 "owner": ignored.entry.owner, "expires": ignored.entry.expires.isoformat()}
                for ignored in self.ignored
            ],
            "notes": list(self.notes),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConsumerRow:
    """What the changes since an older release mean for one consumer; `breaking` are the rules and places that break it, or may."""

    source: str
    since: str
    level: Severity
    concerning: int
    changes: int
    breaking: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "source": self.source,
            "since": self.since,
            "class": self.level.value,
            "concerning": self.concerning,
            "changes": self.changes,
            "breaking": list(self.breaking),
        }

    def __str__(self) -> str:
        count = f"{self.concerning} of {self.changes} changes since {self.since} concern it"
        return f"{self.source}: {self.level.value}, {count}" + (f": {'; '.join(self.breaking)}" if self.breaking else "")


@dataclass(frozen=True, slots=True)
class Report:
    """The result of the gate.

    `subjects` are the releases that were checked, `checks` what concerns all of them.
    """

    subjects: tuple[Subject, ...]
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
    consumers: tuple[ConsumerRow, ...] = ()

    @property
    def problems(self) -> tuple[tuple[str, Problem], ...]:
        """Every reason not to pass, with the release that it is about; empty for what is about all."""
        shared = [("", problem) for check in self.checks for problem in check.problems]
        return (*shared, *((subject.label, problem) for subject in self.subjects for problem in subject.problems))

    @property
    def passes(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "passes": self.passes,
            "problems": [{"subject": subject, **problem.as_json()} for subject, problem in self.problems],
            "subjects": [subject.as_json() for subject in self.subjects],
            "checks": [{"check": check.name, "problems": [problem.as_json() for problem in check.problems]} for check in self.checks],
            "notes": list(self.notes),
            **({"consumers": [row.as_json() for row in self.consumers]} if self.consumers else {}),
        }
