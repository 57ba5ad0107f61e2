"""A verdict of the gate written for people and for machines."""

from __future__ import annotations

from assay_gate.output.html import as_html
from assay_gate.output.machine_formats import as_github, as_json, as_junit
from assay_gate.output.markdown import as_markdown
from assay_gate.output.text import as_text
from assay_gate.verdicts import Report

__all__ = ["FORMATS", "render"]

_WRITERS = {"text": as_text, "json": as_json, "markdown": as_markdown, "html": as_html, "junit": as_junit, "github": as_github}
FORMATS = tuple(_WRITERS)


def render(report: Report, form: str) -> str:
    """The verdict in one of the known forms."""
    return _WRITERS[form](report)
