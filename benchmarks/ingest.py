"""Ingest: events a second through COPY, each event id once, against what a plain client would do.

    python benchmarks/ingest.py [--events N] [--batch N] [--json]

One run measures all rows on the same machine in the same minute; trust the ratios more than the numbers.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import psycopg
from assay_server.postgres import EmbeddedPostgres
from assay_server.reliability.sample import Traffic
from assay_server.reliability.store import Fact, Limits, Store

TARGET = 50_000


async def measure(dsn: str, facts: Sequence[Fact], batch: int) -> dict[str, float]:
    """Return events a second by way of storing them."""
    first = {(fact.tenant_id, fact.event_time.date()): fact for fact in facts}
    rest = [fact for fact in facts if first[fact.tenant_id, fact.event_time.date()] is not fact]
    batches = [rest[at : at + batch] for at in range(0, len(rest), batch)]
    half = len(batches) // 2
    async with await Store.open(dsn, Limits(statement_seconds=60)) as store:
        # Each tenant and day gets its place outside the measurement.
        await store.ingest(list(first.values()))

        async def one() -> None:
            for part in batches[:half]:
                await store.ingest(part)

        async def two() -> None:
            async def every_second(which: int) -> None:
                for part in batches[half + which :: 2]:
                    await store.ingest(part)

            await asyncio.gather(every_second(0), every_second(1))

        async def known() -> None:
            for part in batches[: half // 2]:
                outcome = await store.ingest(part)
                assert outcome.accepted == 0

        counted = sum(len(part) for part in batches[:half])
        return {
            "insert, row by row (executemany)": await rate(min(20_000, len(facts)), lambda: plain(dsn, facts[:20_000])),
            "assay, one writer": await rate(counted, one),
            "assay, two writers": await rate(len(rest) - counted, two),
            "assay, everything known already": await rate(sum(len(part) for part in batches[: half // 2]), known),
        }


async def plain(dsn: str, facts: Sequence[Fact]) -> None:
    """Store facts the plain way: the same columns, keys and indexes, a statement a row."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection, connection.cursor() as cursor:
        await cursor.execute("create temp table plain (like facts including all, primary key (tenant_id, event_id))")
        await cursor.executemany(
            "insert into plain values (%s,%s,%s,%s,%s,%s,%s,%s,%s,null,%s,%s,%s,%s) on conflict do nothing",
            [
                (
                    fact.tenant_id, fact.event_id, fact.event_time, fact.event_type, fact.channel or "",
                    fact.component or "", fact.error_class or "", fact.retry_outcome or "", fact.latency_ms,
                    fact.correlation_id, fact.scenario_id, fact.scenario_version, fact.step or "",
                )
                for fact in facts
            ],
        )  # fmt: skip


async def rate(count: int, work: Callable[[], Awaitable[Any]]) -> float:
    """Return how many a second."""
    began = time.perf_counter()
    await work()
    return count / (time.perf_counter() - began)


@click.command()
@click.option("--events", default=400_000, show_default=True)
@click.option("--batch", default=10_000, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(*, events: int, batch: int, as_json: bool) -> None:
    """Measure ingest."""
    facts = list(Traffic(100, events, 1, 1, datetime.now(UTC)).facts())
    with EmbeddedPostgres.start() as cluster:
        rates = asyncio.run(measure(cluster.dsn, facts, batch))
    slowest = next(iter(rates.values()))
    if as_json:
        click.echo(json.dumps({"events": events, "batch": batch, "target": TARGET, "per_second": rates}))
        return
    click.echo(f"{'way':36}{'events/s':>12}{'ratio':>8}")
    for way, speed in rates.items():
        click.echo(f"{way:36}{speed:>12,.0f}{speed / slowest:>8.1f}")
    click.echo(f"target: at least {TARGET:,} events/s with every event id once")


if __name__ == "__main__":
    main()
