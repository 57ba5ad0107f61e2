"""Calls over a real socket: what goes out, what comes back, what is kept."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from assay_sdk import (
    NO_RETRY,
    ArgumentError,
    AsyncReliabilityClient,
    IncompatibleVersionError,
    InvalidAnswerError,
    ReliabilityClient,
    TransportError,
    exchange_of,
)
from assay_sdk.generated.reliability_1_0_0 import FunnelMetrics, NotFound

from tests.sdk.scripted import HttpServer, Reply, Seen, error, failures, funnel, http_server, state

START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 11, 8, tzinfo=UTC)


def answering(seen: Seen) -> Reply:
    if seen.path.endswith("/funnel-metrics"):
        if seen.headers.get("If-None-Match") == 'W/"0f3a"':
            return Reply(304, headers={"ETag": 'W/"0f3a"', "Cache-Control": "private, max-age=15"})
        return Reply(200, funnel(), {"ETag": 'W/"0f3a"', "Cache-Control": "private, max-age=15"})
    if seen.path.endswith("/failures"):
        cursor = seen.query.get("cursor")
        pages = {None: (range(3), "page-two-page-two"), "page-two-page-two": (range(3, 5), None)}
        return Reply(200, failures(*pages[cursor]))
    return Reply(200, state(7))


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with http_server(answering) as running:
        yield running


@pytest.fixture
def client(server: HttpServer) -> Iterator[ReliabilityClient]:
    with ReliabilityClient(server.url, token="token-of-tenant-a") as opened:
        yield opened


def metrics(client: ReliabilityClient) -> FunnelMetrics:
    return client.get_funnel_metrics(tenant_id="tenant-a", from_=START, to=END)


def test_a_request_is_written_as_the_contract_says(client: ReliabilityClient, server: HttpServer) -> None:
    """Times end in Z whatever their zone, a filter is a deep object, and what is not given is not sent."""
    elsewhere = timezone(timedelta(hours=2))
    client.get_funnel_metrics(
        tenant_id="tenant-a", from_=START.astimezone(elsewhere), to=END, group_by="day", filter={"channel": "web", "error_class": "timeout"}
    )

    (seen,) = server.seen
    assert seen.path == "/v1/analytics/funnel-metrics"
    assert seen.query == {
        "tenantId": "tenant-a",
        "from": "2026-11-01T00:00:00Z",
        "to": "2026-11-08T00:00:00Z",
        "groupBy": "day",
        "filter[channel]": "web",
        "filter[errorClass]": "timeout",
    }


def test_every_request_says_who_asks_for_what_version_under_which_id(client: ReliabilityClient, server: HttpServer) -> None:
    """The credential, the major version that the client reads, and a fresh correlation id go with each call."""
    metrics(client)
    client.get_realtime_snapshot(tenant_id="tenant-a")

    first, second = (seen.headers for seen in server.seen)
    assert first["Authorization"] == "Bearer token-of-tenant-a"
    assert first["Accept-Schema-Version"] == "1"
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,128}", first["X-Correlation-Id"])
    assert first["X-Correlation-Id"] != second["X-Correlation-Id"]


def test_an_answer_is_a_typed_model_that_knows_its_exchange(client: ReliabilityClient) -> None:
    """The model has the numbers and the times of the payload, and its exchange the correlation id."""
    answer = client.get_funnel_metrics(tenant_id="tenant-a", from_=START, to=END, correlation_id="my-own-id-01")

    assert (answer.metrics.starts, answer.window.from_, answer.series) == (1200, START, None)
    exchange = exchange_of(answer)
    assert (exchange.operation, exchange.status, exchange.correlation_id, exchange.attempts) == ("getFunnelMetrics", 200, "my-own-id-01", 1)


def test_a_value_made_otherwise_has_no_exchange() -> None:
    """Asking for it is a mistake that is told as one."""
    with pytest.raises(LookupError, match="expected a response of a client call"):
        exchange_of(FunnelMetrics.model_validate_json(json.dumps(funnel())))


def test_an_answer_that_the_server_confirms_is_taken_from_the_cache(client: ReliabilityClient, server: HttpServer) -> None:
    """The second request carries the entity tag, 304 gives the same model, and its exchange says so."""
    first, second = metrics(client), metrics(client)

    assert server.seen[1].headers["If-None-Match"] == 'W/"0f3a"'
    assert first == second
    assert [(exchange_of(answer).status, exchange_of(answer).revalidated) for answer in (first, second)] == [(200, False), (304, True)]


def test_nothing_is_taken_from_the_cache_for_another_question_or_credential(server: HttpServer) -> None:
    """A tag is offered only for the very question that it was issued for, by the same credential."""
    tokens = iter(["first", "second", "second"])
    with ReliabilityClient(server.url, token=lambda: next(tokens)) as client:
        metrics(client)
        metrics(client)
        client.get_funnel_metrics(tenant_id="tenant-b", from_=START, to=END)

    assert [seen.headers["If-None-Match"] for seen in server.seen] == [None, None, None]


def test_a_client_without_a_cache_asks_anew(server: HttpServer) -> None:
    """A size of zero switches it off."""
    with ReliabilityClient(server.url, cache_size=0) as client:
        metrics(client)
        metrics(client)

    assert [seen.headers["If-None-Match"] for seen in server.seen] == [None, None]


def test_a_page_gives_its_own_items_and_then_those_of_the_pages_after_it(client: ReliabilityClient, server: HttpServer) -> None:
    """The next page is asked for when its first item is, under the same arguments."""
    page = client.list_failures(tenant_id="tenant-a", page_size=3, filter={"error_class": "timeout"})
    assert ([item.event_id for item in page.items], len(server.seen)) == (["evt-000000", "evt-000001", "evt-000002"], 1)

    assert [item.event_id for item in page] == [f"evt-{number:06}" for number in range(5)]

    assert [seen.query.get("cursor") for seen in server.seen] == [None, "page-two-page-two"]
    assert server.seen[1].query == {**server.seen[0].query, "cursor": "page-two-page-two"}


def test_the_last_page_has_no_next() -> None:
    """After it comes None."""
    with http_server(lambda _: Reply(200, failures(range(0), None))) as server, ReliabilityClient(server.url) as client:
        page = client.list_failures(tenant_id="tenant-a")

        assert (list(page), page.next_cursor, page.next_page()) == ([], None, None)


def test_a_page_that_leads_to_itself_is_refused() -> None:
    """A server that repeats its cursor would be read for ever."""
    with http_server(lambda _: Reply(200, failures(range(1), "the-same-cursor-again"))) as server, ReliabilityClient(server.url) as client:
        items = iter(client.list_failures(tenant_id="tenant-a"))
        next(items)
        next(items)

        with pytest.raises(InvalidAnswerError, match="never end"):
            next(items)


def test_threads_may_share_a_client(client: ReliabilityClient, server: HttpServer) -> None:
    """Its first calls at once make one transport, and the cache serves them all."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: metrics(client), range(40)))

    assert all(answer == answers[0] for answer in answers)
    assert len({seen.headers["X-Correlation-Id"] for seen in server.seen}) == 40


def test_the_cache_lets_go_of_what_was_not_used_for_longest(server: HttpServer) -> None:
    """It never grows beyond its size."""
    with ReliabilityClient(server.url, cache_size=2) as client:
        for tenant in ("tenant-a", "tenant-b", "tenant-a", "tenant-c", "tenant-a", "tenant-b"):
            client.get_funnel_metrics(tenant_id=tenant, from_=START, to=END)

    assert [seen.headers["If-None-Match"] is not None for seen in server.seen] == [False, False, True, False, True, False]


async def test_the_asynchronous_client_is_the_same_client(server: HttpServer) -> None:
    """Calls, cache and pages go as in the blocking one."""
    async with AsyncReliabilityClient(server.url, token="token-of-tenant-a") as client:
        first = await client.get_funnel_metrics(tenant_id="tenant-a", from_=START, to=END)
        second = await client.get_funnel_metrics(tenant_id="tenant-a", from_=START, to=END)
        page = await client.list_failures(tenant_id="tenant-a")
        items = [item.event_id async for item in page]

    assert (exchange_of(second).revalidated, first == second) == (True, True)
    assert items == [f"evt-{number:06}" for number in range(5)]


async def test_calls_of_one_asynchronous_client_run_side_by_side(server: HttpServer) -> None:
    """A client may be shared by tasks."""
    async with AsyncReliabilityClient(server.url) as client:
        answers = await asyncio.gather(*(client.get_realtime_snapshot(tenant_id="tenant-a") for _ in range(20)))

    assert {answer.seq for answer in answers} == {7}
    assert len({exchange_of(answer).correlation_id for answer in answers}) == 20


def test_a_value_or_member_that_the_client_does_not_know_is_accepted() -> None:
    """A later minor version may add both; neither costs the answer."""
    later = funnel(
        schemaVersion="1.7.2", forecast={"starts": 1}, meta={**funnel()["meta"], "dataProfile": "analytics-lake", "region": "eu"}
    )
    with http_server(lambda _: Reply(200, later)) as server, ReliabilityClient(server.url) as client:
        answer = metrics(client)

    assert (answer.meta.data_profile, answer.schema_version) == ("analytics-lake", "1.7.2")
    assert answer.model_extra == {"forecast": {"starts": 1}}


@pytest.mark.parametrize(
    "body",
    [
        funnel(metrics={**funnel()["metrics"], "starts": "1200"}),
        {key: value for key, value in funnel().items() if key != "meta"},
        funnel(tenantId="Not A Tenant"),
        b"{not json",
        b"",
        [],
    ],
)
def test_an_answer_that_breaks_the_contract_is_an_error_of_its_own(body: object) -> None:
    """It says where the answer is wrong and carries the correlation id, and shows nothing of the payload."""
    with (
        http_server(lambda _: Reply(200, body)) as server,
        ReliabilityClient(server.url) as client,
        pytest.raises(InvalidAnswerError, match="breaks the contract") as caught,
    ):
        client.get_funnel_metrics(tenant_id="tenant-a", from_=START, to=END, correlation_id="my-own-id-01")

    assert (caught.value.correlation_id, caught.value.category) == ("my-own-id-01", "contract")
    assert "1200" not in str(caught.value)


@pytest.mark.parametrize("body", [funnel(schemaVersion="2.0.0"), {"schemaVersion": "2.0.0", "else": 1}])
def test_an_answer_of_another_major_is_told_apart_from_a_broken_one(body: object) -> None:
    """Whether or not it fits the schema, its version is what is wrong."""
    with (
        http_server(lambda _: Reply(200, body)) as server,
        ReliabilityClient(server.url) as client,
        pytest.raises(IncompatibleVersionError) as caught,
    ):
        metrics(client)

    assert (caught.value.expected, caught.value.actual) == ("1.x", "2.0.0")


def test_a_304_that_nobody_asked_for_is_refused() -> None:
    """There is no answer that it could confirm."""
    with (
        http_server(lambda _: Reply(304)) as server,
        ReliabilityClient(server.url) as client,
        pytest.raises(InvalidAnswerError, match="without an entity tag"),
    ):
        metrics(client)


def test_a_server_that_is_not_there_is_a_transport_error() -> None:
    """It names the operation, the attempts and the correlation id."""
    with http_server(answering) as server:
        pass
    with ReliabilityClient(server.url, retry=NO_RETRY) as client, pytest.raises(TransportError) as caught:
        metrics(client)

    assert (caught.value.operation, caught.value.attempts) == ("getFunnelMetrics", 1)
    assert caught.value.correlation_id in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"from_": datetime(2026, 11, 1)}, "from_: expected a time with its zone"),
        ({"filter": {"chanel": "web"}}, "properties out of channel, error_class, got 'chanel'"),
        ({"filter": "web"}, "filter: expected a mapping"),
        ({"tenant_id": object()}, "tenant_id: expected a string"),
        ({"correlation_id": "short"}, "correlation_id: expected a string that matches"),
        ({"correlation_id": "long enough but\r\nX-Evil: 1"}, "correlation_id: expected a string that matches"),
        ({"correlation_id": "ends-in-a-newline\n"}, "correlation_id: expected a string that matches"),
    ],
)
def test_an_argument_that_cannot_be_written_is_refused_before_anything_is_sent(
    client: ReliabilityClient, server: HttpServer, arguments: dict[str, object], message: str
) -> None:
    """The message names the argument and what was expected."""
    given = {"tenant_id": "tenant-a", "from_": START, "to": END, **arguments}

    with pytest.raises(ArgumentError, match=re.escape(message)):
        client.get_funnel_metrics(**given)  # type: ignore[arg-type]

    assert server.seen == []


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host", "http://", "http://user:secret@host", "http://host/?a=b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """A password in it is never repeated."""
    with pytest.raises(ArgumentError, match="base_url: expected http or https") as caught:
        ReliabilityClient(url)

    assert "secret" not in str(caught.value)


def test_an_error_body_wins_over_the_header_that_carries_the_same_id() -> None:
    """The envelope's correlation id is the one that the server logged."""
    with (
        http_server(lambda _: Reply(404, error("NOT_FOUND", "validation", 404))) as server,
        ReliabilityClient(server.url) as client,
        pytest.raises(NotFound) as caught,
    ):
        metrics(client)

    assert caught.value.correlation_id == "from-the-body"
