"""Answers with and without filters, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.pagination import Walk
from assay_conformance.evidence.records import Record, record


@record("list-partition")
@dataclass(frozen=True, slots=True, kw_only=True)
class ListPartition(Record):
    """A whole list, and the list of each value of one field."""

    field: str
    whole: Walk
    parts: tuple[Walk, ...]


@record("number-partition")
@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPartition(Record):
    """An answer, and the answer for each value of one field; `within` is the other field that narrows both, if any."""

    field: str
    whole: Exchange
    parts: tuple[Exchange, ...]
    within: str | None = None


@record("list-pair")
@dataclass(frozen=True, slots=True, kw_only=True)
class ListPair(Record):
    """The lists of two filters, alone and together."""

    first: Walk
    second: Walk
    both: Walk


@record("number-pair")
@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPair(Record):
    """The answers of two filters, alone and together."""

    first: Exchange
    second: Exchange
    both: Exchange
