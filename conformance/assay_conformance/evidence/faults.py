"""What the operations answer before, while and after a fault is on for one of them."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("fault-run")
@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRun(Record):
    """One fault of the taxonomy switched on for the operation `subject`, then off again.

    `switched` says whether the target took the fault; `siblings` and `siblings_before` hold one exchange each of the other operations.
    """

    fault: str
    switched: bool
    before: Exchange
    during: tuple[Exchange, ...] = ()
    siblings_before: tuple[Exchange, ...] = ()
    siblings: tuple[Exchange, ...] = ()
    after: tuple[Exchange, ...] = ()
