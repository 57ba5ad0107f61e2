"""HTML: one page without anything from elsewhere."""

from __future__ import annotations

from html import escape

from assay_drift.findings import Report
from assay_drift.output.text import verdict


def as_html(report: Report) -> str:
    """The verdict and a table of findings."""
    rows = "".join(
        f"<tr class='{'drift' if report.blocks(finding) else 'note'}'><td>{finding.side.value}<td>{finding.kind.value}"
        f"<td>{escape(finding.subject)}"
        f"<td>{escape(finding.place)}<td><code>{escape(finding.name)}</code><td>{escape(finding.example)}<td>{finding.count or ''}"
        for finding in report.findings
    )
    notes = "".join(f"<li>{escape(note)}" for note in report.notes)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Drift</title>"
        "<style>body{font:15px system-ui;margin:2rem}td,th{padding:.3rem .6rem;text-align:left;vertical-align:top;"
        "border-bottom:1px solid #ddd}.drift td:first-child{color:#b00020;font-weight:600}</style>"
        f"<h1>{escape(verdict(report))}</h1><p>{escape(report.contract)} against {escape(report.source)}"
        "<table><thead><tr><th>side<th>kind<th>subject<th>place<th>name<th>seen as<th>times</thead>"
        f"<tbody>{rows}</tbody></table><ul>{notes}</ul></html>\n"
    )
