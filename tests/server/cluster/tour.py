"""Everything that a store of reliability can be asked, asked once, with the answers that can be known."""

from __future__ import annotations

import random
from contextlib import aclosing
from datetime import datetime, timedelta

from assay_server.reliability.store import Fact, FailureQuery, FailureSort, FunnelQuery, Incident, Ingested, Step, Store
from assay_server.reliability.store.facts import Channel, ErrorClass, EventType, RetryOutcome

TENANTS = ("tenant-a", "tenant-b", "tenant-c")
_TYPES: tuple[EventType, ...] = ("funnel_view", "lead_submitted", "validation_failed", "async_failure", "step_advanced")
_CHANNELS: tuple[Channel, ...] = ("web", "mobile")
_ERRORS: tuple[ErrorClass, ...] = ("timeout", "upstream_error")
_OUTCOMES: tuple[RetryOutcome | None, ...] = (None, "none", "succeeded")
_SORTS: tuple[FailureSort, ...] = ("eventTime:desc", "eventTime:asc", "errorClass:asc")
_STEPS: tuple[Step | None, ...] = (None, "hour", "day")


def batch(seed: int, size: int, end: datetime, prefix: str) -> list[Fact]:
    """Facts of every type and tenant in the four days before `end`."""
    chance = random.Random(seed)
    return [
        Fact(
            chance.choice(TENANTS),
            f"{prefix}-{number}",
            end - timedelta(seconds=chance.randrange(4 * 86_400)),
            chance.choice(_TYPES),
            chance.choice(_CHANNELS),
            "pricing_engine",
            chance.choice(_ERRORS),
            chance.choice(_OUTCOMES),
            chance.choice((None, chance.randrange(5_000))),
        )
        for number in range(size)
    ]


async def tour(store: Store, end: datetime, size: int = 1_000) -> None:
    """Ask everything of a store that is empty; `end` is a full day, and no server writes into the store."""
    facts = batch(1, size, end, "known")
    assert await store.ingest(facts) == Ingested(size, 0)
    await store.close(end - timedelta(hours=2))
    late = batch(2, size // 10, end, "late")
    assert await store.ingest([*late, *facts[: size // 2]]) == Ingested(len(late), size // 2)
    assert await store.ingest(facts) == Ingested(0, size)
    assert await store.tenants() == TENANTS
    await _windows(store, end)
    assert await store.close(end) == len(TENANTS)
    await _windows(store, end)
    await _failures(store, {fact.event_id for fact in (*facts, *late) if fact.tenant_id == TENANTS[0] and "fail" in fact.event_type}, end)
    await _incidents(store, end)
    await _upkeep(store, end)
    await _windows(store, end, days=2)
    await store.keep_up()


async def _windows(store: Store, end: datetime, days: int = 4) -> None:
    """Windows are answered by rollups as by the facts."""
    start = end - timedelta(days=days)
    for tenant in TENANTS:
        for step in _STEPS:
            for narrowed in ({}, {"channel": "web"}, {"error_class": "timeout"}, {"retry_outcome": "none"}):
                query = FunnelQuery(tenant, start + timedelta(minutes=7, seconds=3 if step is None else 0), end, step, **narrowed)
                answer, raw = await store.funnel_both(query)
                assert (answer.metrics, answer.series) == (raw.metrics, raw.series), query
    whole = FunnelQuery(TENANTS[0], start, end)
    assert (await store.funnel(whole)).metrics == (await store.funnel_raw(whole)).metrics
    assert (await store.funnel_plan(whole)).lines
    assert (await store.funnel(FunnelQuery("tenant-z", start, end))).closed_to is None


async def _failures(store: Store, expected: set[str], end: datetime) -> None:
    """A walk in each order finds every failure once, and the filters are those of the query."""
    for sort in _SORTS:
        query, found = FailureQuery(TENANTS[0], sort, limit=50), list[str]()
        while True:
            page = await store.failures(query)
            found += [item.event_id for item in page.items]
            if not page.has_more:
                break
            query = FailureQuery(TENANTS[0], sort, limit=50, after=page.position)
        assert sorted(found) == sorted(expected)
    start = end - timedelta(days=9)
    narrow = FailureQuery(TENANTS[0], "eventTime:desc", "timeout", "pricing_engine", 1_000, None, "web", "none", start, end)
    assert await store.count_failures(narrow, 10_000) == len((await store.failures(narrow)).items) > 0


async def _incidents(store: Store, end: datetime) -> None:
    """Sequence numbers have no gap, changes lead to the state, and whoever begins to listen hears of every tenant."""
    before = (await store.incidents(TENANTS[0])).seq
    opened = Incident("inc-1", "open", "high", "pricing_engine", end, end)
    assert await store.apply_changes(TENANTS[0], [opened]) == before + 1
    state = await store.incidents(TENANTS[0], after=before)
    assert (state.seq, state.truncated) == (before + 1, False)
    assert state.changes is not None
    assert [change.seq for change in state.changes] == [before + 1]
    assert opened in state.incidents
    assert (await store.changes_after(TENANTS[0], 0, 10)).seq == before + 1
    assert await store.incidents("tenant-z") == await store.incidents("tenant-y")
    for tenant in TENANTS:
        await store.detect(tenant, end)
    async with aclosing(store.listen()) as bells:
        assert await anext(bells) == (TENANTS[0], (await store.incidents(TENANTS[0])).seq)


async def _upkeep(store: Store, end: datetime) -> None:
    """Rollups say what their facts say, before they are computed again and afterwards."""
    for tenant in TENANTS:
        assert (await store.upkeep.verify(tenant)).differences == ()
        assert await store.upkeep.backfill(tenant, end - timedelta(days=6), end)
        assert not await store.upkeep.backfill(tenant, end - timedelta(days=6), end)
        assert (await store.upkeep.verify(tenant)).differences == ()
    await store.upkeep.finish_backfill(end - timedelta(days=6), end)
    assert (await store.upkeep.compact(TENANTS[0], end - timedelta(days=1))).removed > 0
    assert len(await store.upkeep.retain(end - timedelta(days=2))) in (2, 3)
    for tenant in TENANTS:
        assert (await store.upkeep.verify(tenant)).differences == ()
