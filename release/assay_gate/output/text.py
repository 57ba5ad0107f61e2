"""Text: the matrices, what is wrong with each release, and the verdict last."""

from __future__ import annotations

from collections.abc import Iterator

from assay_compatibility.classes import Severity

from assay_gate.output.matrix import matrices
from assay_gate.verdicts import Report, Subject

_MOST_PRINTED = 20


def as_text(report: Report) -> str:
    """The matrices, then each release with what is wrong with it, and the verdict last."""
    lines: list[str] = []
    for matrix in matrices(report.subjects):
        width = [max(len(cell) for cell in column) for column in zip(*matrix.rows, strict=True)]
        lines += [
            matrix.name,
            *("  " + "  ".join(cell.ljust(width[at]) for at, cell in enumerate(row)).rstrip() for row in matrix.rows),
            "",
        ]
    for subject in report.subjects:
        lines += [opening(subject), *(f"  note: {_indented(note)}" for note in subject.notes)]
        lines += [f"  {reason}" for reason in reasons(subject)]
        lines += [
            f"  ignored: {ignored.change.finding.rule} {ignored.change.finding.pointer}: {ignored.entry.reason} "
            f"({ignored.entry.owner}, until {ignored.entry.expires})"
            for ignored in subject.ignored
        ]
        for check in subject.checks:
            lines += [f"  FAIL {problem.rule}: {_indented(problem.message)}" for problem in check.problems]
    for check in report.checks:
        lines += [f"FAIL {problem.rule}: {problem.message}" for problem in check.problems]
    lines += [f"consumer {row}" for row in report.consumers]
    lines.append(verdict(report))
    return "\n".join(lines) + "\n"


def _indented(text: str) -> str:
    """Text of several lines below the first of them."""
    return text.replace("\n", "\n    ")


def opening(subject: Subject) -> str:
    """A release, and the version bump that its changes require."""
    head = f"{subject.label} ({subject.status})"
    base = subject.base
    if base is None:
        return head
    return f"{head}: {base.level.value} since {base.old}; required {base.judgement.required}, declared {subject.version}"


def reasons(subject: Subject) -> Iterator[str]:
    """What makes the bump: the changes of the weightiest classes."""
    heavy = [change for change in subject.changes if change.finding.level in (Severity.MAJOR, Severity.UNDECIDED, Severity.MINOR)]
    for change in heavy[:_MOST_PRINTED]:
        finding = change.finding
        yield f"{finding.level.value:9} {finding.rule}  {finding.pointer or '/'}  ({change.part})"
    if len(heavy) > _MOST_PRINTED:
        yield f"… and {len(heavy) - _MOST_PRINTED} more; see --format json"


def verdict(report: Report) -> str:
    """The verdict in one sentence."""
    count = len(report.problems)
    return "The gate passes." if not count else f"The gate does not pass: {count} problem{'s' * (count != 1)}."
