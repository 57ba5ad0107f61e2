"""What is sent again: nothing whose fate is open, never beyond the budget of time, never more than the quota of retries."""

from __future__ import annotations

import time
from typing import Any

import pytest
from assay_sdk import ApiError, DeadlineExceeded, RetryPolicy, TransportError
from assay_sdk.retry import read_retry_after

from tests.sdk.plain import AsyncPlainClient, FakeClock, PlainClient, TaxonomyClient, operation
from tests.sdk.scripted import Reply, http_server

QUICK = RetryPolicy(first_pause=0.001, longest_pause=0.002)


def sent(client: type[PlainClient], method: str, reply: Reply, **options: Any) -> int:
    """How many requests one call sends to a server that always answers so."""
    with (
        http_server(lambda _: reply) as server,
        client(server.url, retry=QUICK, **options) as opened,
        pytest.raises((ApiError, TransportError)),
    ):
        opened.call(operation(method), {"body": {"a": 1}})
    return len(server.seen)


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_a_request_that_changes_something_is_sent_once_when_its_fate_is_open(status: int) -> None:
    """A gateway that lost the response does not know whether the server acted."""
    assert [sent(kind, method, Reply(status)) for kind in (PlainClient, TaxonomyClient) for method in ("POST", "PATCH")] == [1, 1, 1, 1]


def test_a_request_that_changes_something_is_sent_once_when_the_connection_breaks() -> None:
    """The server may have acted before."""
    assert sent(PlainClient, "POST", Reply(broken=True)) == 1


def test_a_request_that_changes_something_is_sent_once_after_a_read_timeout() -> None:
    """Silence is no statement about the request."""
    assert sent(PlainClient, "POST", Reply(200, {"slow": True}, drip=0.2), timeout=0.05) == 1


@pytest.mark.parametrize(("status", "body"), [(503, {"code": "OUTAGE"}), (503, {"retryable": True}), (429, {})])
def test_a_request_that_the_server_says_it_did_not_act_on_is_sent_again(status: int, body: dict[str, Any]) -> None:
    """A retryable code of the taxonomy says so, and so does 429."""
    assert sent(TaxonomyClient, "POST", Reply(status, body)) > 1


def test_a_connection_that_was_never_made_is_tried_again_whatever_the_method() -> None:
    """The server cannot have acted."""
    with http_server(lambda _: Reply(200)) as server:
        pass
    clock = FakeClock()
    with PlainClient(server.url, clock=clock) as client, pytest.raises(TransportError) as caught:
        client.call(operation("POST"), {"body": {}})

    assert (caught.value.attempts, caught.value.sent, len(clock.slept)) == (5, False, 4)


@pytest.mark.parametrize(("status", "expected"), [(429, 5), (502, 5), (503, 5), (504, 5), (500, 1), (404, 1), (409, 1)])
def test_without_a_taxonomy_the_status_decides_about_safe_requests(status: int, expected: int) -> None:
    """What is passing is tried again, what is not is not."""
    assert sent(PlainClient, "GET", Reply(status)) == expected


def test_a_key_lets_a_request_be_sent_again_under_the_same_key() -> None:
    """The server takes all attempts for one request."""
    with http_server(lambda _: Reply(503)) as server, PlainClient(server.url, retry=QUICK) as client, pytest.raises(ApiError):
        client.call(operation("POST"), {"body": {}}, {"idempotency_key": "key-1"})

    assert [seen.headers["Idempotency-Key"] for seen in server.seen] == ["key-1"] * 5


def test_an_outage_is_amplified_at_most_by_a_tenth() -> None:
    """A hundred calls of a server that is away send at most 110 requests."""
    with http_server(lambda _: Reply(503)) as server, PlainClient(server.url, retry=QUICK, clock=FakeClock()) as client:
        for _ in range(100):
            with pytest.raises(ApiError):
                client.call(operation())

    assert len(server.seen) <= 110


def test_successes_earn_retries_back() -> None:
    """A client that lives through passing failures is never left without retries."""
    seen: list[int] = []

    def passing(_: object) -> Reply:
        seen.append(1)
        return Reply(503) if len(seen) % 2 else Reply(200, {})

    with http_server(passing) as server, PlainClient(server.url, retry=QUICK, clock=FakeClock()) as client:
        for _ in range(50):
            client.call(operation())

    assert len(seen) == 100


def test_a_call_never_outlives_its_total_timeout() -> None:
    """A pause that would end beyond it is not begun, and the error of the last attempt is raised."""
    clock = FakeClock()
    reply = Reply(503, headers={"Retry-After": "4"})
    with (
        http_server(lambda _: reply) as server,
        PlainClient(server.url, clock=clock, total_timeout=10.0) as client,
        pytest.raises(ApiError) as caught,
    ):
        client.call(operation())

    assert (len(server.seen), caught.value.retry_after) == (3, 4.0)
    assert all(pause >= 4.0 for pause in clock.slept)
    assert clock.time - 1000.0 < 10.0


def test_a_body_that_drips_ends_with_the_total_timeout() -> None:
    """No single read is slow, the whole is."""
    reply = Reply(200, {"dripping": "x" * 100}, drip=0.05)
    started = time.monotonic()
    with (
        http_server(lambda _: reply) as server,
        PlainClient(server.url, total_timeout=0.4) as client,
        pytest.raises(DeadlineExceeded, match="raise total_timeout"),
    ):
        client.call(operation())

    assert time.monotonic() - started < 1.5


async def test_a_body_that_drips_ends_with_the_total_timeout_in_tasks() -> None:
    """The same for tasks."""
    reply = Reply(200, {"dripping": "x" * 100}, drip=0.05)
    with http_server(lambda _: reply) as server:
        async with AsyncPlainClient(server.url, total_timeout=0.4) as client:
            with pytest.raises(DeadlineExceeded, match="raise total_timeout"):
                await client.call(operation())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Sun, 01 Nov 2026 00:00:05 GMT", 5.0),
        ("Sunday, 01-Nov-26 00:00:05 GMT", 5.0),
        ("Sun Nov  1 00:00:05 2026", 5.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("9" * 400, 999999999999999999.0),
        ("1.5", None),
        ("Sun, 41 Nov 2026 00:00:05 GMT", None),
    ],
)
def test_the_three_forms_of_a_date_are_read_and_nothing_else(value: str, expected: float | None) -> None:
    """Their zone is always Greenwich (RFC 9110)."""
    assert read_retry_after(value, 1793491200.0) == expected
