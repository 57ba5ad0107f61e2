"""Requests that share an idempotency key."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("keyed-pair")
@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedPair(Record):
    """Two requests with one key, one after the other.

    `how` says in what the second differs: `same` in nothing, `rewritten` in the bytes of an equal JSON value, `another-body`,
    `other-subject` (with a body of its own), `other-operation`, `after-refusal` (the first one had a wrong body). In `items-again` the
    same items were sent under another key.
    """

    how: str
    first: Exchange
    again: Exchange


@record("keyed-race")
@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRace(Record):
    """The same request with the same key, several times at once; `again` is the same once more when all were answered."""

    attempts: tuple[Exchange, ...]
    again: Exchange


@record("reading-round")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRound(Record):
    """The same reading requests, asked once each; `replayed` is whether a request was repeated with its key since the round before."""

    replayed: bool
    reads: tuple[Exchange, ...]


@record("replay-readings")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReadings(Record):
    """What could be read before and after a request was repeated with its key."""

    first: Exchange
    rounds: tuple[ReadingRound, ...]
