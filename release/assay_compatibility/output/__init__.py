"""A comparison written for people and for machines."""

from __future__ import annotations

from assay_compatibility.findings import Comparison
from assay_compatibility.output.html import as_html
from assay_compatibility.output.machine_formats import as_github, as_json, as_junit, as_sarif
from assay_compatibility.output.markdown import as_markdown
from assay_compatibility.output.text import as_text

__all__ = ["render"]

_WRITERS = {
    "text": as_text, "json": as_json, "markdown": as_markdown, "html": as_html, "sarif": as_sarif, "junit": as_junit, "github": as_github,
}  # fmt: skip


def render(comparison: Comparison, form: str) -> str:
    """The comparison in one of the known forms."""
    return _WRITERS[form](comparison)
