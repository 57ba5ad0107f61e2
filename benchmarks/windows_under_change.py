"""Random windows while everything changes: answers from the rollups beside brute force over the facts, in one snapshot each.

Ingest with duplicates and late facts, closing, compaction and backfills run beside the questions. It prints how many answers differ.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from datetime import UTC, datetime, timedelta

from assay_server.postgres import EmbeddedPostgres
from assay_server.reliability.sample import Traffic
from assay_server.reliability.store import Fact, FunnelQuery, Limits, Step, Store

END = datetime(2026, 11, 18, 12, 34, 56, tzinfo=UTC)
DAYS = 6
TENANTS = tuple(f"tenant-{rank:03d}" for rank in range(1, 4))
CHANNELS = (None, None, "web", "mobile", "partner")
ERRORS = (None, None, "timeout", "unknown")
OUTCOMES = (None, None, None, "none", "failed")
STEPS: tuple[Step | None, ...] = (None, "hour", "day")


def question(chance: random.Random) -> FunnelQuery:
    """A window of any length and raggedness, with and without filters and steps."""
    while True:
        start = END - timedelta(days=DAYS) * chance.random()
        unit = chance.choice((1, 60, 3600, 86400))
        edges = (start, start + timedelta(seconds=10 ** (1 + chance.random() * 4.7)))
        first, last = (datetime.fromtimestamp(edge.timestamp() // unit * unit, UTC) for edge in edges)
        if first < last:
            narrowed = (chance.choice(CHANNELS), chance.choice(ERRORS), chance.choice(OUTCOMES))
            return FunnelQuery(chance.choice(TENANTS), first, last, chance.choice(STEPS), *narrowed)


async def change(store: Store, known: list[Fact], stopped: asyncio.Event) -> int:
    """Change whatever can change, until it is stopped; returns how many facts were new."""
    chance, number, accepted = random.Random(2), 0, 0
    while not stopped.is_set():
        number += 1
        fresh = list(Traffic(3, 200, DAYS, 1000 + number, END).facts())
        accepted += (await store.ingest([*fresh, *chance.sample(known, 40)], patient=True)).accepted
        await store.close(END - timedelta(hours=3) + timedelta(minutes=number % 170))
        for tenant in TENANTS:
            await store.upkeep.compact(tenant, END - timedelta(days=4) + timedelta(hours=number % 60))
        if number % 20 == 0:
            span = (END - timedelta(days=DAYS + 1), END)
            await store.upkeep.backfill(chance.choice(TENANTS), *span)
            await store.upkeep.finish_backfill(*span)
    return accepted


async def measure(dsn: str, windows: int, events: int) -> int:
    """Ask so many windows; returns how many answers differ."""
    async with await Store.open(dsn, Limits(connections=8, acquire_seconds=60, statement_seconds=60)) as store:
        known = list(Traffic(3, events, DAYS, 1, END).facts())
        await store.ingest(known, patient=True)
        await store.close(END - timedelta(hours=3))
        stopped = asyncio.Event()
        changing = asyncio.create_task(change(store, known, stopped))
        chance, different, began = random.Random(1), 0, time.perf_counter()
        for number in range(windows):
            if number and number % 500 == 0:
                print(f"{number:,} windows, {different} different, {time.perf_counter() - began:.0f} s", file=sys.stderr)
            query = question(chance)
            answer, raw = await store.funnel_both(query)
            if (answer.metrics, answer.series) != (raw.metrics, raw.series):
                different += 1
                print(f"differs: {query}", file=sys.stderr)
        spent = time.perf_counter() - began
        stopped.set()
        accepted = await changing
        verified = [await store.upkeep.verify(tenant) for tenant in TENANTS]
        wrong = sum(len(item.differences) for item in verified)
    print(
        f"{windows:,} windows, {different} different, {spent:.0f} s; {accepted:,} new facts beside them, "
        f"{sum(item.buckets for item in verified):,} buckets verified, {wrong} wrong"
    )
    return different + wrong


def main() -> None:
    """Measure, and end with 1 when something differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--windows", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=20_000)
    options = parser.parse_args()
    with EmbeddedPostgres.start() as cluster:
        different = asyncio.run(measure(cluster.dsn, options.windows, options.events))
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
