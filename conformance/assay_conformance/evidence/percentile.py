"""Values that an operation received, and a percentile before and after."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("sent-values")
@dataclass(frozen=True, slots=True, kw_only=True)
class SentValues(Record):
    """Requests with values for the percentile of the rule at this place of `x-percentile`, and the response before and after them."""

    rule: int
    before: Exchange
    accepted: tuple[Exchange, ...]
    after: Exchange
