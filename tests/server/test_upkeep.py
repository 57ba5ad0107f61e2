"""Rollups are compared with their facts, computed anew and thinned out, and windows are answered alike before and after."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from assay_server.admin_commands import admin
from assay_server.postgres.connections import Connections, Limits
from assay_server.reliability.store import Compacted, FunnelQuery, Store
from assay_server.rollups import Tier
from click.testing import CliRunner

from .test_funnel import END, facts, queries

TENANT = "tenant-a"


@pytest.fixture
async def filled(store: Store) -> Store:
    """Four days of facts, all but the last hours closed."""
    await store.ingest(list(facts(7, 2000)))
    await store.close(END - timedelta(hours=2))
    return store


async def execute(dsn: str, statement: str) -> None:
    """Change the database behind the store's back."""
    connections = Connections(dsn, Limits())
    await connections.open()
    async with connections.write() as connection:
        await connection.execute(statement.encode())
    await connections.close()


async def alike(store: Store, seed: int, count: int = 60) -> None:
    """Random windows are answered by rollups as by the facts."""
    for query in queries(random.Random(seed), count):
        answer, raw = await store.funnel_both(query)
        assert (answer.metrics, answer.series) == (raw.metrics, raw.series), query


async def test_sound_rollups_are_verified_late_facts_or_not(filled: Store) -> None:
    """Facts that came in behind the watermark and are not folded are on neither side."""
    await filled.ingest(list(facts(8, 100)))
    verified = await filled.upkeep.verify(TENANT)

    assert verified.differences == ()
    assert verified.buckets > 500


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("update rollup_hours set starts = starts + 1 where ctid = (select min(ctid) from rollup_hours)", "rollup_hours"),
        ("delete from rollup_days where ctid = (select min(ctid) from rollup_days)", "rollup_days"),
        ("update rollup_minutes set counts = array[9] where bins <> '{}' and bucket = "
         "(select min(bucket) from rollup_minutes where bins <> '{}')", "rollup_minutes"),
    ],
)  # fmt: skip
async def test_a_wrong_bucket_is_found_and_a_backfill_mends_it(filled: Store, dsn: str, statement: str, table: str) -> None:
    """A number too high, a bucket that is missing, a sketch of other values."""
    await execute(dsn, statement)
    verified = await filled.upkeep.verify(TENANT)
    assert [item.table for item in verified.differences] == [table]

    assert await filled.upkeep.backfill(TENANT, END - timedelta(days=6), END + timedelta(days=1))
    assert (await filled.upkeep.verify(TENANT)).differences == ()
    await alike(filled, 1)


async def test_a_backfill_that_was_stopped_does_each_tenant_once(filled: Store) -> None:
    """Until it is finished; the next one does all of them again."""
    span = (END - timedelta(days=6), END)

    assert await filled.upkeep.backfill(TENANT, *span)
    assert not await filled.upkeep.backfill(TENANT, *span)
    await filled.upkeep.finish_backfill(*span)
    assert await filled.upkeep.backfill(TENANT, *span)


async def test_minutes_go_only_when_their_hours_say_the_same(filled: Store, dsn: str) -> None:
    """Windows are answered alike without them, late facts into compacted minutes as well."""
    before = END - timedelta(days=1)
    await execute(dsn, "update rollup_hours set failures = failures + 1 where channel = '*' and error_class = '*' and "
                       "bucket = (select min(bucket) from rollup_hours)")  # fmt: skip
    assert await filled.upkeep.compact(TENANT, before) == Compacted(0, 1)
    await filled.upkeep.backfill(TENANT, END - timedelta(days=6), END)

    compacted = await filled.upkeep.compact(TENANT, before)
    assert compacted.removed > 300
    assert await filled.upkeep.compact(TENANT, before) == Compacted(0)
    await alike(filled, 2)
    await filled.ingest(list(facts(9, 200)))
    await alike(filled, 3)
    await filled.close(END - timedelta(hours=1))
    await alike(filled, 4)
    assert (await filled.upkeep.verify(TENANT)).differences == ()


async def test_old_facts_go_and_their_days_stay_in_the_rollups(filled: Store) -> None:
    """Whole days are answered as before, and the rest can still be verified."""
    midnight = datetime(2026, 11, 16, tzinfo=UTC)
    window = FunnelQuery(TENANT, midnight - timedelta(days=3), midnight + timedelta(days=1), "day")
    expected = await filled.funnel(window)

    days = await filled.upkeep.retain(midnight + timedelta(hours=5))

    assert days == ("facts_20261114", "facts_20261115")
    assert await filled.funnel(window) == expected
    assert (await filled.upkeep.verify(TENANT)).differences == ()
    assert await filled.upkeep.retain(midnight) == ()


async def test_windows_are_alike_while_everything_changes(filled: Store) -> None:
    """Ingest with duplicates and late facts, closing, compaction and backfills beside the questions."""
    stopped = asyncio.Event()

    async def change() -> None:
        number = 0
        known = list(facts(7, 2000))
        while not stopped.is_set():
            number += 1
            await filled.ingest([*facts(100 + number, 60), *known[number * 7 : number * 7 + 30]])
            await filled.close(END - timedelta(hours=3) + timedelta(minutes=number))
            await filled.upkeep.compact(TENANT, END - timedelta(days=3) + timedelta(hours=number))
            if number % 5 == 0:
                await filled.upkeep.backfill(TENANT, END - timedelta(days=6), END)
                await filled.upkeep.finish_backfill(END - timedelta(days=6), END)

    changing = asyncio.create_task(change())
    try:
        await alike(filled, 5, 150)
    finally:
        stopped.set()
        await changing
    assert (await filled.upkeep.verify(TENANT)).differences == ()


async def test_the_plan_of_a_window_names_its_tiers(filled: Store) -> None:
    """What the planner cut, and what the database did."""
    plan = await filled.funnel_plan(FunnelQuery(TENANT, END - timedelta(days=3), END))

    assert [span.tier for span in plan.spans] == [Tier.RAW, Tier.MINUTE, Tier.HOUR, Tier.DAY, Tier.HOUR, Tier.MINUTE, Tier.RAW]
    assert any("rollup_days" in line for line in plan.lines)


async def test_the_commands_say_what_they_did(filled: Store, dsn: str) -> None:
    """Each over a real database; differences end with 1."""

    async def run(*arguments: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, admin, [*arguments, "--dsn", dsn])
        return result.exit_code, result.output

    assert await run("migrate") == (0, "reliability: up to date\nexecutive: up to date\nwindowing: up to date\n")
    status, output = await run("verify")
    assert (status, output.endswith("buckets compared, 0 differ\nwindowing: 0 buckets compared, 0 differ\n")) == (0, True)
    await execute(dsn, "update rollup_days set retried = 99 where ctid = (select min(ctid) from rollup_days)")
    status, output = await run("verify")
    assert (status, "buckets compared, 1 differ\n" in output) == (1, True)
    assert await run("backfill", "--from", "2026-11-10", "--to", "2026-11-20") == (
        0,
        "reliability: 1 tenants computed again\nwindowing: 0 buckets computed again\n",
    )
    assert (await run("compact"))[0] == 0
    assert (await run("retain"))[1].endswith("windowing: 0 days removed\nexecutive: 0 user events removed\n")
    status, output = await run("explain", "--tenant", TENANT, "--from", "2026-11-16T00:00:00Z", "--to", "2026-11-17T00:00:00Z")
    assert (status, output.startswith("day    2026-11-16T00:00:00+00:00")) == (0, True)
    assert (await run("backfill", "--from", "2026-11-20", "--to", "2026-11-10"))[0] == 2


async def test_a_database_that_is_not_there_ends_with_3() -> None:
    """With the reason."""
    result = await asyncio.to_thread(CliRunner().invoke, admin, ["verify", "--dsn", "postgresql://127.0.0.1:1/none"])

    assert result.exit_code == 3
    assert "expected a Postgres at the DSN" in result.output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["verify", "--dsn", "no dsn"], "expected a Postgres DSN such as postgresql://host/database"),
        (["backfill", "--dsn", "x", "--from", "2026-11-20", "--to", "2026-11-20"], "expected --from before --to"),
        (
            ["explain", "--dsn", "x", "--tenant", "a", "--from", "2026-11-20T00:00:00Z", "--to", "2026-11-19T00:00:00Z"],
            "expected --from before --to",
        ),
        (["explain", "--dsn", "x", "--tenant", "a", "--from", "2026-11-20T00:00:00", "--to", "2026-11-21"], "with their zone"),
        (["compact", "--dsn", "x", "--minute-days", "99999999"], "--minute-days"),
        (["retain", "--dsn", "x", "--fact-days", "90"], "--fact-days"),
    ],
)
def test_what_no_command_can_do_is_bad_usage(arguments: list[str], reason: str) -> None:
    """Before any database is asked; 1 would say that something differs."""
    result = CliRunner().invoke(admin, arguments)

    assert result.exit_code == 2
    assert reason in " ".join(result.output.split())
