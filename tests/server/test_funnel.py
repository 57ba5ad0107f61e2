"""Rollups with the live delta answer exactly what the facts answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from assay_server.reliability.store import Fact, FunnelQuery, Step, Store
from assay_server.reliability.store.facts import Channel, ErrorClass, EventType, RetryOutcome
from assay_server.rollups import RELATIVE_ERROR

END = datetime(2026, 11, 18, 12, 34, 56, tzinfo=UTC)
CHANNELS: tuple[Channel, ...] = ("web", "mobile", "partner", "call_center")
ERRORS: tuple[ErrorClass, ...] = ("timeout", "unknown")
KINDS: tuple[EventType, ...] = ("funnel_view", "funnel_view", "step_advanced", "lead_submitted", "async_failure")
OUTCOMES: tuple[RetryOutcome | None, ...] = (None, "none", "succeeded", "failed")


def facts(seed: int, count: int, end: datetime = END, days: float = 4, tenant: str = "tenant-a") -> Iterator[Fact]:
    """Facts at random moments, some exactly on the edges of buckets."""
    chance = random.Random(seed)
    for number in range(count):
        at = end - timedelta(days=days) * chance.random()
        if chance.random() < 0.1:
            at = at.replace(minute=0, second=0, microsecond=0)
        kind = chance.choice(KINDS)
        submitted = kind == "lead_submitted"
        outcome = chance.choice(OUTCOMES) if submitted else None
        failed = kind == "async_failure" or outcome in ("succeeded", "failed")
        yield Fact(
            tenant,
            f"evt-{seed}-{number}",
            at,
            kind,
            chance.choice(CHANNELS),
            "credit_check",
            chance.choice(ERRORS) if failed else None,
            outcome,
            int(chance.lognormvariate(6, 1)) if submitted and chance.random() < 0.9 else None,
        )


def queries(chance: random.Random, count: int) -> Iterator[FunnelQuery]:
    """Windows of every length and raggedness, with and without filters and steps."""
    for _ in range(count):
        start = END - timedelta(days=5) * chance.random()
        lasts = timedelta(seconds=10 ** (1 + chance.random() * 4.6))
        unit = chance.choice((1, 60, 3600, 86400))
        start, end = (datetime.fromtimestamp(t.timestamp() // unit * unit, UTC) for t in (start, start + lasts))
        if start < end:
            steps: tuple[Step | None, ...] = (None, "hour", "day")
            yield FunnelQuery(
                "tenant-a",
                start,
                end,
                chance.choice(steps),
                chance.choice((None, None, *CHANNELS)),
                chance.choice((None, None, *ERRORS)),
                chance.choice((None, None, None, "none", "failed")),
            )


@pytest.mark.parametrize("seed", range(4))
async def test_rollups_answer_what_the_facts_answer(store: Store, seed: int) -> None:
    """For random windows, filters and steps, at every stage: nothing closed, some, late facts, folded."""
    chance = random.Random(seed)
    every = list(facts(seed, 1500))
    chance.shuffle(every)
    third = len(every) // 3
    stages = [
        (every[:third], None),
        (every[third : 2 * third], END - timedelta(days=1, hours=3)),
        (every[2 * third :], None),  # these come late for what is closed
        ([], END - timedelta(hours=5)),
        (list(facts(seed + 100, 100)), None),
        ([], END),
    ]
    for batch, close in stages:
        await store.ingest(batch)
        if close is not None:
            await store.close(close)
        for query in queries(chance, 40):
            expected, actual = await store.funnel_raw(query), await store.funnel(query)

            assert (expected.metrics, expected.series) == (actual.metrics, actual.series), query


async def test_the_numbers_are_what_the_contract_says(store: Store) -> None:
    """Counted by hand from the facts, including both ends of the window."""
    every = list(facts(9, 2000))
    await store.ingest(every)
    await store.close(END)
    start, end = END - timedelta(days=3), END - timedelta(hours=2)

    answer = (await store.funnel(FunnelQuery("tenant-a", start, end))).metrics

    inside = [fact for fact in every if start <= fact.event_time < end]
    submitted = [fact for fact in inside if fact.event_type == "lead_submitted"]
    starts = sum(fact.event_type == "funnel_view" for fact in inside)
    retried = sum(fact.retry_outcome in ("succeeded", "failed") for fact in submitted)
    latencies = sorted(fact.latency_ms for fact in submitted if fact.latency_ms is not None)
    assert (starts, len(submitted)) == (answer.starts, answer.submissions)
    assert answer.conversion_rate == len(submitted) / starts
    assert answer.retry_rate == retried / len(submitted)
    exact = latencies[-(-len(latencies) * 95 // 100) - 1]
    assert answer.p95_submit_latency_ms == pytest.approx(exact, rel=RELATIVE_ERROR)


async def test_a_window_includes_its_start_and_excludes_its_end(store: Store) -> None:
    """A fact on the edge between two windows is in the later one alone."""
    noon = END.replace(hour=12, minute=0, second=0)
    await store.ingest([Fact("tenant-a", "evt-1", noon, "funnel_view", "web")])
    await store.close(END)
    hour = timedelta(hours=1)

    before = await store.funnel(FunnelQuery("tenant-a", noon - hour, noon))
    after = await store.funnel(FunnelQuery("tenant-a", noon, noon + hour / 2))

    assert (before.metrics.starts, after.metrics.starts) == (0, 1)


async def test_a_tenant_without_facts_has_an_answer(store: Store) -> None:
    """Zeros, and a series of zeros."""
    answer = await store.funnel(FunnelQuery("tenant-empty", END - timedelta(days=2), END, "day"))

    assert (
        answer.metrics.starts,
        answer.metrics.conversion_rate,
        answer.metrics.p95_submit_latency_ms,
    ) == (0, 0.0, 0.0)
    assert answer.series is not None
    assert [bucket.start.day for bucket in answer.series] == [16, 17, 18]


async def test_no_tenant_sees_the_facts_of_another(store: Store) -> None:
    """The same event ids under two names stay apart, raw, rolled and late."""
    window = (END - timedelta(days=4), END)
    await store.ingest([*facts(1, 300), *facts(1, 200, tenant="tenant-b")])
    alone = (await store.funnel(FunnelQuery("tenant-b", *window))).metrics
    await store.close(END)
    await store.ingest(list(facts(2, 300)))

    assert alone == (await store.funnel(FunnelQuery("tenant-b", *window))).metrics


async def test_the_profile_names_the_path(store: Store) -> None:
    """Whole closed hours come from rollups; a ragged or open window is hot."""
    await store.ingest(list(facts(3, 100)))
    await store.close(END)
    hour = END.replace(minute=0, second=0)

    closed = await store.funnel(FunnelQuery("tenant-a", hour - timedelta(hours=30), hour))
    ragged = await store.funnel(FunnelQuery("tenant-a", hour - timedelta(hours=30, seconds=1), hour))
    live = await store.funnel(FunnelQuery("tenant-a", hour - timedelta(hours=30), END + timedelta(hours=1)))

    assert [answer.data_profile for answer in (closed, ragged, live)] == [
        "analytics-rollup",
        "analytics-hot-window",
        "analytics-hot-window",
    ]


async def test_readers_see_every_committed_fact_once_while_buckets_close(store: Store) -> None:
    """With writers and a closer at work, a count is never below what was committed nor above what was sent."""
    every = list(facts(5, 3000, days=0.2))
    query = FunnelQuery("tenant-a", END - timedelta(days=1), END + timedelta(days=1))
    views = [sum(fact.event_type == "funnel_view" for fact in every[at : at + 100]) for at in range(0, 3000, 100)]
    sent = committed = 0
    writing = True

    async def write(which: int) -> None:
        nonlocal sent, committed
        for number in range(which, len(views), 2):
            sent += views[number]
            await store.ingest(every[number * 100 : number * 100 + 100])
            committed += views[number]

    async def close() -> None:
        minutes = 290
        while writing:
            minutes = max(0, minutes - 7)
            await store.close(END - timedelta(minutes=minutes))

    async def read() -> int:
        probes = 0
        while writing:
            least = committed
            counted = (await store.funnel(query)).metrics.starts
            assert least <= counted <= sent
            probes += 1
        return probes

    closing, reading = asyncio.create_task(close()), asyncio.create_task(read())
    await asyncio.gather(write(0), write(1))
    writing = False
    await closing

    assert await reading > 10
    assert sent == (await store.funnel(query)).metrics.starts
