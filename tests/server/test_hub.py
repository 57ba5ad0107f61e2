"""The hub passes on what its source has, to however many sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import structlog
from assay_server.feed import Hub
from assay_server.feed.sessions import Session
from assay_server.feed.source import FeedChanges, FeedMessage
from assay_server.metrics import ServerMetrics
from assay_server.postgres.store_errors import StoreDown

TENANT = "tenant-a"


class Source:
    """A state that is one number; `fail` makes the next reads fail."""

    def __init__(self) -> None:
        self.seq = 1
        self.reads = 0
        self.at_once = 0
        self.most_at_once = 0
        self.fail: list[Exception] = []
        self.heard: asyncio.Queue[int | Exception] = asyncio.Queue()

    async def snapshot(self, tenant: str) -> FeedMessage:
        self.reads += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        seq = self.seq
        await asyncio.sleep(0.01)
        self.at_once -= 1
        return FeedMessage("snapshot", seq, b"snapshot %d" % seq)

    async def changes_after(self, tenant: str, after: int, limit: int) -> FeedChanges:
        if self.fail:
            raise self.fail.pop()
        last = min(self.seq, after + limit)
        return FeedChanges(self.seq, tuple(FeedMessage("change", seq, b"change %d" % seq) for seq in range(after + 1, last + 1)))

    async def listen(self) -> AsyncGenerator[tuple[str, int]]:
        while True:
            number = await self.heard.get()
            if isinstance(number, Exception):
                raise number
            yield TENANT, number

    def heartbeat(self) -> bytes:
        return b"beat"

    def change(self) -> None:
        """One more change, and the bell for it."""
        self.seq += 1
        self.heard.put_nowait(self.seq)


class Outlet:
    """Keeps what is sent."""

    waiting = 0

    def __init__(self) -> None:
        self.texts: list[bytes] = []

    def write(self, text: bytes, frame: bytes) -> None:
        self.texts.append(text)

    def stop(self) -> None:
        """Nothing is held back here."""


@asynccontextmanager
async def running(source: Source) -> AsyncGenerator[Hub]:
    """A hub that listens."""
    hub = Hub(source, 60, ServerMetrics(), structlog.get_logger("test"))
    hub.start()
    yield hub
    await hub.stop()


async def until(holds: Callable[[], bool]) -> None:
    """Let the hub go on until something holds."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - the hub has no event for it
            await asyncio.sleep(0.005)


async def test_a_crowd_that_joins_one_tenant_reads_once() -> None:
    """Everybody has the same snapshot."""
    source = Source()
    async with running(source) as hub:
        outlets = [Outlet() for _ in range(300)]
        await asyncio.gather(*(hub.join(Session(TENANT, outlet, 10_000)) for outlet in outlets))

    assert source.reads == 1
    assert {tuple(outlet.texts) for outlet in outlets} == {(b"snapshot 1",)}


async def test_a_crowd_of_many_tenants_leaves_room_in_the_store() -> None:
    """A few snapshots at once; nobody is turned away."""
    source = Source()
    async with running(source) as hub:
        await asyncio.gather(*(hub.join(Session(f"tenant-{number}", Outlet(), 10_000)) for number in range(200)))

    assert (source.reads, source.most_at_once) == (200, 4)


async def test_who_joins_amid_changes_misses_none_and_has_none_twice() -> None:
    """A snapshot that began before a session took its place is not given to it when changes went out since."""
    source = Source()
    outlets: list[Outlet] = []
    async with running(source) as hub:
        for number in range(120):
            outlets.append(Outlet())
            joining = asyncio.create_task(hub.join(Session(TENANT, outlets[-1], 10_000)))
            if number % 3 == 0:
                source.change()
            await asyncio.sleep(0.001)
            if number % 7 == 0:
                await joining
        source.change()
        await until(lambda: all(outlet.texts and outlet.texts[-1].endswith(b" %d" % source.seq) for outlet in outlets))

    for outlet in outlets:
        numbers = [int(text.split()[1]) for text in outlet.texts]
        assert numbers == list(range(numbers[0], source.seq + 1))


async def test_the_feed_survives_every_error_of_its_source() -> None:
    """Those that nobody foresaw, too."""
    source, outlet = Source(), Outlet()
    async with running(source) as hub:
        await hub.join(Session(TENANT, outlet, 10_000))
        source.fail = [StoreDown("away"), ZeroDivisionError()]
        source.heard.put_nowait(ValueError("a bell of another kind"))
        source.change()
        await until(lambda: outlet.texts[-1] == b"change 2")

    assert outlet.texts == [b"snapshot 1", b"change 2"]


async def test_a_bell_with_a_number_of_its_own_changes_nothing() -> None:
    """Any role of a database may notify: sessions stay, and what really changes afterwards comes."""
    source = Source()
    async with running(source) as hub:
        outlet = Outlet()
        session = Session(TENANT, outlet, 10_000)
        await hub.join(session)
        source.heard.put_nowait(10**18)
        await asyncio.sleep(0.05)
        source.change()
        await until(lambda: len(outlet.texts) == 2)

        assert not session.ended.done()
        assert outlet.texts == [b"snapshot 1", b"change 2"]


async def test_sessions_come_again_when_the_store_was_set_back() -> None:
    """A database that was restored has fewer changes than they know."""
    source = Source()
    source.seq = 5
    async with running(source) as hub:
        session = Session(TENANT, Outlet(), 10_000)
        await hub.join(session)
        source.seq = 2
        source.heard.put_nowait(6)

        assert await asyncio.wait_for(session.ended, 60) == "restart"


async def test_a_session_that_resumes_misses_nothing_amid_changes() -> None:
    """What it missed comes first, whatever changes meanwhile; without a number in time it gets the snapshot."""
    source = Source()
    source.seq = 40
    async with running(source) as hub:
        outlet, other = Outlet(), Outlet()

        async def number(after: int | None) -> int | None:
            await asyncio.sleep(0.02)
            return after

        changing = [asyncio.create_task(hub.join(Session(TENANT, outlet, 10), number(3)))]
        changing.append(asyncio.create_task(hub.join(Session(TENANT, other, 10), number(None))))
        for _ in range(20):
            source.change()
            await asyncio.sleep(0.003)
        await asyncio.gather(*changing)
        await until(lambda: outlet.texts[-1] == other.texts[-1] == b"change 60")

    assert outlet.texts == [b"change %d" % seq for seq in range(4, 61)]
    assert other.texts[0].startswith(b"snapshot ")


async def test_one_hub_listens_and_beats_for_all() -> None:
    """Sessions of every version hear what changes and that the server lives; the store is listened to once."""
    source = Source()
    first, second = (Hub(source, 0.03, ServerMetrics(), structlog.get_logger("test")) for _ in range(2))
    first.lead(second)
    outlets = [Outlet(), Outlet()]
    for hub, outlet in zip((first, second), outlets, strict=True):
        hub.start()
        await hub.join(Session(TENANT, outlet, 10_000))
    source.change()
    await until(lambda: all(len(outlet.texts) > 4 for outlet in outlets))
    for hub in (second, first):
        await hub.stop()

    assert abs(len(outlets[0].texts) - len(outlets[1].texts)) <= 1
    assert [set(outlet.texts) for outlet in outlets] == [{b"snapshot 1", b"change 2", b"beat"}] * 2
