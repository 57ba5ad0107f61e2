"""The types that a caller sees, pinned: checked by mypy and pyright, run by nobody."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, assert_type

from assay_sdk import (
    ApiError,
    AsyncFeed,
    AsyncPage,
    AsyncReliabilityClient,
    CannotReplay,
    ConnectionChanged,
    Exchange,
    Feed,
    NothingMissed,
    Page,
    ReliabilityClient,
    Replayed,
    ValidationError,
    exchange_of,
)
from assay_sdk.generated.reliability_1_0_0 import (
    Failure,
    FailurePage,
    FunnelBucket,
    FunnelMetrics,
    Heartbeat,
    Incident,
    IncidentChange,
    IncidentDelta,
    IncidentFeedMessage,
    InvalidWindow,
    RealtimeSnapshot,
    Snapshot,
)

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC)


def calls(client: ReliabilityClient) -> None:
    """A call gives the model of its answer."""
    metrics = client.get_funnel_metrics(
        tenant_id="tenant-a", from_=START, to=END, group_by="day", filter={"channel": "web", "error_class": "of a later version"}
    )
    assert_type(metrics, FunnelMetrics)
    assert_type(metrics.metrics.starts, int)
    assert_type(metrics.metrics.conversion_rate, float)
    assert_type(metrics.window.from_, datetime)
    assert_type(metrics.series, list[FunnelBucket] | None)
    assert_type(exchange_of(metrics), Exchange)
    assert_type(exchange_of(metrics).correlation_id, str)


def an_open_enumeration_reads_as_text(failure: Failure, client: ReliabilityClient) -> None:
    """A value of an answer can be compared, shown, and asked for."""
    assert_type(failure.error_class == "timeout", bool)
    text: str = failure.error_class
    client.list_failures(tenant_id="tenant-a", filter={"error_class": failure.error_class, "component": text})


def a_closed_choice_is_closed(client: ReliabilityClient, sort: Literal["eventTime:desc", "eventTime:asc", "errorClass:asc"]) -> None:
    """What is only asked for, and a name that is not there, is told before anything runs."""
    client.list_failures(tenant_id="tenant-a", sort=sort)
    client.list_failures(tenant_id="tenant-a", sort="eventTime")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    client.list_failures(tenant_id="tenant-a", filter={"eror": "x"})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    client.list_failures()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


def pages(client: ReliabilityClient) -> None:
    """A page knows its items and goes on to those after it."""
    page = client.list_failures(tenant_id="tenant-a")
    assert_type(page, Page[FailurePage, Failure])
    assert_type(page.answer, FailurePage)
    assert_type(page.items, Sequence[Failure])
    assert_type(page.next_page(), Page[FailurePage, Failure] | None)
    for failure in page:
        assert_type(failure, Failure)


async def asynchronous_calls(client: AsyncReliabilityClient) -> None:
    """The same, awaited."""
    assert_type(await client.get_realtime_snapshot(tenant_id="tenant-a", after=7), RealtimeSnapshot)
    page = await client.list_failures(tenant_id="tenant-a")
    assert_type(page, AsyncPage[FailurePage, Failure])
    async for failure in page:
        assert_type(failure, Failure)


def feeds(client: ReliabilityClient) -> None:
    """An event is one of a few types, and narrows to each."""
    feed = client.incident_feed("tenant-a")
    assert_type(feed, Feed[IncidentFeedMessage, RealtimeSnapshot, Incident, IncidentChange])
    assert_type(feed.state, Mapping[str, Incident])
    assert_type(feed.last_update, datetime | None)
    for event in feed:
        if isinstance(event, IncidentDelta):
            assert_type(event.changes, list[Incident])
        elif isinstance(event, ConnectionChanged):
            assert_type(event.state, Literal["connecting", "live", "reconnecting", "polling", "closed"])
        else:
            assert_type(event, Snapshot | Heartbeat | RealtimeSnapshot | NothingMissed | Replayed[IncidentChange] | CannotReplay)


async def asynchronous_feeds(client: AsyncReliabilityClient) -> None:
    """The same, awaited."""
    feed = client.incident_feed("tenant-a")
    assert_type(feed, AsyncFeed[IncidentFeedMessage, RealtimeSnapshot, Incident, IncidentChange])
    async for event in feed:
        assert_type(
            event,
            Snapshot
            | IncidentDelta
            | Heartbeat
            | RealtimeSnapshot
            | ConnectionChanged
            | NothingMissed
            | Replayed[IncidentChange]
            | CannotReplay,
        )


def errors(error: InvalidWindow) -> ValidationError:
    """An error of a code is one of its category."""
    assert_type(error.field, str | None)
    assert_type(error.retry_after, float | None)
    api: ApiError = error
    assert_type(api.code, str)
    return error
