"""Two states of one stream, with the changes between them."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("resync")
@dataclass(frozen=True, slots=True, kw_only=True)
class Resync(Record):
    """An earlier state, and a later one asked for with the changes after it.

    `made` is how many changes the target was made to take between the two.
    """

    made: int
    earlier: Exchange
    later: Exchange
