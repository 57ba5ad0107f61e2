"""The list of failures can be walked in every order, each failure once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from assay_server.reliability.sample import small
from assay_server.reliability.store import FAILURES, Fact, Failure, FailureQuery, FailureSort, Store

NOW = datetime(2026, 11, 18, 12, 34, 56, 789, tzinfo=UTC)
SORTS: tuple[FailureSort, ...] = ("eventTime:desc", "eventTime:asc", "errorClass:asc")


@pytest.fixture
async def failures(store: Store) -> list[Fact]:
    """The failures of tenant-a in the small sample, loaded with everything else."""
    sample = small(3, NOW).facts[:8000]
    await store.ingest(sample)
    return [fact for fact in sample if fact.tenant_id == "tenant-a" and fact.event_type in FAILURES]


def ordered(facts: list[Fact], sort: FailureSort) -> list[str]:
    """The event ids as the order has them, ties ordered by event id ascending."""
    if sort == "errorClass:asc":
        return [fact.event_id for fact in sorted(facts, key=lambda fact: (str(fact.error_class), fact.event_id))]
    by_id = sorted(facts, key=lambda fact: fact.event_id)
    return [fact.event_id for fact in sorted(by_id, key=lambda fact: fact.event_time, reverse=sort == "eventTime:desc")]


async def walk(store: Store, query: FailureQuery, between: Iterator[list[Fact]] | None = None) -> list[Failure]:
    """Every failure of a query, page by page; between pages more facts may come in."""
    items: list[Failure] = []
    while True:
        page = await store.failures(query)
        items.extend(page.items)
        assert len(page.items) == query.limit or not page.has_more
        if not page.has_more:
            return items
        if between is not None:
            await store.ingest(next(between))
        query = replace(query, after=page.position)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("size", [7, 200])
async def test_a_walk_gives_every_failure_in_order(store: Store, failures: list[Fact], sort: FailureSort, size: int) -> None:
    """Whatever the page size and order."""
    items = await walk(store, FailureQuery("tenant-a", sort, limit=size))

    assert ordered(failures, sort) == [item.event_id for item in items]


@pytest.mark.parametrize("sort", SORTS)
async def test_a_walk_is_not_disturbed_by_what_comes_in(store: Store, failures: list[Fact], sort: FailureSort) -> None:
    """Everything that was there at the start comes once, nothing comes twice."""

    def arrivals() -> Iterator[list[Fact]]:
        for number in range(10_000):
            at = NOW + timedelta(seconds=number) if number % 2 else NOW - timedelta(hours=number % 60)
            yield [Fact("tenant-a", f"new-{number}", at, "async_failure", "web", "credit_check", "timeout")]

    items = [item.event_id for item in await walk(store, FailureQuery("tenant-a", sort, limit=25), arrivals())]

    assert len(items) == len(set(items))
    assert {fact.event_id for fact in failures} <= set(items)


async def test_filters_select_by_value(store: Store, failures: list[Fact]) -> None:
    """One filter or both at once."""
    query = FailureQuery("tenant-a", error_class="timeout", component="credit_check", limit=200)

    items = await walk(store, query)

    expected = [fact for fact in failures if (fact.error_class, fact.component) == ("timeout", "credit_check")]
    assert ordered(expected, "eventTime:desc") == [item.event_id for item in items]
    assert items


async def test_more_filters_and_a_window_select(store: Store, failures: list[Fact]) -> None:
    """By channel and by the outcome of retries, where none counts as `none`; a window may be open on a side."""
    moments = sorted(fact.event_time for fact in failures)
    start, end = moments[len(moments) // 4], moments[-len(moments) // 4]
    for channel, outcome, since, until in (("web", None, start, None), (None, "none", None, end), (None, "failed", start, end)):
        query = FailureQuery("tenant-a", limit=200, channel=channel, retry_outcome=outcome, start=since, end=until)
        expected = [
            fact
            for fact in failures
            if channel in (None, fact.channel)
            and outcome in (None, fact.retry_outcome or "none")
            and (since is None or fact.event_time >= since)
            and (until is None or fact.event_time < until)
        ]
        assert ordered(expected, "eventTime:desc") == [item.event_id for item in await walk(store, query)]
        assert expected
        assert await store.count_failures(query, 10_000) == len(expected)


async def test_an_item_carries_what_the_fact_said(store: Store, failures: list[Fact]) -> None:
    """Nothing is lost or changed on the way through the store."""
    (item,) = (await store.failures(FailureQuery("tenant-a", "eventTime:asc", limit=1))).items

    fact = next(fact for fact in failures if fact.event_id == item.event_id)
    assert item == Failure(
        fact.event_id,
        fact.event_time,
        str(fact.component),
        str(fact.error_class),
        fact.tenant_id,
        fact.correlation_id,
        str(fact.channel),
        fact.retry_outcome or "none",
    )


async def test_a_tenant_without_failures_has_one_empty_page(store: Store) -> None:
    """No items, no position, nothing more."""
    page = await store.failures(FailureQuery("tenant-empty"))

    assert (page.items, page.position, page.has_more) == ((), None, False)
