"""Which version bump a change requires, and whether a declared version is that bump: not less, and not more.

From 1.0.0 on: breaking requires major, additive minor, anything else patch. Before 1.0.0: breaking requires minor, anything else
patch; 1.0.0 itself is always allowed. A pre-release promises nothing, so any change may follow it up to its own release. A
declared pre-release must reach far enough for what changed so far; it may reach further, since its release is still to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from assay_compatibility.classes import Severity
from assay_compatibility.versions import Bump, Version

_REQUIRED = {
    Severity.NONE: Bump.NONE,
    Severity.PATCH: Bump.PATCH,
    Severity.MINOR: Bump.MINOR,
    Severity.MAJOR: Bump.MAJOR,
    Severity.UNDECIDED: Bump.MAJOR,
}


class Fit(Enum):
    """How a declared version compares with the required one."""

    FITS = "fits"
    TOO_SMALL = "too-small"
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a declared version fits, the version required, and why."""

    fit: Fit
    required: Version
    reason: str


def required_bump(old: Version, level: Severity) -> Bump:
    """The smallest bump that changes of this class require after a version."""
    bump = _REQUIRED[level]
    if old.major == 0 and bump is not Bump.NONE:
        return Bump.MINOR if bump is Bump.MAJOR else Bump.PATCH
    return bump


def next_version(old: Version, level: Severity, label: str | None = None) -> Version:
    """The version that changes of this class require after a version; as a pre-release when a label is given."""
    if level is Severity.NONE:
        return old
    core = old.core if old.pre else old.bumped(required_bump(old, level))
    if label is None:
        return core
    if old.pre[:1] == (label,) and old.core == core:
        number = int(old.pre[1]) if len(old.pre) > 1 and old.pre[1].isdigit() else 0
        return Version(core.major, core.minor, core.patch, (label, str(number + 1)))
    return Version(core.major, core.minor, core.patch, (label, "1"))


def judge(old: Version, declared: Version, level: Severity, *, exact: bool = False) -> Judgement:
    """Whether a declared version fits changes of a class since an older version."""
    required = next_version(old, level)
    if declared == old:
        if level is Severity.NONE:
            return Judgement(Fit.FITS, required, "nothing changed")
        return Judgement(Fit.TOO_SMALL, required, f"{old} is taken, and what it names changed")
    if declared < old:
        return Judgement(Fit.TOO_SMALL, required, f"{declared} comes before {old}")
    if old.pre and declared.core == old.core:
        return Judgement(Fit.FITS, required, "a pre-release promises nothing, so any change may follow it")
    step, bump = old.step_to(declared), required_bump(old, level)
    if old.major == 0 and declared.core == Version(1, 0, 0):
        return Judgement(Fit.FITS, required, "1.0.0 may come after any 0.x version")
    if step.rank < bump.rank and not old.pre:
        return Judgement(Fit.TOO_SMALL, required, f"a {bump.value} bump is required, {declared} is a {step.value} bump")
    if step.rank > max(bump.rank, Bump.PATCH.rank):
        if declared.pre:
            return Judgement(Fit.FITS, required, f"{required} would do; a pre-release may reach further than what changed so far")
        return Judgement(Fit.TOO_LARGE, required, f"{required} would do, {declared} is a {step.value} bump")
    first = old.core.bumped(step)
    if declared.core != first:
        if exact:
            return Judgement(Fit.TOO_LARGE, required, f"{declared} leaves out {first}")
        return Judgement(Fit.FITS, required, f"{declared} leaves out {first}")
    return Judgement(Fit.FITS, required, "declared as required" if declared.core == required else "no smaller version is free")
