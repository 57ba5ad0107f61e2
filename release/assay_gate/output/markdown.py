"""Markdown, to be pasted into a summary of a pipeline."""

from __future__ import annotations

from assay_gate.output.matrix import matrices
from assay_gate.output.text import opening, reasons, verdict
from assay_gate.verdicts import Report


def as_markdown(report: Report) -> str:
    """The matrices and the problems as tables, then a list of releases."""
    lines = [f"**{verdict(report)}**", ""]
    for matrix in matrices(report.subjects):
        head, *rows = matrix.rows
        lines += [f"### {_cell(matrix.name)}", "", _row(head), "|" + "---|" * len(head), *map(_row, rows), ""]
    if report.problems:
        lines += ["| release | rule | what |", "|---|---|---|"]
        lines += [_row([subject or "all", f"`{problem.rule}`", problem.message]) for subject, problem in report.problems] + [""]
    for subject in report.subjects:
        lines += [f"- {_cell(opening(subject))}", *(f"  - {_cell(note)}" for note in (*subject.notes, *reasons(subject)))]
    lines += [f"- consumer {_cell(str(row))}" for row in report.consumers]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
