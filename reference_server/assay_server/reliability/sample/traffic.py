"""The traffic of many tenants: of different size, by day and night, with outages."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from assay_server.reliability.store import Fact

from .journeys import COMPONENTS, Journeys, Outage, Tenant

_SLICE = timedelta(minutes=10)
_OUTAGE_SHARE = 0.05
"""How much of the traffic the failures of outages are."""

_FAILURES_OF_AN_OUTAGE = 160


@dataclass(frozen=True, slots=True)
class Traffic:
    """A plan of traffic that ends at `end`; the same plan always gives the same facts."""

    tenants: int
    events: int
    days: float
    seed: int
    end: datetime

    def facts(self) -> Iterator[Fact]:
        """Yield exactly `events` facts, roughly in order of time."""
        chance = random.Random(self.seed)  # noqa: S311 - traffic, not secrets
        tenants = people(self.tenants, chance)
        shares = [tenant.share for tenant in tenants]
        journeys = Journeys(mark(self.seed, self.end), chance)
        start = self.end - timedelta(days=self.days)
        slices = max(1, round(timedelta(days=self.days) / _SLICE))
        weights = [crowd(start + number * _SLICE) for number in range(slices)]
        outages = merge(
            *(journeys.outage(outage) for outage in self._outages(tenants, start, chance)),
            key=lambda fact: fact.event_time,
        )
        failing = next(outages, None)
        total, passed, produced = sum(weights), 0.0, 0
        for number, weight in enumerate(weights):
            passed += weight
            opens = start + number * _SLICE
            target = self.events if number == slices - 1 else int(self.events * passed / total)
            while failing is not None and failing.event_time < opens + _SLICE and produced < target:
                yield failing
                produced += 1
                failing = next(outages, None)
            while produced < target:
                tenant = chance.choices(tenants, shares)[0]
                arrives = opens + timedelta(microseconds=chance.randrange(int(_SLICE.total_seconds() * 1e6)))
                for fact in journeys.journey(tenant, min(arrives, self.end - timedelta(microseconds=1))):
                    if produced < target and fact.event_time < self.end:
                        yield fact
                        produced += 1

    def _outages(self, tenants: list[Tenant], start: datetime, chance: random.Random) -> Iterator[Outage]:
        shares = [tenant.share for tenant in tenants]
        for _ in range(round(self.events * _OUTAGE_SHARE / _FAILURES_OF_AN_OUTAGE)):
            tenant = chance.choices(tenants, shares)[0]
            opens = start + (self.end - start) * chance.random()
            closes = min(opens + timedelta(minutes=15 + chance.random() * 75), self.end)
            yield Outage(tenant.name, chance.choice(COMPONENTS), opens, closes, 1.5 + chance.random() * 3)


def people(count: int, chance: random.Random) -> list[Tenant]:
    """Return `count` tenants whose sizes follow Zipf's law."""
    return [
        Tenant(
            f"tenant-{rank:03d}",
            1 / rank,
            0.35 + chance.random() * 0.4,
            250 + chance.random() * 900,
        )
        for rank in range(1, count + 1)
    ]


def crowd(moment: datetime) -> float:
    """Return how busy the funnel is: quiet before dawn, full in the afternoon, half at weekends."""
    hour = moment.hour + moment.minute / 60
    daily = 1.0 - 0.85 * math.cos((hour - 3) / 24 * 2 * math.pi)
    return daily * (0.5 if moment.weekday() >= 5 else 1.0)


def mark(seed: int, end: datetime) -> str:
    """Return what tells the event ids of one plan from those of another."""
    return hashlib.blake2s(f"{seed} {end.isoformat()}".encode(), digest_size=4).hexdigest()
