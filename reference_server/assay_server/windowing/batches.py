"""A batch of events as it arrives: each is checked by itself, and what is accepted is a fact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assay_contracts.json_types import is_mapping

from assay_server.windowing.events import EventRejected, NostrEvent, parse_event
from assay_server.windowing.facts import Fact, fact_of
from assay_server.windowing.rejections import reject

ALL_SATOSHI = 21_000_000 * 10**8
"""There will never be more; an invoice over more cannot be paid."""
_LONGEST_ID = 256


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that is not accepted: its place in the batch, why, and its id where that could be read."""

    index: int
    error: EventRejected
    id: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """The facts of a batch, each with the relay of its event, and what was rejected."""

    facts: tuple[tuple[Fact, str | None], ...]
    rejected: tuple[Rejected, ...]


def check_batch(values: Sequence[Any], now: int, *, fits: Callable[[Any], bool], verify: Callable[[NostrEvent], bool]) -> Checked:
    """Check every event; `fits` says whether a value is a Nostr event of the contract, `now` is in seconds since 1970."""
    facts: list[tuple[Fact, str | None]] = []
    rejected: list[Rejected] = []
    for index, value in enumerate(values):
        try:
            fact = _fact(value, now, fits, verify)
        except EventRejected as error:
            rejected.append(Rejected(index, error, _id(value)))
        else:
            relay = value.get("relay")
            facts.append((fact, relay.replace("\0", "") if isinstance(relay, str) else None))
    return Checked(tuple(facts), tuple(rejected))


def _fact(value: Any, now: int, fits: Callable[[Any], bool], verify: Callable[[NostrEvent], bool]) -> Fact:
    event = parse_event(value, fits)
    reject(event, now, verify)
    fact = fact_of(event)
    if fact.satoshi > ALL_SATOSHI:
        raise EventRejected("INVALID_EVENT", "the invoice is over more than all bitcoin")
    return fact


def _id(value: Any) -> str | None:
    id = value.get("id") if is_mapping(value) else None
    return id[:_LONGEST_ID] if isinstance(id, str) else None
