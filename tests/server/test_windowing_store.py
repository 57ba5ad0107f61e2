"""The store of windowing over a real Postgres: every window as of every moment is what counting the facts gives."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from assay_server.postgres.connections import Limits
from assay_server.windowing import Entry, Fact, FactKind, InvalidWindow, Metric, count, drill_down, in_order, timeline
from assay_server.windowing.store import EventStore, Ingested, Page, Place, Question
from assay_server.windowing.store.ingest import ARRIVALS_LOCK

HOUR, DAY = 3_600, 86_400
NOW = int(time.time())
TARGET, OTHER, *SENDERS = (character * 64 for character in "0123456789abcdef")
SORTS = ("value:desc", "value:asc", "key:asc")


@pytest.fixture
async def store(dsn: str) -> AsyncIterator[EventStore]:
    """A store over a fresh database."""
    async with await EventStore.open(dsn, Limits(acquire_seconds=30, statement_seconds=30)) as opened:
        yield opened


class World:
    """Random facts, and when each arrived."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.arrived: list[tuple[datetime, Fact]] = []
        self.posts = [f"{number:064x}" for number in range(1, 9)]
        self.written = 0

    def fact(self) -> Fact:
        """One fact, mostly about the target, mostly in the last weeks."""
        chance = self.chance
        self.written += 1
        kind = chance.choice(list(FactKind))
        at = NOW - int(chance.choice([3 * HOUR, 2 * DAY, 40 * DAY, 170 * DAY]) * chance.random())
        event, target = f"{self.written + 1000:064x}", chance.choice([TARGET, TARGET, TARGET, OTHER, None])
        if kind is FactKind.POST:
            author = target or OTHER
            event = self.posts.pop() if self.posts and chance.random() < 0.5 else event
            return Fact(event, kind, author, author, at, hashtags=frozenset(chance.sample(["nostr", "ß", "z" * 128, "\U0001f600"], 2)))
        answers = chance.choice([f"{chance.randrange(1, 9):064x}", "no id", None])
        satoshi = chance.choice([0, 1, 21, 10**12]) if kind is FactKind.ZAP else 0
        return Fact(event, kind, chance.choice([TARGET, *SENDERS]), target, at, answers, satoshi)

    def known(self, as_of: datetime) -> list[Fact]:
        """The facts that arrived before a moment."""
        return [fact for arrival, fact in self.arrived if arrival < as_of]

    def window(self) -> tuple[int, int]:
        """A window with any edges, or whole hours, or whole days."""
        unit = self.chance.choice([1, 1, HOUR, DAY])
        length = self.chance.choice([30, 2 * HOUR, 2 * DAY, 30 * DAY, 200 * DAY])
        start = NOW - int(179 * DAY * self.chance.random())
        end = start + 1 + int(length * self.chance.random())
        return start // unit * unit, max(end // unit * unit, start // unit * unit + unit)


async def arrive(store: EventStore, world: World, number: int) -> None:
    """Let facts arrive, some of them twice, and remember when."""
    facts = [world.fact() for _ in range(number)]
    outcome = await store.ingest([(fact, None) for fact in [*facts, *facts[:3]]])
    assert outcome == Ingested(number, 3)
    as_of = (await store.summary(Question(TARGET))).answered.freshness.delta_as_of
    world.arrived += [(as_of - timedelta(microseconds=1), fact) for fact in facts]


async def compare(store: EventStore, world: World, as_of: datetime) -> None:
    """Ask for one window in every way, and compare with counting."""
    start, end = world.window()
    known = world.known(as_of)
    question = Question(TARGET, start=start, end=end, as_of=as_of)
    summary = await store.summary(question, tuple(Metric))

    assert summary.cards == count(known, TARGET, start, end)
    assert list(summary.timeline) == timeline(known, TARGET, start, end)
    for metric in Metric:
        sort, expected = world.chance.choice(SORTS), drill_down(metric, known, TARGET, start, end)
        default = "key:asc" if metric is Metric.TIMELINE else "value:desc"
        assert list(summary.drilldowns[metric]) == in_order(expected, default)[:10]
        found: list[Entry] = []
        place: Place | None = None
        while True:
            page = await store.entries(question, Page(metric, sort, 7, place))
            found += page.entries
            if not page.has_more:
                break
            place = Place(found[-1].value, found[-1].key)
        assert found == in_order(expected, sort)


@pytest.mark.parametrize("seed", [1, 2])
async def test_windows_are_what_counting_gives_at_any_moment(store: EventStore, seed: int) -> None:
    """Before a folding and after it, as of now and as of every earlier moment, with late facts and facts sent twice."""
    world = World(seed)
    moments: list[datetime] = []
    for round in range(6):
        await arrive(store, world, 60)
        moments.append((await store.summary(Question(TARGET))).answered.freshness.delta_as_of)
        if round % 2:
            await store.fold()
        for moment in moments[-4:]:
            await compare(store, world, moment)


async def test_the_freshness_is_that_of_arrivals(store: EventStore) -> None:
    """Nothing is folded at first; then both moments move on, and earlier ones can still be asked for."""
    world = World(3)
    first = (await store.summary(Question(TARGET))).answered.freshness
    await arrive(store, world, 5)
    await store.fold()
    later = (await store.summary(Question(TARGET))).answered.freshness
    earlier = (await store.summary(Question(TARGET, as_of=first.delta_as_of))).answered.freshness

    assert first.snapshot_as_of == datetime(1970, 1, 1, tzinfo=UTC) < first.delta_as_of
    assert first.delta_as_of < later.snapshot_as_of <= later.delta_as_of
    assert earlier.snapshot_as_of == earlier.delta_as_of == first.delta_as_of


async def test_the_freshness_does_not_go_back_while_a_batch_is_on_its_way(store: EventStore, dsn: str) -> None:
    """What was seen as of a moment is seen as of it again."""
    await arrive(store, World(5), 5)
    earlier = (await store.summary(Question(TARGET))).answered.freshness
    async with await psycopg.AsyncConnection.connect(dsn) as batch:
        await batch.execute("select pg_advisory_xact_lock(%s)", (ARRIVALS_LOCK,))
        later = (await store.summary(Question(TARGET))).answered.freshness

    assert later.delta_as_of == earlier.delta_as_of


async def test_concurrent_batches_and_foldings_lose_and_double_nothing(store: EventStore) -> None:
    """An answer as of a moment does not change afterwards."""
    world = World(4)
    batches = [[world.fact() for _ in range(20)] for _ in range(30)]
    answers: list[tuple[Question, object]] = []
    over = asyncio.Event()

    async def send(part: list[list[Fact]]) -> None:
        for batch in part:
            await store.ingest([(fact, "wss://relay.example") for fact in batch])

    async def fold() -> None:
        while not over.is_set():
            await store.keep_up()

    async def ask() -> None:
        while not over.is_set():
            summary = await store.summary(Question(TARGET, start=NOW - 180 * DAY, end=NOW + DAY))
            as_of = summary.answered.freshness.delta_as_of
            answers.append((Question(TARGET, start=NOW - 180 * DAY, end=NOW + DAY, as_of=as_of), summary.cards))

    background = [asyncio.create_task(fold()), asyncio.create_task(ask()), asyncio.create_task(ask())]
    await asyncio.gather(*(send(batches[number::5]) for number in range(5)))
    over.set()
    await asyncio.gather(*background)

    assert len(answers) > 3
    for question, cards in answers:
        assert (await store.summary(question)).cards == cards
    everything = [fact for batch in batches for fact in batch]
    assert (await store.summary(Question(TARGET, start=NOW - 180 * DAY, end=NOW + DAY))).cards == count(
        everything, TARGET, NOW - 180 * DAY, NOW + DAY
    )


async def test_all_starts_at_the_hour_of_the_first_event(store: EventStore) -> None:
    """As of a moment before it, the target has no event."""
    before = (await store.summary(Question(TARGET, "all"))).answered
    fact = Fact("1" * 64, FactKind.REACTION, OTHER, TARGET, NOW - 100 * DAY)
    await store.ingest([(fact, None)])
    after = (await store.summary(Question(TARGET, "all"))).answered
    await store.fold()

    assert before.window.end - before.window.start == DAY
    assert after.window.start == fact.at // HOUR * HOUR
    earlier = (await store.summary(Question(TARGET, "all", as_of=before.freshness.delta_as_of))).answered.window
    assert earlier.end - earlier.start == DAY


async def test_counting_the_facts_alone_gives_the_same(store: EventStore) -> None:
    """What version 1 answers is what version 2 answers, folded or not."""
    world = World(5)
    await arrive(store, world, 80)
    await store.fold()
    await arrive(store, world, 20)
    raw = await store.raw_summary(Question(TARGET, "90d"))
    edges = raw.answered.window
    summary = await store.summary(Question(TARGET, start=edges.start, end=edges.end))

    assert edges.end - edges.start == 90 * DAY
    assert (raw.cards, raw.timeline) == (summary.cards, summary.timeline)
    assert raw.cards.engagements > 0


async def test_old_edges_are_answered_from_whole_hours(store: EventStore) -> None:
    """And the answer says so; whole hours are answered as they are."""
    old = (NOW - 200 * DAY) // HOUR * HOUR
    await store.ingest([(Fact("1" * 64, FactKind.REACTION, OTHER, TARGET, old + 60), None)])
    await store.fold()
    rounded = await store.summary(Question(TARGET, start=old + 120, end=old + 240))
    whole = await store.summary(Question(TARGET, start=old, end=old + HOUR))

    assert (rounded.answered.coarser, rounded.cards.reactions, rounded.answered.window.start) == ("edge-resolution", 1, old + 120)
    assert (whole.answered.coarser, whole.cards.reactions) == (None, 1)


async def test_a_window_that_is_none_is_refused(store: EventStore) -> None:
    """As the pure part has it."""
    with pytest.raises(InvalidWindow, match="endTs"):
        await store.summary(Question(TARGET, start=2, end=1))


async def test_what_was_rejected_is_kept_with_its_reason(store: EventStore, dsn: str) -> None:
    """For a week; NUL characters of an id are left out, since the database has none."""
    from assay_server.windowing import EventRejected

    await store.set_aside([(EventRejected("INVALID_EVENT", "no object"), None), (EventRejected("TOO_OLD", "old"), "a\0b")])
    await store.keep_up()

    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select code, reason, event_id from nostr_rejections order by code").fetchall()
    assert rows == [("INVALID_EVENT", "no object", None), ("TOO_OLD", "old", "ab")]
