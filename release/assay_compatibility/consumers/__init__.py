"""What one consumer uses of an API, and which changes concern it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from assay_contracts import UsageError

from assay_compatibility.consumers.calls import read_recording
from assay_compatibility.consumers.client_folder import folder_usage
from assay_compatibility.consumers.concerns import uses_of
from assay_compatibility.consumers.recorded_usage import recorded_usage
from assay_compatibility.consumers.usage import Usage, unnamed
from assay_compatibility.findings import Comparison, Consumer
from assay_compatibility.places import ApiDocument

__all__ = ["for_consumer", "read_usage", "unnamed", "uses_of"]


def read_usage(source: Path, document: ApiDocument) -> Usage:
    """What a HAR file, an evidence file or a generated client's folder uses of a document.

    Raises `UsageError` when the source cannot be read, or uses nothing of the document.
    """
    usage = folder_usage(document, source) if source.is_dir() else recorded_usage(document, read_recording(source))
    if not usage.operations:
        document_name = document.source or "the old document"
        raise UsageError(
            f"{source}: expected calls of {document_name}, got {usage.elsewhere} that lead to none of its operations; "
            "compare the URLs with its servers and paths"
        )
    return usage


def for_consumer(comparison: Comparison, source: str, old: ApiDocument, usage: Usage) -> Comparison:
    """The comparison as one consumer meets it: findings that concern it first, worst and most used ahead, the others after them."""
    counted = [replace(finding, uses=uses_of(finding, old, usage)) for finding in comparison.findings]
    counted.sort(key=lambda finding: (not finding.uses, -finding.level.rank, -(finding.uses or 0)))
    consumer = Consumer(source, dict(sorted(usage.operations.items())), usage.elsewhere)
    return replace(comparison, findings=tuple(counted), consumer=consumer)
