"""Rollups of windowing are compared with their facts, computed anew and thinned out, and windows are answered alike before and after."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from assay_server.admin_commands import admin
from assay_server.postgres.connections import Limits
from assay_server.windowing import Fact, FactKind, Metric, count, drill_down, in_order
from assay_server.windowing.store import EventStore, HoursCompacted, Page, Question
from click.testing import CliRunner

from .test_windowing_store import DAY, HOUR, NOW, OTHER, TARGET, World, arrive, compare

MIDNIGHT = NOW // DAY * DAY


def at(seconds: int) -> datetime:
    """A moment in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture
async def store(dsn: str) -> AsyncIterator[EventStore]:
    """A store over a fresh database."""
    async with await EventStore.open(dsn, Limits(acquire_seconds=30, statement_seconds=30)) as opened:
        yield opened


def reactions(days: int, daily: int = 3) -> list[Fact]:
    """Reactions and posts over the days before today, at odd moments."""
    chance = random.Random(7)
    facts: list[Fact] = []
    for number in range(days * daily):
        moment = MIDNIGHT - DAY + number // daily * -DAY + chance.randrange(DAY)
        event = f"{number + 5000:064x}"
        if number % daily:
            facts.append(Fact(event, FactKind.REACTION, chance.choice([TARGET, OTHER]), TARGET, moment, f"{number:064x}"))
        else:
            facts.append(Fact(event, FactKind.POST, TARGET, TARGET, moment, hashtags=frozenset({f"tag{number % 4}"})))
    return facts


async def execute(dsn: str, statement: str) -> None:
    """Change the database behind the store's back."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode())


async def test_sound_rollups_are_verified_folded_or_not(store: EventStore) -> None:
    """Events that are not folded yet are on neither side."""
    world = World(11)
    await arrive(store, world, 100)
    await store.fold()
    await arrive(store, world, 30)
    verified = await store.upkeep.verify()

    assert (verified.differ, verified.first) == (0, ())
    assert verified.buckets > 100


@pytest.mark.parametrize(
    "statement",
    [
        "update nostr_rollups set reactions = reactions + 1 where ctid = (select min(ctid) from nostr_rollups where length = 3600)",
        "delete from nostr_rollups where ctid = (select min(ctid) from nostr_rollups where length = 86400 and dimension = 2)",
        "insert into nostr_rollups values ('\\xff', 0, 3600, 0, '\\x01', 1, 0, 0, 0, 0, 0)",
    ],
)
async def test_a_wrong_bucket_is_found_and_a_backfill_mends_it(store: EventStore, dsn: str, statement: str) -> None:
    """A number that is off, a bucket that is missing, one without facts."""
    await store.ingest([(fact, None) for fact in reactions(3)])
    await store.fold()
    await execute(dsn, statement)
    wrong = await store.upkeep.verify()
    await store.upkeep.backfill(at(0), at(MIDNIGHT + DAY))
    mended = await store.upkeep.verify()

    assert (wrong.differ, len(wrong.first)) == (1, 1)
    assert mended.differ == 0


async def test_hours_go_only_when_their_days_say_the_same(store: EventStore, dsn: str) -> None:
    """Then windows are answered in whole days there, and say why; others as before."""
    facts = reactions(6)
    await store.ingest([(fact, None) for fact in facts])
    await store.fold()
    cut = MIDNIGHT - 3 * DAY
    first = f"select min(ctid) from nostr_rollups where length = 86400 and bucket < {cut}"
    await execute(dsn, f"update nostr_rollups set posts = posts + 1 where ctid = ({first})")
    unlike = await store.upkeep.compact(at(cut))
    await store.upkeep.backfill(at(0), at(MIDNIGHT + DAY))
    compacted = await store.upkeep.compact(at(cut + HOUR))
    again = await store.upkeep.compact(at(cut))
    ragged = await store.summary(Question(TARGET, start=cut - 2 * DAY + HOUR, end=cut + DAY + 77), (Metric.TOP_HASHTAGS,))
    later = await store.summary(Question(TARGET, start=cut + 3, end=cut + DAY + 77), (Metric.BEST_HOURS,))
    aligned = await store.summary(Question(TARGET, start=cut - 2 * DAY, end=cut + DAY))
    hours = await store.entries(Question(TARGET, start=cut - 2 * DAY, end=cut + DAY), Page(Metric.BEST_HOURS, "value:desc", 50))

    assert unlike == HoursCompacted(0, unlike=1)
    assert (compacted.removed > 10, compacted.unlike, again) == (True, 0, HoursCompacted(0))
    assert (ragged.answered.coarser, ragged.cards) == ("retention", count(facts, TARGET, cut - 2 * DAY, cut + DAY + 77))
    expected = drill_down(Metric.TOP_HASHTAGS, facts, TARGET, cut - 2 * DAY, cut + DAY + 77)
    assert list(ragged.drilldowns[Metric.TOP_HASHTAGS]) == in_order(expected, "value:desc")
    assert (later.answered.coarser, later.cards) == (None, count(facts, TARGET, cut + 3, cut + DAY + 77))
    assert (aligned.answered.coarser, aligned.cards) == (None, count(facts, TARGET, cut - 2 * DAY, cut + DAY))
    assert hours.answered.coarser == "retention"
    assert (await store.upkeep.verify()).differ == 0


async def test_a_compaction_that_was_stopped_goes_on(store: EventStore, dsn: str) -> None:
    """Hours that it left behind are read by nobody, and the next one removes them."""
    facts = reactions(4)
    await store.ingest([(fact, None) for fact in facts])
    await store.fold()
    await execute(dsn, f"update nostr_state set hours_from = {MIDNIGHT - DAY}")
    window = Question(TARGET, start=MIDNIGHT - 3 * DAY, end=MIDNIGHT)
    between = (await store.summary(window)).cards
    rest = await store.upkeep.compact(at(MIDNIGHT - DAY))

    assert rest.removed > 0
    assert between == (await store.summary(window)).cards == count(facts, TARGET, MIDNIGHT - 3 * DAY, MIDNIGHT)


async def test_old_facts_go_once_they_are_folded(store: EventStore) -> None:
    """Whole hours are answered as before, by the older version too, and buckets without facts are compared with each other."""
    facts = reactions(6)
    await store.ingest([(fact, None) for fact in facts])
    unfolded = await store.upkeep.retain(at(MIDNIGHT))
    await store.fold()
    dropped = await store.upkeep.retain(at(MIDNIGHT - 2 * DAY + HOUR))
    window = Question(TARGET, start=MIDNIGHT - 5 * DAY + HOUR, end=MIDNIGHT - DAY + 1234)
    assert window.start is not None
    assert window.end is not None
    expected = count(facts, TARGET, window.start, window.end)

    assert unfolded == ()
    assert [name[-8:] for name in dropped] == [f"{at(MIDNIGHT - number * DAY):%Y%m%d}" for number in (6, 5, 4, 3)]
    assert (await store.summary(window)).cards == expected
    assert (await store.raw_summary(window)).cards == expected
    assert (await store.upkeep.verify()).differ == 0
    assert await store.upkeep.retain(at(MIDNIGHT - 2 * DAY + HOUR)) == ()


async def test_late_events_reach_days_whose_hours_are_gone(store: EventStore) -> None:
    """And make no hours there."""
    facts = reactions(4)
    await store.ingest([(fact, None) for fact in facts])
    await store.fold()
    await store.upkeep.compact(at(MIDNIGHT - 2 * DAY))
    late = Fact("f" * 64, FactKind.REACTION, OTHER, TARGET, MIDNIGHT - 3 * DAY + 5)
    await store.ingest([(late, None)])
    window = Question(TARGET, start=MIDNIGHT - 4 * DAY, end=MIDNIGHT)
    before = (await store.summary(window)).cards
    await store.fold()
    after = (await store.summary(window)).cards

    assert before == after == count([*facts, late], TARGET, MIDNIGHT - 4 * DAY, MIDNIGHT)
    assert (await store.upkeep.verify()).differ == 0


async def test_windows_are_alike_while_everything_changes(store: EventStore) -> None:
    """Arrivals with duplicates and late ones, folding, compaction far back, retention and verification beside the questions."""
    world = World(12)
    stopped = asyncio.Event()

    async def tend() -> None:
        while not stopped.is_set():
            await store.keep_up()
            await store.upkeep.compact(at(NOW) - timedelta(days=400))
            await store.upkeep.retain(at(NOW) - timedelta(days=181))
            assert (await store.upkeep.verify()).differ == 0

    tending = asyncio.create_task(tend())
    try:
        for _ in range(8):
            await arrive(store, world, 40)
            for _ in range(3):
                await compare(store, world, (await store.summary(Question(TARGET))).answered.freshness.delta_as_of)
    finally:
        stopped.set()
        await tending


async def test_the_commands_tend_windowing_too(store: EventStore, dsn: str) -> None:
    """Each says what it did there; a difference ends with 1 and is named."""
    old = [Fact(f"{number:064x}", FactKind.REACTION, OTHER, TARGET, MIDNIGHT - 740 * DAY + number) for number in range(1, 4)]
    await store.ingest([(fact, None) for fact in [*old, *reactions(2)]])
    await store.fold()

    async def run(*arguments: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, admin, [*arguments, "--dsn", dsn])
        return result.exit_code, result.output

    assert (await run("retain"))[1].splitlines()[1] == f"windowing: 1 days removed, up to {at(MIDNIGHT - 740 * DAY):%Y%m%d}"
    assert (await run("compact"))[1].splitlines()[-1] == "windowing: 1 hours removed"
    assert (await run("verify"))[0] == 0
    await execute(dsn, "update nostr_rollups set zaps = 9 where ctid = (select max(ctid) from nostr_rollups where length = 3600)")
    status, output = await run("verify")
    assert (status, output.count("of 1 h differ from their facts")) == (1, 1)
