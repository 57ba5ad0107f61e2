"""The traffic is the same for the same seed, and the small sample has everything."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

import pytest
from assay_server.reliability.sample import EMPTY, OTHER, PRIMARY, Traffic, load_small, small
from assay_server.reliability.sample.journeys import CHANNELS, COMPONENTS, ERROR_CLASSES
from assay_server.reliability.sample.small import SmallSample
from assay_server.reliability.store import FAILURES, FunnelQuery, Store

NOW = datetime(2026, 11, 18, 12, 34, 56, tzinfo=UTC)
SEEDS = range(20)


@lru_cache(maxsize=len(SEEDS))
def sample_of(seed: int) -> SmallSample:
    """The small sample of a seed, generated once for all tests that read it."""
    return small(seed, NOW)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tenant", [PRIMARY, OTHER])
def test_the_small_sample_has_every_value(seed: int, tenant: str) -> None:
    """Whatever the seed: each channel, error class and component, failures by the hundred, ties among them."""
    facts = [fact for fact in sample_of(seed).facts if fact.tenant_id == tenant]
    failures = [fact for fact in facts if fact.event_type in FAILURES]
    moments = Counter(fact.event_time for fact in failures)

    assert set(CHANNELS) == {fact.channel for fact in facts if fact.event_type == "lead_submitted"}
    assert set(ERROR_CLASSES) == {fact.error_class for fact in failures}
    assert set(COMPONENTS) == {fact.component for fact in failures}
    assert 8_000 <= len(facts) <= 20_000
    assert len(failures) > 400
    assert sum(count > 1 for count in moments.values()) > 50
    assert all(fact.event_time < NOW for fact in facts)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_window_of_the_small_sample_has_every_value(seed: int) -> None:
    """In the settled window the primary tenant has submissions of each channel and each error class."""
    sample = sample_of(seed)
    start, end = sample.window
    submitted = [
        fact
        for fact in sample.facts
        if fact.tenant_id == PRIMARY and fact.event_type == "lead_submitted" and start <= fact.event_time < end
    ]

    assert set(CHANNELS) == {fact.channel for fact in submitted}
    assert set(ERROR_CLASSES) <= {fact.error_class for fact in submitted}


def test_the_small_sample_is_the_same_for_the_same_seed() -> None:
    """Seed and moment decide every fact; another seed makes others."""
    assert small(5, NOW) == sample_of(5)
    assert sample_of(5).facts != sample_of(6).facts


async def test_the_small_sample_is_loaded(store: Store) -> None:
    """Facts, rollups and incidents; the empty tenant stays empty."""
    sample = await load_small(store, 1, NOW)

    assert (await store.funnel(FunnelQuery(PRIMARY, *sample.window))).metrics.submissions > 300
    assert EMPTY not in await store.tenants()


def test_traffic_is_the_same_for_the_same_plan() -> None:
    """A plan gives exactly its number of facts, each with an id of its own, none after the end."""
    plan = Traffic(tenants=20, events=5000, days=2, seed=3, end=NOW)

    facts = list(plan.facts())

    assert facts == list(plan.facts())
    assert len({fact.event_id for fact in facts}) == 5000
    assert all(fact.event_time < NOW for fact in facts)


def test_tenants_are_of_different_size() -> None:
    """The first tenants have most of the traffic."""
    counts = Counter(fact.tenant_id for fact in Traffic(20, 20_000, 1, 1, NOW).facts())
    sizes = [count for _, count in counts.most_common()]

    assert sizes[0] > 10 * sizes[-1]
    assert all(larger >= smaller for larger, smaller in pairwise(sizes))


def test_days_are_busier_than_nights() -> None:
    """Afternoons have several times the visitors of the hours before dawn."""
    hours = Counter(fact.event_time.hour for fact in Traffic(5, 50_000, 5, 1, NOW).facts())

    assert sum(hours[hour] for hour in (13, 14, 15, 16)) > 3 * sum(hours[hour] for hour in (1, 2, 3, 4))
