"""Requests that were refused because there were too many, and what came of the same ones later or of somebody else's."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("limited-request")
@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedRequest(Record):
    """A request that was refused for too many requests, and the same after the time that the refusal named, in seconds."""

    refused: Exchange
    after: Exchange
    waited: float


@record("quota-pair")
@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaPair(Record):
    """What the requests of one subject do to the quota of another: `own` are those of the one, between two of the other.

    `limited` is whether those of the one were refused by a fault that concerns it alone.
    """

    own: tuple[Exchange, ...]
    before: Exchange
    after: Exchange
    limited: bool
