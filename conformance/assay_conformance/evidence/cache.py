"""An answer asked for again with entity tags."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("revalidation")
@dataclass(frozen=True, slots=True, kw_only=True)
class Revalidation(Record):
    """A request with `If-None-Match`.

    `first` is an earlier answer to the same request without it; `how` says which tags were sent: `same` (its own), `listed` (its own among
    others), `other` (one that no answer has), `elsewhere` (that of another query), `foreign` (that of another tenant).
    """

    how: str
    first: Exchange
    again: Exchange
