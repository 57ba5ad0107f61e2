"""What a list read page by page leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("walk")
@dataclass(frozen=True, slots=True, kw_only=True)
class Walk(Record):
    """The pages of one list in the order in which they were read, each by the cursor of the one before.

    `size`, `sort` and `filter` are as asked for, None and empty where they were left out; `tenant` is the role whose list it is; `added`
    is how many items the target was made to add meanwhile; `complete` is false when the driver gave up before the last page.
    """

    pages: tuple[Exchange, ...]
    tenant: str = "primary"
    size: int | None = None
    sort: str | None = None
    filter: tuple[tuple[str, str], ...] = ()
    added: int = 0
    complete: bool = True


@record("same-page")
@dataclass(frozen=True, slots=True, kw_only=True)
class SamePage(Record):
    """One page asked for twice with the same cursor, while nothing was added."""

    first: Exchange
    again: Exchange
