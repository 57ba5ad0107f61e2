"""The incident feed has one gapless sequence per tenant, and its state is its changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from assay_server.reliability.sample import EMPTY, PRIMARY, load_small
from assay_server.reliability.store import RETAINED, Fact, Incident, Store

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def incident(number: int, status: str = "open") -> Incident:
    """One incident."""
    at = NOON + timedelta(seconds=number)
    return Incident(f"inc-{number}", status, "high", "credit_check", at, at)


async def test_sequence_numbers_have_no_gap_under_concurrency(store: Store) -> None:
    """Many writers at once: the numbers of a tenant are 1 to n, each once, each kept."""
    turns = asyncio.Semaphore(6)

    async def apply(number: int) -> int:
        async with turns:
            return await store.apply_changes(f"tenant-{number % 2}", [incident(number)])

    numbers = await asyncio.gather(*map(apply, range(100)))

    assert sorted(numbers) == sorted([*range(1, 51), *range(1, 51)])
    kept = await store.changes_after("tenant-0", 0)
    assert [*range(1, 51)] == [change.seq for change in kept.sets]


async def test_an_earlier_state_with_its_changes_is_the_present_state(store: Store) -> None:
    """Replaying the changes since a number gives the incidents as they are."""
    await store.apply_changes("tenant-a", [incident(1), incident(2)])
    before = await store.incidents("tenant-a")
    await store.apply_changes("tenant-a", [incident(1, "acknowledged")])
    await store.apply_changes("tenant-a", [incident(3), incident(2, "resolved")])

    after = await store.incidents("tenant-a", after=before.seq)

    state = {known.incident_id: known for known in before.incidents}
    for change in after.changes or ():
        state |= {changed.incident_id: changed for changed in change.incidents}
    assert sorted(state) == [known.incident_id for known in after.incidents]
    assert {known.incident_id: known.status for known in after.incidents} == {name: known.status for name, known in state.items()}
    assert after.seq == before.seq + 2


async def test_the_time_of_a_change_never_goes_back(store: Store) -> None:
    """Detection stamps the end of a step: a change made by hand since then keeps its later time, in state and changes alike."""
    dense = [
        Fact("tenant-a", f"evt-{number}", NOON - timedelta(minutes=5), "async_failure", "web", "credit_check", "timeout")
        for number in range(20)
    ]
    boundary = NOON + timedelta(minutes=10)
    by_hand = boundary + timedelta(seconds=3)
    await store.ingest(dense)
    await store.detect("tenant-a", NOON)
    (opened,) = (await store.incidents("tenant-a")).incidents
    await store.apply_changes("tenant-a", [replace(opened, severity="low", updated_at=by_hand)])

    resolved = await store.detect("tenant-a", boundary)

    state = await store.incidents("tenant-a", after=0)
    times = [changed.updated_at for change in state.changes or () for changed in change.incidents]
    assert len(resolved) == 1
    assert [NOON, by_hand, by_hand] == times
    assert (state.incidents[0].status, state.incidents[0].updated_at) == ("resolved", by_hand)


async def test_the_state_carries_changes_only_when_asked(store: Store) -> None:
    """Without a number there are none; after the present number there are none left."""
    await store.apply_changes("tenant-a", [incident(1)])

    assert (await store.incidents("tenant-a")).changes is None
    assert (await store.incidents("tenant-a", after=1)).changes == ()


async def test_a_number_from_the_future_is_not_believed(store: Store) -> None:
    """Beyond the present number the changes are said to be unknown."""
    answer = await store.incidents("tenant-a", after=1)

    assert (answer.seq, answer.changes, answer.truncated) == (0, None, True)


async def test_old_changes_go_and_the_answer_says_so(store: Store) -> None:
    """The last change sets are kept; an older number than those is truncated, the oldest kept is not."""
    for number in range(RETAINED + 3):
        await store.apply_changes("tenant-a", [incident(number % 5)])

    assert (await store.changes_after("tenant-a", 2)).truncated
    oldest = await store.changes_after("tenant-a", 3)
    assert (oldest.truncated, len(oldest.sets), oldest.sets[0].seq) == (False, RETAINED, 4)


async def until_it_listens(dsn: str) -> None:
    """Return once the connection of a listener has read where each tenant is: it hears of every change from then on."""
    idle = (
        "select count(*) from pg_stat_activity where application_name = 'assay-feed' and datname = current_database()"
        " and state = 'idle' and query like 'select tenant_id%'"
    )
    async with asyncio.timeout(30), await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        while (row := await (await connection.execute(idle)).fetchone()) is None or not row[0]:  # noqa: ASYNC110 - the database has no event for it
            await asyncio.sleep(0.02)


async def test_a_listener_hears_of_every_change(store: Store, dsn: str) -> None:
    """Tenant and number, in order, once committed."""
    heard: list[tuple[str, int]] = []
    bells = store.listen()

    async def listen() -> None:
        async for bell in bells:
            heard.append(bell)
            if len(heard) == 3:
                return

    listening = asyncio.create_task(listen())
    await until_it_listens(dsn)
    for tenant in ("tenant-a", "tenant-b", "tenant-a"):
        await store.apply_changes(tenant, [incident(1)])
    await asyncio.wait_for(listening, 60)

    assert heard == [("tenant-a", 1), ("tenant-b", 1), ("tenant-a", 2)]
    await bells.aclose()


async def test_a_late_listener_learns_where_each_tenant_is(store: Store) -> None:
    """What was committed before anyone listened is yielded as the present number."""
    await store.apply_changes("tenant-a", [incident(1)])
    await store.apply_changes("tenant-a", [incident(2)])
    bells = store.listen()

    assert await asyncio.wait_for(anext(bells), 60) == ("tenant-a", 2)
    await bells.aclose()


async def test_a_listener_makes_up_for_a_lost_connection(store: Store, dsn: str) -> None:
    """What is committed while the connection is down is heard of after it is back."""
    bells = store.listen()
    hearing = asyncio.create_task(anext(bells))
    await until_it_listens(dsn)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'assay-feed' and datname = current_database()"
        )
    await store.apply_changes("tenant-a", [incident(1)])

    assert await asyncio.wait_for(hearing, 60) == ("tenant-a", 1)
    await bells.aclose()


async def test_the_small_sample_leaves_incidents_of_every_status(store: Store) -> None:
    """Its outages are found, and looking again finds nothing new."""
    await load_small(store, 1, NOON)

    state = await store.incidents(PRIMARY, after=0)

    assert {"open", "acknowledged", "resolved"} == {known.status for known in state.incidents}
    assert await store.detect(PRIMARY, NOON) == ()
    assert (await store.incidents(EMPTY)).seq == 0


@pytest.mark.parametrize("seed", range(3))
async def test_detecting_in_steps_finds_what_detecting_at_once_finds(store: Store, seed: int) -> None:
    """The rule does not depend on how often it looks."""
    sample = await load_small(store, seed, NOON)
    at_once = await store.incidents("tenant-b")
    moved = [fact for fact in sample.facts if fact.tenant_id == "tenant-b"]
    await store.ingest(moved)
    async with await psycopg.AsyncConnection.connect(store.dsn) as connection:
        for table in ("incidents", "incident_changes", "incident_feeds"):
            await connection.execute(f"delete from {table} where tenant_id = 'tenant-b'")

    for hours in range(72, -1, -1):
        await store.detect("tenant-b", NOON - timedelta(hours=hours))

    assert at_once == await store.incidents("tenant-b")


async def test_a_bell_that_is_not_ours_is_passed_over(store: Store, dsn: str) -> None:
    """Any role may notify: a payload without tenant and number does not end the listening."""
    heard = store.listen()
    await store.apply_changes("t-bell", [])
    first = await asyncio.wait_for(anext(heard), 60)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for payload in ("", "nonsense", "tenant ", " 7", "tenant seven", "tenant -1", "tenant 1_000", "tenant " + "9" * 40):
            connection.execute("select pg_notify('assay_incidents', %s)", (payload,))
    await store.apply_changes("t-bell", [])
    second = await asyncio.wait_for(anext(heard), 60)
    await heard.aclose()

    assert (first, second) == (("t-bell", 1), ("t-bell", 2))


async def test_the_clock_of_the_database_decides(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Detection runs once a step, at the step of that clock; crossing a step brings the next one, and nothing goes back."""
    steps: list[tuple[str, datetime]] = []
    clock = [datetime(2026, 11, 1, 12, 9, 58, tzinfo=UTC)]

    async def now(self: Store) -> datetime:
        return clock[0]

    async def detect(self: Store, tenant: str, moment: datetime) -> tuple[int, ...]:
        steps.append((tenant, moment))
        return ()

    monkeypatch.setattr(Store, "now", now)
    monkeypatch.setattr(Store, "detect", detect)
    await store.ingest([Fact("t-one", "evt-1", datetime(2026, 11, 1, 12, tzinfo=UTC), "funnel_view", "web")])
    for seconds in (0, 2, 8, 10, 500):
        clock[0] = datetime(2026, 11, 1, 12, 9, 58, tzinfo=UTC) + timedelta(seconds=seconds)
        await store.keep_up()

    assert steps == [("t-one", datetime(2026, 11, 1, 12, minute, tzinfo=UTC)) for minute in (0, 10)]
