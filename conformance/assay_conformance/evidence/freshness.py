"""Facts that were accepted, and what one question was answered before and after."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("fresh-facts")
@dataclass(frozen=True, slots=True, kw_only=True)
class FreshFacts(Record):
    """Facts that another operation accepted between `before` and `after`, the answers to one question in their order."""

    accepted: tuple[Exchange, ...]
    before: Exchange
    after: tuple[Exchange, ...]
