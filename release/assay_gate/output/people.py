"""Text, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from assay_compatibility.classes import Class

from assay_gate.output.matrix import matrices
from assay_gate.verdicts import Report, Subject

_SHOWN = 20


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
        lines += [_opening(subject), *(f"  note: {each}" for each in subject.notes)]
        lines += [f"  {each}" for each in _reasons(subject)]
        lines += [f"  ignored: {each.change.finding.rule} {each.change.finding.pointer}: {each.entry.reason} ({each.entry.owner}, "
                  f"until {each.entry.expires})" for each in subject.ignored]  # fmt: skip
        for check in subject.checks:
            lines += [f"  FAIL {each.rule}: {each.message}" for each in check.problems]
    for check in report.checks:
        lines += [f"FAIL {each.rule}: {each.message}" for each in check.problems]
    lines.append(_verdict(report))
    return "\n".join(lines) + "\n"


def _opening(subject: Subject) -> str:
    head = f"{subject.label} ({subject.status})"
    base = subject.base
    if base is None:
        return head
    return f"{head}: {base.level.value} since {base.old}; owed {base.judgement.owed}, declared {subject.version}"


def _reasons(subject: Subject) -> Iterator[str]:
    """What makes the bump: the changes of the weightiest classes."""
    heavy = [each for each in subject.changes if each.finding.level in (Class.MAJOR, Class.UNDECIDED, Class.MINOR)]
    for each in heavy[:_SHOWN]:
        finding = each.finding
        yield f"{finding.level.value:9} {finding.rule}  {finding.pointer or '/'}  ({each.part})"
    if len(heavy) > _SHOWN:
        yield f"… and {len(heavy) - _SHOWN} more; see --format json"


def _verdict(report: Report) -> str:
    found = len(report.problems)
    return "The gate passes." if not found else f"The gate does not pass: {found} problem{'s' * (found != 1)}."


def as_markdown(report: Report) -> str:
    """The same, to be pasted into a summary of a pipeline."""
    lines = [f"**{_verdict(report)}**", ""]
    for matrix in matrices(report.subjects):
        head, *rows = matrix.rows
        lines += [f"### {_cell(matrix.name)}", "", _row(head), "|" + "---|" * len(head), *map(_row, rows), ""]
    if report.problems:
        lines += ["| release | rule | what |", "|---|---|---|"]
        lines += [_row([subject or "all", f"`{each.rule}`", each.message]) for subject, each in report.problems] + [""]
    for subject in report.subjects:
        lines += [f"- {_cell(_opening(subject))}", *(f"  - {_cell(each)}" for each in (*subject.notes, *_reasons(subject)))]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")


def as_html(report: Report) -> str:
    """One page without anything from elsewhere."""
    parts: list[str] = []
    for matrix in matrices(report.subjects):
        head, *rows = matrix.rows
        heading = "".join(f"<th>{escape(each)}" for each in head)
        body = "".join(
            "<tr>" + "".join(f"<td class={'bad' if ', too-' in each else 'good'}>{escape(each)}" for each in row) for row in rows
        )
        parts.append(f"<h2>{escape(matrix.name)}</h2><table><thead><tr>{heading}</thead><tbody>{body}</tbody></table>")
    for subject in report.subjects:
        said = [*subject.notes, *_reasons(subject), *(f"{each.rule}: {each.message}" for each in subject.problems)]
        parts.append(f"<h3>{escape(_opening(subject))}</h3><ul>{''.join(f'<li>{escape(each)}' for each in said)}</ul>")
    shared = "".join(f"<li>{escape(each.rule)}: {escape(each.message)}" for check in report.checks for each in check.problems)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>The gate</title>"
        "<style>body{font:15px system-ui;margin:2rem}td,th{padding:.3rem .6rem;text-align:left;border-bottom:1px solid #ddd}"
        ".bad{color:#b00020;font-weight:600}</style>"
        f"<h1>{escape(_verdict(report))}</h1>{f'<ul>{shared}</ul>' if shared else ''}{''.join(parts)}</html>\n"
    )
