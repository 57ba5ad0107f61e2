"""Schema versions asked for by a client."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("version-ask")
@dataclass(frozen=True, slots=True, kw_only=True)
class VersionAsk(Record):
    """A request that asks for a schema version; `served` says whether the contract has it."""

    version: str
    served: bool
    exchange: Exchange
