"""Everything that changed between two releases: HTTP document, feed document and generated client together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_compatibility.classes import Direction, Severity, worst
from assay_compatibility.client import as_far_as_given, compare_sources, refusal
from assay_compatibility.comparing import compare
from assay_compatibility.findings import Finding
from assay_compatibility.policies import POLICIES, Policy
from assay_contracts.json_types import is_mapping

from assay_gate.errors import GateInputRefused
from assay_gate.releases import KINDS, Release

_DECLARING = ("version", "x-status")
_VERSION = tuple(f"/info/{name}" for name in _DECLARING)


@dataclass(frozen=True, slots=True)
class Change:
    """One finding, and where it stands: in the http document, the feed document, or the client."""

    part: str
    finding: Finding

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {"part": self.part, **self.finding.as_json()}


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed, and what was not looked at."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()

    @property
    def level(self) -> Severity:
        """The class of all changes together."""
        return worst(change.finding.level for change in self.changes)


def changes_between(old: Release, new: Release, axis: str = "auto", policies: Mapping[str, Policy] = POLICIES) -> Changes:
    """The changes between two releases on the chosen axes.

    `auto` compares the generated clients wherever one is generated from the old side: if no client was generated from the old version,
    no caller can break.
    """
    found: list[Change] = []
    notes: list[str] = []
    clients = (old.client, new.client)
    if not (old.complete and new.complete):
        if not old.documents.keys() & new.documents.keys():
            raise GateInputRefused(
                f"{old.label} and {new.label}", expected="documents of one kind",
                actual=f"{' and '.join(old.documents)} before, {' and '.join(new.documents)} now",
            )  # fmt: skip
        clients = as_far_as_given(*clients)
        alone = sorted(old.documents.keys() ^ new.documents.keys())
        notes += [f"the {part} document is not compared, since only one side was given one" for part in alone]
    if axis != "source":
        found += _wire(old, new, policies)
    if axis in ("both", "source"):
        found += [Change("client", finding) for finding in compare_sources(*clients)]
    elif axis == "auto":
        reason = refusal(clients[0])
        if reason is None:
            found += [Change("client", finding) for finding in compare_sources(*clients)]
        else:
            notes.append(f"source axis not judged, since no client is generated from {old.label}: {reason}")
    return Changes(tuple(sorted(found, key=lambda change: -change.finding.level.rank)), tuple(notes))


def _wire(old: Release, new: Release, policies: Mapping[str, Policy]) -> Iterator[Change]:
    for part in KINDS.values():
        before, after = old.documents.get(part), new.documents.get(part)
        if before is not None and after is not None:
            yield from (Change(part, finding) for finding in compare(before, after, policies).findings if not _only_the_version(finding))
        elif not (old.complete and new.complete):
            continue
        elif before is not None:
            yield Change(part, _came_or_went("document-removed", Severity.MAJOR, f"The {part} document was removed.", part))
        elif after is not None:
            yield Change(part, _came_or_went("document-added", Severity.MINOR, f"A {part} document was added.", part))


def _only_the_version(finding: Finding) -> bool:
    """Whether nothing changed but the version that a document declares, which is what the gate judges and no change."""
    if finding.pointer in _VERSION:
        return True
    if finding.pointer != "/info" or not (is_mapping(finding.before) and is_mapping(finding.after)):
        return False
    before, after = ({key: value for key, value in side.items() if key not in _DECLARING} for side in (finding.before, finding.after))
    return before == after


def _came_or_went(rule: str, level: Severity, sentence: str, part: str) -> Finding:
    return Finding(
        rule,
        level,
        Direction.BOTH.value,
        "document",
        "",
        ("document",),
        sentence,
        *((part, None) if level is Severity.MAJOR else (None, part)),
    )
