"""The version that the changes between two releases require."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_compatibility.bumps import next_version
from assay_compatibility.classes import Severity, worst
from assay_compatibility.policies import POLICIES, Policy
from assay_compatibility.versions import Version
from assay_contracts import UsageError, find_documents
from assay_contracts.locking import is_released

from assay_gate.changes import Change, Changes, changes_between
from assay_gate.errors import GateInputRefused
from assay_gate.releases import Release, of_contract, read_releases

_MOST_PRINTED = 20


@dataclass(frozen=True, slots=True)
class RequiredVersion:
    """The version that the changes between two releases require.

    `version` is None when it cannot be decided. `level` is the class of all changes.
    """

    old: Release
    new: Release
    level: Severity
    changes: Changes
    version: Version | None

    @property
    def decisive(self) -> tuple[Change, ...]:
        """The changes that make the bump."""
        return tuple(change for change in self.changes.changes if change.finding.level is self.changes.level)

    @property
    def reasons(self) -> Iterator[str]:
        """Why, a line for each change that makes the bump."""
        yield f"{self.level.value} since {self.old.label}"
        for change in self.decisive[:_MOST_PRINTED]:
            yield f"  {change.finding.level.value} {change.finding.rule}  {change.finding.pointer or '/'}  ({change.part})"
        if len(self.decisive) > _MOST_PRINTED:
            yield f"  … and {len(self.decisive) - _MOST_PRINTED} more; see --format json"
        yield from (f"note: {note}" for note in self.changes.notes)
        if self.version is None:
            yield "the required version cannot be decided; choose with --undecided major or --undecided ignore"

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "version": None if self.version is None else str(self.version),
            "class": self.level.value,
            "old": self.old.label,
            "declared": str(self.new.version),
            "changes": [change.as_json() for change in self.changes.changes],
            "notes": list(self.changes.notes),
        }


def required_version(
    old: Release, new: Release, axis: str, undecided: str, label: str | None = None, policies: Mapping[str, Policy] = POLICIES
) -> RequiredVersion:
    """The version required after `old`, as a pre-release when a `label` is given.

    An undecided change counts as breaking (`undecided="major"`), as nothing ("ignore"), or leaves the version undecided ("fail") unless
    both would require the same. Raises `UsageError` for a label that no pre-release can bear.
    """
    if label is not None and re.fullmatch(r"[A-Za-z][0-9A-Za-z-]*", label) is None:
        raise UsageError("--pre", expected="a label such as rc", actual=label)
    changes = changes_between(old, new, axis, policies)
    level = changes.level
    certain = worst(change.finding.level for change in changes.changes if change.finding.level is not Severity.UNDECIDED)
    if level is Severity.UNDECIDED and undecided == "ignore":
        level = certain
    elif level is Severity.UNDECIDED and undecided == "major":
        level = Severity.MAJOR
    if level is not Severity.UNDECIDED:
        return RequiredVersion(old, new, level, changes, next_version(old.version, level, label))
    # An undecided change does not matter where both outcomes require the same version.
    either = {next_version(old.version, severity, label) for severity in (certain, Severity.MAJOR)}
    return RequiredVersion(old, new, level, changes, either.pop() if len(either) == 1 else None)


def pair_of(old: str, new: str | None) -> tuple[Release, Release]:
    """The two releases that the command line names; of a contract, the newest version and the last released one before it."""
    if new is not None:
        return read_releases([old])[0], read_releases([new])[0]
    folder = find_documents()
    ids = [id for id in folder.contracts() if id.name == old]
    if not ids:
        raise GateInputRefused(
            f"contract {old}", expected="the name of a contract, or two documents", actual="neither", next_step="see `assay contracts list`"
        )
    released = [id for id in ids if is_released(folder, id)]
    if not released:
        raise GateInputRefused(f"contract {old}", expected="a released version", actual="drafts only")
    return of_contract(folder, released[-1]), of_contract(folder, ids[-1])
