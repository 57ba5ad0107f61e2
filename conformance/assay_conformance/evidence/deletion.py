"""Something that was read, deleted, and read again."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("deletion")
@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion(Record):
    """A thing of the run's own: read, deleted by the operation `subject`, and read again."""

    before: Exchange
    deleted: Exchange
    after: Exchange
