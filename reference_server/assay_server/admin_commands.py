"""`assay admin`: what whoever runs the server does with its database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from assay_server.executive.store import Store as ExecutiveStore
    from assay_server.reliability.store import Store
    from assay_server.windowing.store import EventStore

T = TypeVar("T")

_DAY = "%Y-%m-%d"
_MOST_PRINTED = 20
_LEAST_FACT_DAYS = 91
"""Facts are taken in for 90 days after they happened."""
_LEAST_NOSTR_DAYS = 181
"""Nostr events are taken in for 180 days after they were created, and windows have exact edges for as long."""
_LEAST_HOUR_DAYS = 732
"""`all` reaches back 731 days and begins at an hour."""
_MOST_DAYS = 36_500

_dsn = click.option("--dsn", required=True, envvar="ASSAY_DSN", help="The Postgres of the server.")


@click.group()
def admin() -> None:
    """Look after the database of the reference server.

    Every command can run beside servers. One that was stopped goes on where it was when it is started again.

    \b
    Try:
      assay admin verify --dsn postgresql://localhost/assay

    Exit codes: 0 success; 1 differences found; 2 bad usage; 3 the database failed; 130 by Ctrl-C.
    """


@admin.command()
@_dsn
def migrate(dsn: str) -> None:
    """Bring the tables of every contract up to date.

    A server does so itself when it starts.

    \b
    Try:
      assay admin migrate --dsn postgresql://localhost/assay

    Exit codes: 0 success; 2 bad usage; 3 the database failed; 130 by Ctrl-C.
    """

    async def run() -> int:
        from assay_server.rooms import ROOMS
        from assay_server.settings import Settings

        for room in ROOMS:
            opened = await _opened(room.open(dsn, Settings()))
            await opened.aclose()
            click.echo(f"{room.contract}: up to date")
        return 0

    _run(run)


@admin.command()
@_dsn
@click.option("--shards", type=click.IntRange(1, 1024), default=32, show_default=True, help="How many pieces each table is cut into.")
@click.option("--dry-run", is_flag=True, help="Print the statements and change nothing.")
def distribute(dsn: str, shards: int, dry_run: bool) -> None:  # noqa: FBT001 - the command line gives it by name
    """Spread the tables of tenants over a Citus cluster.

    Everything of one tenant is on one worker, and everything that has no tenant stays on the coordinator, whose DSN this is. Run it once
    the tables are there, while no server runs, and again after a migration that adds tables: what is distributed stays as it is. Rows that
    are there already move with their tables. More pieces than workers leave room to add workers.

    \b
    Try:
      assay admin migrate --dsn postgresql://coordinator/assay
      assay admin distribute --dsn postgresql://coordinator/assay --dry-run
      assay admin distribute --dsn postgresql://coordinator/assay

    Exit codes: 0 success; 2 bad usage; 3 the database failed, or is no cluster; 130 by Ctrl-C.
    """

    async def run() -> int:
        from assay_server.postgres.connections import Connections, Limits
        from assay_server.postgres.distribution import distribute as carry_out
        from assay_server.postgres.distribution import plan_distribution
        from assay_server.rooms import SCHEMAS

        try:
            connections = Connections(dsn, Limits(connections=1))
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--dsn") from error
        await connections.open()
        try:
            for plan in await plan_distribution(connections, SCHEMAS, shards):
                if dry_run:
                    for statement in plan.statements:
                        click.echo(f"{statement.as_string()};")
                    continue
                await carry_out(connections, plan)
                click.echo(f"{plan.table:<28}{_PLACES[plan.step]}")
        finally:
            await connections.close()
        return 0

    _run(run)


_PLACES = {
    "distribute": "distributed by tenant",
    "distributed": "distributed by tenant, already",
    "coordinator": "on the coordinator",
}


@admin.command()
@_dsn
def verify(dsn: str) -> None:
    """Compare the rollups with the facts.

    Every bucket of reliability and windowing is computed again. Late facts that are not folded yet are left out on both sides; days whose
    facts were removed are compared with their hours.

    \b
    Try:
      assay admin verify --dsn postgresql://localhost/assay

    Exit codes: 0 nothing differs; 1 something differs; 2 bad usage; 3 the database failed; 130 by Ctrl-C.
    """

    async def check(stores: _Stores) -> int:
        store = stores.reliability
        buckets = wrong = 0
        for tenant in await store.tenants():
            verified = await store.upkeep.verify(tenant)
            buckets += verified.buckets
            wrong += len(verified.differences)
            for item in verified.differences[:_MOST_PRINTED]:
                place = " ".join((item.table, tenant, item.bucket.astimezone(UTC).isoformat(), *item.dimensions))
                click.echo(f"{place}: stored {item.stored}, computed {item.computed} (starts, submissions, retried, failures)")
        click.echo(f"reliability: {buckets:,} buckets compared, {wrong:,} differ")
        rollups = await stores.windowing.upkeep.verify()
        for bucket in rollups.first:
            name = f"{('senders', 'posts', 'hashtags')[bucket.dimension]} of {bucket.length // 3600} h"
            click.echo(f"{bucket.target} {bucket.bucket.isoformat()}: the {name} differ from their facts")
        click.echo(f"windowing: {rollups.buckets:,} buckets compared, {rollups.differ:,} differ")
        return 1 if wrong or rollups.differ else 0

    _with_stores(dsn, check)


@admin.command()
@_dsn
@click.option("--from", "start", type=click.DateTime([_DAY]), required=True, help="The first day, in UTC.")
@click.option("--to", "end", type=click.DateTime([_DAY]), required=True, help="The day after the last one, in UTC.")
def backfill(dsn: str, start: datetime, end: datetime) -> None:
    """Compute the rollups of some days again.

    They are computed from the facts, those of reliability tenant by tenant.

    \b
    Try:
      assay admin backfill --dsn postgresql://localhost/assay --from 2026-11-01 --to 2026-11-08

    Exit codes: 0 success; 2 bad usage; 3 the database failed; 130 by Ctrl-C.
    """
    first, last = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
    _expect_order(first, last)

    async def fill(stores: _Stores) -> int:
        store, done = stores.reliability, 0
        for tenant in await store.tenants():
            done += await store.upkeep.backfill(tenant, first, last)
        await store.upkeep.finish_backfill(first, last)
        click.echo(f"reliability: {done} tenants computed again")
        buckets = await stores.windowing.upkeep.backfill(first, last)
        click.echo(f"windowing: {buckets:,} buckets computed again")
        return 0

    _with_stores(dsn, fill)


@admin.command()
@_dsn
@click.option("--minute-days", type=click.IntRange(1, _MOST_DAYS), default=30, show_default=True, help="How many days of minutes stay.")
@click.option(
    "--hour-days",
    type=click.IntRange(_LEAST_HOUR_DAYS, _MOST_DAYS),
    default=_LEAST_HOUR_DAYS,
    show_default=True,
    help="How many days of the hours of windowing stay.",
)
def compact(dsn: str, minute_days: int, hour_days: int) -> None:
    """Remove old buckets that coarser ones repeat.

    A tenant whose hours differ from its minutes keeps them, and windowing keeps hours while days differ from them; `assay admin backfill`
    computes both again. Windows before the hours of windowing are answered in whole days.

    \b
    Try:
      assay admin compact --dsn postgresql://localhost/assay --minute-days 30

    Exit codes: 0 success; 1 coarser buckets differ from finer ones; 2 bad usage; 3 the database failed; 130 by Ctrl-C.
    """

    async def thin(stores: _Stores) -> int:
        store = stores.reliability
        now = await store.now()
        before = now - timedelta(days=minute_days)
        removed = unlike = 0
        for tenant in await store.tenants():
            compacted = await store.upkeep.compact(tenant, before)
            removed += compacted.removed
            unlike += compacted.unlike
            if compacted.unlike:
                click.echo(f"{tenant}: {compacted.unlike} hours differ from their minutes; nothing was removed")
        click.echo(f"reliability: {removed:,} minutes removed")
        hours = await stores.windowing.upkeep.compact(now - timedelta(days=hour_days))
        if hours.unlike:
            click.echo(f"windowing: {hours.unlike} days differ from their hours; nothing was removed")
        click.echo(f"windowing: {hours.removed:,} hours removed")
        return 1 if unlike or hours.unlike else 0

    _with_stores(dsn, thin)


@admin.command()
@_dsn
@click.option(
    "--fact-days",
    type=click.IntRange(_LEAST_FACT_DAYS, _MOST_DAYS),
    default=180,
    show_default=True,
    help="How many days of facts stay.",
)
def retain(dsn: str, fact_days: int) -> None:
    """Remove the facts of old days.

    They go once they are in the rollups. Windows of reliability before them are answered in whole hours, and without a filter by retry
    outcome. Nostr events stay for at least 181 days, since edges of windows are exact for 180. User events of executive go after 90 days.

    \b
    Try:
      assay admin retain --dsn postgresql://localhost/assay --fact-days 180

    Exit codes: 0 success; 2 bad usage; 3 the database failed; 130 by Ctrl-C.
    """

    async def drop(stores: _Stores) -> int:
        now = await stores.reliability.now()
        days = await stores.reliability.upkeep.retain(now - timedelta(days=fact_days))
        click.echo(f"reliability: {len(days)} days removed" + (f", up to {days[-1][-8:]}" if days else ""))
        days = await stores.windowing.upkeep.retain(now - timedelta(days=max(fact_days, _LEAST_NOSTR_DAYS)))
        click.echo(f"windowing: {len(days)} days removed" + (f", up to {days[-1][-8:]}" if days else ""))
        click.echo(f"executive: {await stores.executive.purge():,} user events removed")
        return 0

    _with_stores(dsn, drop)


@admin.command()
@_dsn
@click.option("--tenant", required=True, help="The tenant.")
@click.option("--from", "start", required=True, help="The start of the window, such as 2026-11-01T00:00:00Z.")
@click.option("--to", "end", required=True, help="The end of the window.")
@click.option("--channel", help="Only this channel.")
@click.option("--error-class", help="Only this error class.")
@click.option("--retry-outcome", help="Only this outcome of retries.")
def explain(dsn: str, tenant: str, start: str, end: str, channel: str | None, error_class: str | None, retry_outcome: str | None) -> None:
    """Show how a window of the funnel is answered.

    Each stretch with its tier, and the plan of the database.

    \b
    Try:
      assay admin explain --dsn postgresql://localhost/assay --tenant tenant-a --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z

    Exit codes: 0 success; 2 bad usage; 3 the database failed; 130 by Ctrl-C.
    """
    try:
        first, last = (datetime.fromisoformat(text) for text in (start, end))
    except ValueError as error:
        raise click.UsageError(f"expected times such as 2026-11-01T00:00:00Z: {error}") from None
    if first.tzinfo is None or last.tzinfo is None:
        raise click.UsageError("expected times with their zone, such as 2026-11-01T00:00:00Z")
    _expect_order(first, last)

    async def show(stores: _Stores) -> int:
        from assay_server.reliability.store import FunnelQuery

        plan = await stores.reliability.funnel_plan(FunnelQuery(tenant, first, last, None, channel, error_class, retry_outcome))
        for span in plan.spans:
            click.echo(f"{span.tier.name.lower():<7}{span.start.astimezone(UTC).isoformat()}  {span.end.astimezone(UTC).isoformat()}")
        click.echo("\n".join(plan.lines))
        return 0

    _with_stores(dsn, show)


def _expect_order(start: datetime, end: datetime) -> None:
    """Reject a window that does not begin before it ends."""
    if start >= end:
        raise click.UsageError("expected --from before --to")


@dataclass(frozen=True, slots=True)
class _Stores:
    """The store of each contract."""

    reliability: Store
    windowing: EventStore
    executive: ExecutiveStore


def _with_stores(dsn: str, work: Callable[[_Stores], Awaitable[int]]) -> None:
    """Do something with the stores, and exit with what it returns."""

    async def run() -> int:
        from assay_server.executive.store import Store as ExecutiveStore
        from assay_server.reliability.store import Limits, Store
        from assay_server.windowing.store import EventStore

        limits = Limits(connections=2, statement_seconds=60)
        async with (
            await _opened(Store.open(dsn, limits)) as reliability,
            await EventStore.open(dsn, limits) as windowing,
            await ExecutiveStore.open(dsn, limits) as executive,
        ):
            return await work(_Stores(reliability, windowing, executive))

    _run(run)


async def _opened(opening: Awaitable[T]) -> T:
    """What is opened over the DSN; one that is none is bad usage."""
    try:
        return await opening
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--dsn") from error


def _run(work: Callable[[], Coroutine[Any, Any, int]]) -> None:
    from assay_server.postgres.store_errors import StoreError

    try:
        status = asyncio.run(work())
    except StoreError as error:
        click.echo(f"assay admin: {error}", err=True)
        sys.exit(3)
    except KeyboardInterrupt:
        click.echo("assay admin: stopped; the same command goes on", err=True)
        sys.exit(130)
    sys.exit(status)
