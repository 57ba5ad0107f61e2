"""Events stored together: fewer transactions, the same promises."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from assay_server.executive.event_log import EventLog
from assay_server.executive.store import Outcome, Store, UserEvent
from assay_server.postgres.idempotency import KeyedRequest, digest_of
from assay_server.settings import EventTerms


def event(value: float, key: str | None = None, body: object = None) -> UserEvent:
    """An event, perhaps under a key."""
    keyed = None if key is None else KeyedRequest("anna", "logEvent", key, digest_of(body))
    return UserEvent("anna", "drilldown", {"ttfb_ms": value}, keyed)


@pytest.mark.parametrize("batch", [1, 64])
async def test_each_caller_hears_of_his_own_event(books: Store, dsn: str, batch: int) -> None:
    """However many came together, each is stored once."""
    log = EventLog(books, EventTerms(batch))
    outcomes = await asyncio.gather(*(log.log(event(number, f"click-{number % 40:04d}", number % 40)) for number in range(80)))

    assert outcomes.count(Outcome.LOGGED) == 40
    assert set(outcomes) <= {Outcome.LOGGED, Outcome.LOGGED_BEFORE, Outcome.IN_PROGRESS}
    assert (await books.percentiles(1, None, 95))["ttfb_ms"].samples == 40


async def test_events_that_came_together_share_a_transaction(books: Store, dsn: str) -> None:
    """A hundred callers at once, a few transactions."""
    log = EventLog(books, EventTerms(64))
    assert set(await asyncio.gather(*(log.log(event(number)) for number in range(100)))) == {Outcome.LOGGED}
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select count(distinct xmin::text), count(*) from executive_events").fetchone()

    assert row is not None
    assert row[0] <= 3
    assert row[1] == 100


async def test_what_fails_is_heard_by_those_whom_it_concerns(books: Store) -> None:
    """The next ones are stored."""
    log = EventLog(books, EventTerms(64))
    with pytest.raises(psycopg.errors.CheckViolation):
        await log.log(event(-1))

    assert await log.log(event(1)) is Outcome.LOGGED
