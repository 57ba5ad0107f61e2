"""A derived number, with the answers of other operations that it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("source-pages")
@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePages(Record):
    """All pages on which another operation answers with the numbers of one source; `place` is its pointer within the rule."""

    place: str
    pages: tuple[Exchange, ...]
    complete: bool = True


@record("derivation")
@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation(Record):
    """One derived number: that of the rule at this place of `x-derived`, with these indexes for the `*` of its pointer.

    `again` is the same question asked once more after the sources: where its answer is another, the numbers changed meanwhile.
    """

    rule: int
    indexes: tuple[int, ...]
    answer: Exchange
    again: Exchange
    sources: tuple[SourcePages, ...]
