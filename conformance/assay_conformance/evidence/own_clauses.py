"""The responses that a contract's own clause is judged by."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("clause-responses")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseResponses(Record):
    """What a clause of `x-clauses` asks for, twice: `again` has the same requests once more, in the same order as `names`.

    `tenants` are the names of the target's tenants by role.
    """

    clause: str
    names: tuple[str, ...]
    first: tuple[Exchange, ...]
    again: tuple[Exchange, ...]
    tenants: tuple[tuple[str, str], ...] = ()
