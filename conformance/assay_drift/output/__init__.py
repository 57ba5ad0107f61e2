"""What drifted, written for people and for machines."""

from __future__ import annotations

from assay_drift.findings import Report
from assay_drift.output.html import as_html
from assay_drift.output.machine_formats import as_github, as_json, as_junit
from assay_drift.output.text import as_text

__all__ = ["FORMATS", "render"]

_WRITERS = {"text": as_text, "json": as_json, "junit": as_junit, "github": as_github, "html": as_html}
FORMATS = tuple(_WRITERS)


def render(report: Report, form: str) -> str:
    """The report in one of the known forms."""
    return _WRITERS[form](report)
