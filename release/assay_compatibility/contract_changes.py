"""The changes between two versions of a contract, HTTP and feed together, as the site shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from assay_contracts import Contract
from assay_contracts.site.changes import Change

from assay_compatibility.classes import Severity
from assay_compatibility.comparing import compare
from assay_compatibility.documents import as_document
from assay_compatibility.findings import Finding


def contract_changes(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Every change between two versions, worst first and then by pointer; a document that only one of them has is one change."""
    changes = [*_document_changes("HTTP", old.openapi, new.openapi), *_document_changes("feed", old.asyncapi, new.asyncapi)]
    ranks = {severity.value: severity.rank for severity in Severity}
    return tuple(sorted(changes, key=lambda change: -ranks[change.level]))


def _document_changes(kind: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> Iterator[Change]:
    if old and new:
        yield from map(_change, compare(as_document(old), as_document(new)).findings)
    elif old:
        yield Change("document-removed", Severity.MAJOR.value, "both", "", f"The {kind} document was removed.")
    elif new:
        yield Change("document-added", Severity.MINOR.value, "both", "", f"A {kind} document was added.")


def _change(finding: Finding) -> Change:
    return Change(
        rule=finding.rule,
        level=finding.level.value,
        direction=finding.direction,
        pointer=finding.pointer or "/",
        sentence=finding.sentence,
        reaches=finding.reaches,
        before=_line(finding.before),
        after=_line(finding.after),
        witness=_line(finding.witness) if finding.has_witness else "",
        policy=finding.policy or "",
    )


def _line(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
