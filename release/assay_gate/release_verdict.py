"""One release judged against every kept one: the version it declares, what it removed, and what is undecided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay_compatibility.bumps import Fit, Judgement, judge
from assay_compatibility.classes import Severity, worst
from assay_compatibility.policies import POLICIES, Policy

from assay_gate.changes import Change, Changes, changes_between
from assay_gate.deprecations import undeprecated_removals
from assay_gate.ignores import Ignore
from assay_gate.places import change_place, pointer_place, version_place
from assay_gate.releases import Release
from assay_gate.verdicts import Cell, Check, Ignored, Problem, Subject

REMOVED = "removed-without-deprecation"


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings of the gate.

    `axis` is `auto`, `both`, `wire` or `source`; `undecided` is `fail`, `major` or `ignore`. `deprecated_for` is the number of releases
    between a deprecation and a removal. `trusted` are ids of keys, one of which must have signed each certificate; none asks for no
    signature.
    """

    now: dt.datetime
    axis: str = "auto"
    undecided: str = "fail"
    deprecated_for: int = 2
    exact: bool = False
    policies: Mapping[str, Policy] = field(default_factory=lambda: POLICIES)
    trusted: tuple[str, ...] = ()


@dataclass(slots=True)
class Ledger:
    """The ignore entries, and which of them were needed."""

    entries: tuple[Ignore, ...]
    today: dt.date
    needed: set[Ignore] = field(default_factory=set[Ignore])

    def entry_for(self, label: str, rule: str, pointer: str) -> Ignore | None:
        """The valid entry that names a change, every fitting one being marked as needed."""
        fitting = [entry for entry in self.entries if entry.covers(label, rule, pointer)]
        self.needed.update(fitting)
        return next((entry for entry in fitting if entry.expires >= self.today), None)

    def check(self, labels: Sequence[str], *, all_contracts: bool = False, any_contract: bool = False) -> Check:
        """The entries that have expired or that nothing needs.

        An entry that names a contract counts when that contract is judged, or when all are; one that names none when all
        are, or when what is judged bears no name that entries could speak of.
        """
        problems: list[Problem] = []
        for entry in self.entries:
            if entry.expires < self.today:
                what = (
                    f"{entry.where}: the entry for {entry.rule} at {entry.pointer} expired on {entry.expires}: renew it, or fix the change"
                )
                problems.append(Problem("ignore-expired", what, entry.pointer, entry.place))
            elif entry not in self.needed and (
                all_contracts or (any(entry.about(label) for label in labels) if entry.contract else any_contract)
            ):
                what = f"{entry.where}: no change needs the entry for {entry.rule} at {entry.pointer}: remove it"
                problems.append(Problem("ignore-stale", what, entry.pointer, entry.place))
        return Check("ignores", tuple(problems))


def judge_release(new: Release, kept: Sequence[Release], terms: Terms, ledger: Ledger, more: Sequence[Check] = ()) -> Subject:
    """The verdict on a release; `kept` are the other versions, and `more` what else was checked of it."""
    olds = sorted((release for release in kept if release.version <= new.version), key=lambda release: release.version)
    if not olds and kept and not new.released and not new.draft:
        # It declares a version before all that are out, which is too small after the first of them.
        olds = [min(kept, key=lambda release: release.version)]
    notes: list[str] = []
    if new.draft:
        notes.append("a draft: compared with the kept versions, needs no certificate")
    if not olds:
        notes.append("the first version: nothing to compare it with")
    cells: list[Cell] = []
    listed, ignored = list[Change](), list[Ignored]()
    version, undecided = list[Problem](), list[Problem]()
    base = _base(olds)
    for old in olds:
        changes = changes_between(old, new, terms.axis, terms.policies)
        left, let = _ignored(new.label, changes, ledger)
        cell, problems = _weighed(old, new, left, terms, is_base=old is base)
        cells.append(cell)
        version += problems
        if old is olds[-1]:
            listed, ignored = left, let
            notes += changes.notes
            undecided += _undecided(old, new, left, terms)
    checks = [Check("version", tuple(version)), Check("undecided", tuple(undecided)), _deprecation(new, olds, terms, ledger, notes)]
    status = "draft" if new.draft else "released" if new.released else "declared"
    return Subject(new.name, str(new.version), status, (*checks, *more), tuple(cells), tuple(listed), tuple(ignored), tuple(notes))


def _base(olds: Sequence[Release]) -> Release | None:
    """The version whose successor this is: the last release, or the last pre-release where there is no release."""
    return next((old for old in reversed(olds) if not old.version.pre), olds[-1] if olds else None)


def _ignored(label: str, changes: Changes, ledger: Ledger) -> tuple[list[Change], list[Ignored]]:
    left: list[Change] = []
    let: list[Ignored] = []
    for change in changes.changes:
        # Only what asks for something is worth an entry.
        heavy = change.finding.level in (Severity.MINOR, Severity.MAJOR, Severity.UNDECIDED)
        entry = ledger.entry_for(label, change.finding.rule, change.finding.pointer) if heavy else None
        if entry is None:
            left.append(change)
        else:
            let.append(Ignored(change, entry))
    return left, let


def _weighed(old: Release, new: Release, left: Sequence[Change], terms: Terms, *, is_base: bool) -> tuple[Cell, list[Problem]]:
    level = _level(left, terms)
    found = judge(old.version, new.version, level, exact=terms.exact and is_base)
    if found.fit is Fit.TOO_SMALL and level is Severity.UNDECIDED:
        # An undecided change is a problem of its own; here only what is certain counts.
        certain = worst(change.finding.level for change in left if change.finding.level is not Severity.UNDECIDED)
        found = Judgement(judge(old.version, new.version, certain, exact=terms.exact and is_base).fit, found.required, found.reason)
    wrong = found.fit is Fit.TOO_SMALL or (found.fit is Fit.TOO_LARGE and is_base)
    cell = Cell(str(old.version), level, found, not wrong)
    if not wrong:
        return cell, []
    if new.version == old.version:
        what = (
            f"{old.label} is released, and the document that declares {new.version} differs from it ({level.value}); "
            f"required is {found.required}"
        )
        return cell, [Problem("released-version-changed", what, place=version_place(new))]
    rule = f"version-{found.fit.value}"
    message = f"{new.version} after {old.version} ({level.value}): {found.reason}; required is {found.required}"
    return cell, [Problem(rule, message, place=version_place(new))]


def _level(left: Sequence[Change], terms: Terms) -> Severity:
    levels = [change.finding.level for change in left]
    if terms.undecided == "ignore":
        levels = [level for level in levels if level is not Severity.UNDECIDED]
    level = worst(levels)
    return Severity.MAJOR if level is Severity.UNDECIDED and terms.undecided == "major" else level


def _undecided(old: Release, new: Release, left: Sequence[Change], terms: Terms) -> list[Problem]:
    """What could not be decided, as long as it could require another version."""
    if terms.undecided != "fail" or _level(left, terms) is not Severity.UNDECIDED:
        return []
    certain = worst(change.finding.level for change in left if change.finding.level is not Severity.UNDECIDED)
    fits = {judge(old.version, new.version, level, exact=terms.exact).fit for level in (certain, Severity.MAJOR)}
    if fits == {Fit.FITS}:
        return []
    return [
        Problem(
            "undecided-change",
            f"{change.finding.rule} at {change.finding.pointer or '/'}: whether it breaks anyone cannot be decided"
            + (f" ({change.finding.after})" if change.part == "client" and change.finding.after else ""),
            change.finding.pointer,
            change_place(new, change),
        )
        for change in left
        if change.finding.level is Severity.UNDECIDED
    ]


def _deprecation(new: Release, olds: Sequence[Release], terms: Terms, ledger: Ledger, notes: list[str]) -> Check:
    """What was removed since the last release and not deprecated before: before 1.0.0 and in drafts nothing was promised."""
    before = [old for old in reversed(olds) if old.released and not old.draft and not old.version.pre and old.version < new.version]
    if not before or terms.deprecated_for == 0:
        return Check("deprecation")
    if before[0].version.major == 0:
        notes.append("deprecation not judged: before 1.0.0 anything may go")
        return Check("deprecation")
    changes = changes_between(before[0], new, "wire", terms.policies).changes
    problems = [
        Problem(REMOVED, removal.sentence, removal.pointer, pointer_place(new, removal.part, removal.pointer))
        for removal in undeprecated_removals(changes, before, terms.deprecated_for)
        if ledger.entry_for(new.label, REMOVED, removal.pointer) is None
    ]
    return Check("deprecation", tuple(problems))
