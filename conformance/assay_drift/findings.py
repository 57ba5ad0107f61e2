"""What was found: one thing that one side has and the other has not, and all of them together."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Side(Enum):
    """Which of the two sides stands alone."""

    UNDOCUMENTED = "undocumented"
    CONTRADICTING = "contradicting"
    NEVER_SEEN = "never seen"


class Kind(Enum):
    """What stands alone, in the order in which it is told."""

    OPERATION = "operation"
    PARAMETER = "parameter"
    STATUS = "status"
    MEDIA_TYPE = "media-type"
    HEADER = "header"
    CODE = "code"
    MEMBER = "member"
    VALUE = "value"
    MESSAGE = "message"
    CLOSE = "close"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that drifted.

    `subject` is the operation or channel, or a method and a path where the contract has none; `place` says where within it (`200`,
    `snapshot`); `name` is what stands alone: a pointer, a status, a code. `example` is the type of a value that was seen there, never the
    value; `count` how often it was seen.
    """

    side: Side
    kind: Kind
    subject: str
    name: str
    place: str = ""
    count: int = 0
    example: str = ""

    @property
    def path(self) -> str:
        """What `--ignore` is matched with: `header:listThings/200/x-debug`."""
        return f"{self.kind.value}:{'/'.join(part.strip('/') for part in (self.subject, self.place, self.name) if part)}"

    def ignored(self, patterns: Iterable[str]) -> bool:
        """Whether one of the patterns speaks of it: by kind and name alone, or by kind and whole path."""
        short = f"{self.kind.value}:{self.name}"
        return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns for text in (short, self.path))

    @property
    def sentence(self) -> str:
        """The finding in a few words."""
        where = f"{self.subject} {self.place}".strip()
        seen = f", {self.example}" if self.example else ""
        times = f", {self.count} times" if self.count > 1 else ", once" if self.count else ""
        return f"{self.side.value} {self.kind.value} {self.name} ({where}{seen}{times})"

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "side": self.side.value,
            "kind": self.kind.value,
            "subject": self.subject,
            "place": self.place,
            "name": self.name,
            "count": self.count,
            "example": self.example,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found of one server.

    `seen` counts what was looked at; `notes` say what could not be.
    """

    contract: str
    source: str
    findings: tuple[Finding, ...]
    seen: dict[str, int] = field(default_factory=dict[str, int])
    notes: tuple[str, ...] = ()
    strict: bool = False

    def of(self, side: Side) -> tuple[Finding, ...]:
        """The findings of one side."""
        return tuple(finding for finding in self.findings if finding.side is side)

    def blocks(self, finding: Finding) -> bool:
        """Whether a finding is drift: what was never seen is a note, unless this is strict."""
        return self.strict or finding.side is not Side.NEVER_SEEN

    @property
    def drifted(self) -> bool:
        """Whether there is drift."""
        return any(self.blocks(finding) for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        counts = Counter(f"{finding.side.value} {finding.kind.value}" for finding in self.findings)
        return {
            "contract": self.contract,
            "source": self.source,
            "drift": self.drifted,
            "seen": self.seen,
            "counts": dict(sorted(counts.items())),
            "findings": [finding.as_json() for finding in self.findings],
            "notes": list(self.notes),
        }


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order in which they are told, the same for the same traffic."""
    sides, kinds = list(Side), list(Kind)
    return tuple(
        sorted(
            findings,
            key=lambda finding: (sides.index(finding.side), kinds.index(finding.kind), finding.subject, finding.place, finding.name),
        )
    )
