"""The server's subcommands of `assay`."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.option("--dsn", help="A running Postgres; without it, --data names one that is started for the load.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder of an embedded Postgres, kept afterwards; serve it with `assay serve --data`.",
)
@click.option("--tenants", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--events", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--days", type=click.FloatRange(0.01, 90), default=7.0, show_default=True)
@click.option("--rate", type=click.FloatRange(0), default=0.0, help="Events a second; 0 is as fast as it goes.")
@click.option("--batch", type=click.IntRange(1, 100_000), default=5_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--end",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]),
    help="Where the traffic ends, in UTC [default: now]; seed and end decide every fact.",
)
def load(
    dsn: str | None,
    data: Path | None,
    tenants: int,
    events: int,
    days: float,
    rate: float,
    batch: int,
    seed: int,
    end: datetime | None,
) -> None:
    """Load synthetic traffic: many tenants of different size, day and night, outages that raise incidents."""
    if (dsn is None) == (data is None):
        raise click.UsageError("expected either --dsn or --data; name the one place that the traffic goes to")
    from assay_server.postgres import EmbeddedPostgres, PostgresError
    from assay_server.sample import Traffic
    from assay_server.store import StoreError

    last = end.replace(tzinfo=UTC) if end is not None else datetime.now(UTC)
    traffic = Traffic(tenants, events, days, seed, last)
    with ExitStack() as stack:
        try:
            where = dsn if dsn is not None else stack.enter_context(EmbeddedPostgres.start(data)).dsn
            asyncio.run(_load(where, traffic, rate, batch))
        except (PostgresError, StoreError) as error:
            click.echo(f"assay load: {error}", err=True)
            sys.exit(3)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--dsn") from error
        except KeyboardInterrupt:
            click.echo("assay load: stopped; what was loaded stays, the same command goes on", err=True)
            sys.exit(3)


async def _load(dsn: str, traffic: object, rate: float, batch: int) -> None:
    from itertools import islice

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from assay_server.sample import Traffic
    from assay_server.store import Limits, Store

    assert isinstance(traffic, Traffic)
    accepted = duplicate = 0
    size = min(batch, max(1, int(rate / 4))) if rate else batch
    async with await Store.open(dsn, Limits(statement_seconds=60)) as store:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
        )
        began = time.perf_counter()
        with Progress(*columns, disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("events", total=traffic.events, speed="")
            facts = traffic.facts()
            while part := list(islice(facts, size)):
                outcome = await store.ingest(part, patient=True)
                accepted += outcome.accepted
                duplicate += outcome.duplicate
                spent = time.perf_counter() - began
                done = accepted + duplicate
                progress.update(task, completed=done, speed=f"{done / spent:,.0f}/s")
                if rate and done / rate > spent:
                    await asyncio.sleep(done / rate - spent)
        spent = time.perf_counter() - began
        now = min(traffic.end, datetime.now(UTC))
        closed = await store.close(now)
        changes = 0
        names = await store.tenants()
        for name in names:
            changes += len(await store.detect(name, now))
    click.echo(
        f"{accepted:,} events of {len(names)} tenants in {spent:.1f} s ({(accepted + duplicate) / spent:,.0f}/s), "
        f"{duplicate:,} known before; {closed} tenants closed, {changes} incident changes"
    )
