"""Writes a run's reports beside its certificate and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay_conformance.evidence import Evidence
from assay_conformance.report.junit import junit_xml
from assay_conformance.report.page import report_page
from assay_conformance.verdicts import Outcome


def write_reports(directory: Path, outcome: Outcome, evidence: Evidence, certificate: Mapping[str, Any]) -> tuple[Path, ...]:
    """Write `report.html` and `junit.xml` into a directory that exists; gives their paths."""
    page = directory / "report.html"
    page.write_text(report_page(outcome, evidence, certificate), encoding="utf-8")
    junit = directory / "junit.xml"
    junit.write_bytes(junit_xml(outcome, evidence))
    return page, junit
