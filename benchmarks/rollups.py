"""Rollups: the funnel of seven days from rollups against the same from the raw facts, and equal to it.

    python benchmarks/rollups.py [--events N] [--json]

All facts belong to one tenant, so the raw answer has to look at each of them.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import click
from assay_server.postgres import EmbeddedPostgres
from assay_server.reliability.sample import Traffic
from assay_server.reliability.store import FunnelAnswer, FunnelQuery, Limits, Store

TARGET = 50
WEEK = timedelta(days=7)


async def measure(dsn: str, events: int, end: datetime) -> list[dict[str, object]]:
    """Return a row for each kind of window."""
    async with await Store.open(dsn, Limits(statement_seconds=120)) as store:
        facts = Traffic(1, events, 8, 1, end).facts()
        while part := list(islice(facts, 20_000)):
            await store.ingest(part, patient=True)
        await store.close(end)
        (tenant,) = await store.tenants()
        midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
        week = FunnelQuery(tenant, midnight - WEEK, midnight)
        ragged = FunnelQuery(tenant, end - WEEK, end)
        kinds = {
            "seven whole days": week,
            "seven days to this microsecond": ragged,
            "seven days, one channel": replace(week, channel="web"),
            "seven days, by day": replace(week, group_by="day"),
            "seven days, by hour": replace(week, group_by="hour"),
        }
        return [await compare(store, kind, query) for kind, query in kinds.items()]


async def compare(store: Store, kind: str, query: FunnelQuery) -> dict[str, object]:
    """Time both answers and hold them against each other."""
    raw, raw_ms = await timed(lambda: store.funnel_raw(query), 3)
    rolled, rolled_ms = await timed(lambda: store.funnel(query), 15)
    equal = (raw.metrics, raw.series) == (rolled.metrics, rolled.series)
    return {"window": kind, "raw_ms": raw_ms, "rollup_ms": rolled_ms, "ratio": raw_ms / rolled_ms, "equal": equal}


async def timed(ask: Callable[[], Awaitable[FunnelAnswer]], times: int) -> tuple[FunnelAnswer, float]:
    """Return the answer and the median of its times in milliseconds."""
    answer = await ask()
    spent: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        answer = await ask()
        spent.append((time.perf_counter() - began) * 1000)
    return answer, statistics.median(spent)


@click.command()
@click.option("--events", default=1_000_000, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(*, events: int, as_json: bool) -> None:
    """Measure the funnel."""
    with EmbeddedPostgres.start() as cluster:
        rows = asyncio.run(measure(cluster.dsn, events, datetime.now(UTC)))
    if as_json:
        click.echo(json.dumps({"events": events, "target": TARGET, "rows": rows}))
        return
    click.echo(f"{'window':34}{'raw ms':>10}{'rollup ms':>12}{'ratio':>8}  equal")
    for row in rows:
        click.echo(f"{row['window']:34}{row['raw_ms']:>10.1f}{row['rollup_ms']:>12.2f}{row['ratio']:>8.0f}  {row['equal']}")
    click.echo(f"target: seven days at least {TARGET} times faster than raw, and equal")


if __name__ == "__main__":
    main()
