"""Each event is one fact, whoever sends it, whenever, however often."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from assay_server.reliability.store import Fact, FunnelQuery, Ingested, Store

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def view(number: int, tenant: str = "tenant-a", at: datetime = NOON) -> Fact:
    """One visitor who arrives."""
    return Fact(tenant, f"evt-{number}", at + timedelta(seconds=number), "funnel_view", "web")


async def starts(store: Store, tenant: str = "tenant-a") -> int:
    """How many arrived in the two weeks around noon."""
    query = FunnelQuery(tenant, NOON - timedelta(days=7), NOON + timedelta(days=7))
    return (await store.funnel(query)).metrics.starts


async def test_a_fact_is_counted_once(store: Store) -> None:
    """Sending a batch again changes nothing and says so."""
    batch = [view(number) for number in range(100)]

    assert Ingested(100, 0) == await store.ingest(batch)
    assert Ingested(0, 100) == await store.ingest(batch)
    assert await starts(store) == 100


async def test_a_known_event_with_another_time_is_known(store: Store) -> None:
    """The event id alone tells facts apart, across days and partitions."""
    await store.ingest([view(1)])

    moved = [msgspec.structs.replace(view(1), event_time=NOON + timedelta(days=2))]

    assert Ingested(0, 1) == await store.ingest(moved)
    assert await starts(store) == 1


async def test_a_repetition_inside_a_batch_is_known(store: Store) -> None:
    """The first of two in one batch stays."""
    assert Ingested(2, 1) == await store.ingest([view(1), view(2), view(1)])


async def test_tenants_may_use_the_same_event_id(store: Store) -> None:
    """An event id is unique within its tenant."""
    assert Ingested(2, 0) == await store.ingest([view(1, "tenant-a"), view(1, "tenant-b")])


async def test_an_empty_batch_is_fine(store: Store) -> None:
    """Nothing in, nothing counted."""
    assert Ingested(0, 0) == await store.ingest([])


async def test_concurrent_batches_with_the_same_events_never_deadlock_or_double(store: Store) -> None:
    """Six writers, each with the same events in another order: every event is accepted by one of them."""
    batches = [[view(number, f"tenant-{number % 3}") for number in range(400)] for _ in range(6)]
    for number, batch in enumerate(batches):
        batch.sort(key=lambda fact: hash((fact.event_id, number)))

    outcomes = await asyncio.gather(*(store.ingest(batch, patient=True) for batch in batches))

    assert sum(outcome.accepted for outcome in outcomes) == 400
    assert sum(outcome.duplicate for outcome in outcomes) == 2000


async def test_a_failed_batch_leaves_nothing(store: Store) -> None:
    """A batch is all or none: one bad fact takes the others with it."""
    good, bad = view(1), msgspec.structs.replace(view(2), latency_ms=-5)

    with pytest.raises(ValueError, match="at least 0"):
        await store.ingest([good, bad])

    assert await starts(store) == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tenantId": "Tenant A"}, "tenantId"),
        ({"eventId": ""}, "eventId"),
        ({"eventType": "purchase"}, "eventType"),
        ({"eventTime": "2026-11-18T12:00:00"}, "eventTime"),
        ({"latencyMs": -1}, "latencyMs"),
        ({"eventType": "async_failure"}, "component and errorClass"),
        ({"channel": None}, "a channel"),
    ],
)
def test_a_fact_from_outside_is_proved_where_it_is_read(changes: dict[str, object], message: str) -> None:
    """What is not a fact is refused with the member that is wrong."""
    plain = {
        "tenantId": "tenant-a",
        "eventId": "evt-1",
        "eventTime": "2026-11-18T12:00:00Z",
        "eventType": "funnel_view",
        "channel": "web",
    }

    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.json.decode(msgspec.json.encode(plain | changes), type=Fact)
