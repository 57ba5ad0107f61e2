"""Events stored together: fewer transactions, the same promises."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from assay_server.executive.event_log import EventLog
from assay_server.executive.store import Store, UserEvent
from assay_server.settings import EventTerms


def event(value: float) -> UserEvent:
    """An event with one measurement."""
    return UserEvent("anna", "drilldown", {"ttfb_ms": value})


async def transactions(dsn: str) -> tuple[int, int]:
    """In how many transactions how many events were stored."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        cursor = await connection.execute("select count(distinct xmin::text), count(*) from executive_events")
        row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]


async def test_each_event_has_a_transaction_of_its_own(books: Store, dsn: str) -> None:
    """Unless several may be stored together."""
    log = EventLog(books, EventTerms())
    await asyncio.gather(*(log.log(event(number)) for number in range(10)))

    assert await transactions(dsn) == (10, 10)


async def test_events_that_came_together_share_a_transaction(books: Store, dsn: str) -> None:
    """A hundred callers at once, a few transactions; each goes on once its own event is committed."""
    log = EventLog(books, EventTerms(64))
    await asyncio.gather(*(log.log(event(number)) for number in range(100)))
    batches, events = await transactions(dsn)

    assert events == 100
    assert batches <= 3


async def test_what_fails_is_heard_by_those_whom_it_concerns(books: Store) -> None:
    """The next ones are stored."""
    log = EventLog(books, EventTerms(64))
    with pytest.raises(psycopg.errors.CheckViolation):
        await log.log(event(-1))
    await log.log(event(1))

    assert (await books.percentiles(1, None, 95))["ttfb_ms"].samples == 1
