"""Answers about spans of time, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("split")
@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Record):
    """One window, and adjacent windows that together are it, in order."""

    whole: Exchange
    parts: tuple[Exchange, ...]


@record("hunt")
@dataclass(frozen=True, slots=True, kw_only=True)
class Hunt(Record):
    """A window halved again and again, always into the half with facts, down to the shortest window that can be asked for.

    `halvings` are those steps; `around` are the windows just before, of and just after the last one.
    """

    halvings: tuple[Split, ...]
    around: tuple[Exchange, ...] = ()


@record("twice")
@dataclass(frozen=True, slots=True, kw_only=True)
class Twice(Record):
    """The same settled window asked for twice."""

    first: Exchange
    again: Exchange


@record("series")
@dataclass(frozen=True, slots=True, kw_only=True)
class Series(Record):
    """An answer with a series, and some of its buckets asked for as windows of their own."""

    step: str
    answer: Exchange
    buckets: tuple[Exchange, ...] = ()


@record("late-facts")
@dataclass(frozen=True, slots=True, kw_only=True)
class LateFacts(Record):
    """A settled window before and after the target was made to take `added` late facts for it."""

    added: int
    before: Exchange
    after: Exchange
