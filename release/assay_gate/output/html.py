"""HTML: one page without anything from elsewhere."""

from __future__ import annotations

from html import escape

from assay_gate.output.matrix import matrices
from assay_gate.output.text import opening, reasons, verdict
from assay_gate.verdicts import Report


def as_html(report: Report) -> str:
    """The verdict, the matrices, then each release with its problems."""
    parts: list[str] = []
    for matrix in matrices(report.subjects):
        head, *rows = matrix.rows
        heading = "".join(f"<th>{escape(title)}" for title in head)
        body = "".join(
            "<tr>" + "".join(f"<td class={'bad' if ', too-' in cell else 'good'}>{escape(cell)}" for cell in row) for row in rows
        )
        parts.append(f"<h2>{escape(matrix.name)}</h2><table><thead><tr>{heading}</thead><tbody>{body}</tbody></table>")
    for subject in report.subjects:
        lines = [*subject.notes, *reasons(subject), *(f"{problem.rule}: {problem.message}" for problem in subject.problems)]
        parts.append(f"<h3>{escape(opening(subject))}</h3><ul>{''.join(f'<li>{_lines(line)}' for line in lines)}</ul>")
    if report.consumers:
        parts.append(f"<h3>Consumers</h3><ul>{''.join(f'<li>{escape(str(row))}' for row in report.consumers)}</ul>")
    shared = "".join(f"<li>{escape(problem.rule)}: {_lines(problem.message)}" for check in report.checks for problem in check.problems)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>The gate</title>"
        "<style>body{font:15px system-ui;margin:2rem}td,th{padding:.3rem .6rem;text-align:left;border-bottom:1px solid #ddd}"
        ".bad{color:#b00020;font-weight:600}</style>"
        f"<h1>{escape(verdict(report))}</h1>{f'<ul>{shared}</ul>' if shared else ''}{''.join(parts)}</html>\n"
    )


def _lines(text: str) -> str:
    """Escaped text whose line breaks stay: a transcript is several lines."""
    return escape(text).replace("\n", "<br>")
