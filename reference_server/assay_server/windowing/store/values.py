"""What the store is asked and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from assay_server.windowing.cards import Cards
from assay_server.windowing.drilldowns import Entry, Metric
from assay_server.windowing.freshness import Freshness
from assay_server.windowing.spans import Window


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch."""

    accepted: int
    duplicate: int


@dataclass(frozen=True, slots=True)
class Question:
    """A window of one target, by name or by its edges, as of a time of arrival (None: now)."""

    target: str
    interval: str | None = None
    start: int | None = None
    end: int | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts: after the entry with this value and key, in the order of the sort."""

    value: int
    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """Which entries of a drill-down are wanted."""

    metric: Metric
    sort: str
    limit: int
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """How an answer came about; `coarser` is why a part of it is answered from longer buckets than were asked for."""

    window: Window
    freshness: Freshness
    coarser: Literal["edge-resolution", "retention"] | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of a window, its steps, and the first entries of each drill-down that was asked for."""

    answered: Answered
    cards: Cards
    timeline: tuple[tuple[int, Cards], ...]
    drilldowns: Mapping[Metric, tuple[Entry, ...]] = field(default_factory=dict[Metric, tuple[Entry, ...]])


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of entries."""

    answered: Answered
    entries: tuple[Entry, ...]
    has_more: bool
