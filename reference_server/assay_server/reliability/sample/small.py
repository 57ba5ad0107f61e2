"""A small data set that has everything: what a certification needs and no more.

Two tenants with three days of traffic and one with nothing. Every channel, error class and component occurs,
failures share moments so that orders have ties to break, and the outages leave incidents that are
open, acknowledged and resolved.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from assay_server.reliability.store import FAILURES, Fact, Store
from assay_server.reliability.tenants import OTHER, PRIMARY
from assay_server.rollups import STEP, floor

from .journeys import COMPONENTS, Journeys, Outage, Tenant
from .traffic import crowd, mark

_DAYS = 3
_TENANTS = ((Tenant(PRIMARY, 1.0, 0.62, 420.0), 3600), (Tenant(OTHER, 0.7, 0.48, 760.0), 2700))
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class SmallSample:
    """The facts, and a window of whole hours that is over and in which the primary tenant has every value."""

    facts: tuple[Fact, ...]
    window: tuple[datetime, datetime]
    now: datetime


def small(seed: int, now: datetime) -> SmallSample:
    """Return the data set for a seed as it stands at `now`; the same two give the same facts."""
    chance = random.Random(seed)  # noqa: S311 - traffic, not secrets
    journeys = Journeys(mark(seed, now), chance)
    start = now - timedelta(days=_DAYS)
    facts: list[Fact] = []
    for tenant, visitors in _TENANTS:
        arrivals = 0
        while arrivals < visitors:
            arrives = start + (now - start) * chance.random()
            if chance.random() * 2 > crowd(arrives):
                continue
            arrivals += 1
            facts.extend(fact for fact in journeys.journey(tenant, arrives) if fact.event_time < now)
        for outage in _outages(tenant.name, now, chance):
            facts.extend(journeys.outage(outage))
    whole = floor(now, timedelta(hours=1))
    return SmallSample(tuple(_tied(facts)), (whole - timedelta(days=2), whole - timedelta(hours=4)), now)


async def load_small(store: Store, seed: int, now: datetime) -> SmallSample:
    """Put the data set into the store, close its buckets, find its incidents."""
    sample = small(seed, now)
    for first in range(0, len(sample.facts), _BATCH):
        await store.ingest(sample.facts[first : first + _BATCH], patient=True)
    names = tuple(tenant.name for tenant, _ in _TENANTS)
    await store.close(now, names)
    for name in names:
        await store.detect(name, now)
    return sample


def _outages(tenant: str, now: datetime, chance: random.Random) -> list[Outage]:
    step = floor(now, STEP)
    over = [
        Outage(tenant, component, begins, begins + timedelta(minutes=20 + chance.random() * 20), 3.0)
        for component in COMPONENTS
        for begins in [step - timedelta(hours=6 + chance.random() * 60)]
    ]
    lasting = Outage(tenant, "credit_check", step - 5 * STEP, now, 3.0)
    fresh = Outage(tenant, "pricing_engine", step - STEP, now, 3.0)
    return [*over, lasting, fresh]


def _tied(facts: list[Fact]) -> list[Fact]:
    """Give every fifth failure the moment of the tenant's failure before it, and all a clock that counts milliseconds, as browsers have."""
    before: dict[str, datetime] = {}
    tied: list[Fact] = []
    for number, fact in enumerate(facts):
        moment = fact.event_time
        kept = msgspec.structs.replace(fact, event_time=moment.replace(microsecond=moment.microsecond // 1000 * 1000))
        if fact.event_type in FAILURES:
            if number % 5 == 0 and fact.tenant_id in before:
                kept = msgspec.structs.replace(kept, event_time=before[fact.tenant_id])
            before[fact.tenant_id] = kept.event_time
        tied.append(kept)
    return tied
