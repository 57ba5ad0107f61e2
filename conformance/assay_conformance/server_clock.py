"""What the clock of the server showed when a request was sent and when its response had come.

The kit's clock may differ from it by a constant, which the `Date` of the responses tells. A single `Date` can lag while a server is busy,
so a time is judged by the response's own and by that of the whole run.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from assay_conformance.evidence import Evidence, Exchange
from assay_conformance.exchange_views import date_of

SECOND = 1_000_000
STANDING_SECONDS = 3.0
"""So long after a response another one has another `Date`, or the server's `Date` does not come from a clock."""


@dataclass(frozen=True, slots=True)
class ServerClock:
    """The microseconds since 1970 that the server's clock showed when the run began; None where no response has a usable `Date`."""

    offset: int | None

    def latest(self, exchange: Exchange) -> int | None:
        """The latest that the server's clock may have shown when a response had come. `Date` has whole seconds."""
        date = date_of(exchange.answer)
        if self.offset is None:
            return None
        by_run = self.offset + came(exchange)
        return (by_run if date is None else max(date, by_run)) + SECOND

    def earliest(self, exchange: Exchange) -> int | None:
        """The earliest that the server's clock may have shown when a request was sent."""
        date = date_of(exchange.answer)
        if self.offset is None:
            return None
        by_run = self.offset + sent(exchange)
        return by_run if date is None else min(date - round(exchange.elapsed * SECOND), by_run)


def clock_of(evidence: Evidence) -> ServerClock:
    """The clock by all dates of a run. Dates that stand while the kit's clock moves on are none."""
    dated = [(item, date) for item in evidence.of(Exchange) if (date := date_of(item.answer)) is not None]
    if not dated:
        return ServerClock(None)
    first, last = min(dated, key=lambda pair: pair[0].sent), max(dated, key=lambda pair: pair[0].sent)
    if sent(last[0]) - came(first[0]) > STANDING_SECONDS * SECOND and len({date for _, date in dated}) == 1:
        return ServerClock(None)
    return ServerClock(round(statistics.median(date - came(item) for item, date in dated)))


def sent(exchange: Exchange) -> int:
    """When a request was sent, in microseconds since the run began, by the kit's clock."""
    return round(exchange.sent * SECOND)


def came(exchange: Exchange) -> int:
    """When its response had come."""
    return round((exchange.sent + exchange.elapsed) * SECOND)
