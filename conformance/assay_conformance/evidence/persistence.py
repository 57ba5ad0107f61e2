"""Something that was changed or created, and read afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("write")
@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Record):
    """A thing as it was read before, written by the operation `subject`, and read again.

    `before` is None for a thing that was created, and `after` where nothing was written or nothing says how to read it.
    """

    before: Exchange | None
    written: Exchange
    after: Exchange | None
