"""What one call, or a derived client, does otherwise than its client; and what an application puts around every request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from assay_sdk import ApiError, ArgumentError, Hooks, RetryPolicy
from assay_sdk.settings import CallOptions, read_settings
from assay_sdk.transport import Answer, Request

from tests.sdk.plain import AsyncPlainClient, FakeClock, PlainClient, operation
from tests.sdk.scripted import Reply, http_server


def test_the_options_of_a_call_go_over_those_of_the_client() -> None:
    """Headers whatever their case, None takes one away, and the query is added to that of the operation."""
    with (
        http_server(lambda _: Reply(200, {})) as server,
        PlainClient(server.url, headers={"X-Team": "one", "X-Region": "eu"}, query={"tenant": "a"}) as client,
    ):
        client.call(operation())
        client.call(operation(), options={"headers": {"x-team": "two", "X-Region": None}, "query": {"page": 2, "tags": ["a", "b c"]}})
        client.call(operation())

    assert [(seen.headers["X-Team"], seen.headers["X-Region"], seen.raw_query) for seen in server.seen] == [
        ("one", "eu", "tenant=a"),
        ("two", None, "tenant=a&page=2&tags=a&tags=b%20c"),
        ("one", "eu", "tenant=a"),
    ]


def test_a_derived_client_has_options_of_its_own() -> None:
    """It shares the connection pool, and leaves the client that it came from as it was."""
    with http_server(lambda _: Reply(503)) as server, http_server(lambda _: Reply(200, "elsewhere")) as other:
        client = PlainClient(server.url, clock=FakeClock())
        once = client.with_options(retry=RetryPolicy(backoff_attempts=1))
        with client, pytest.raises(ApiError):
            once.call(operation())
        assert len(server.seen) == 1

    with http_server(lambda _: Reply(200, "elsewhere")) as other, PlainClient("http://127.0.0.1:1") as client:
        assert client.with_options(base_url=other.url).call(operation()) == "elsewhere"


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"total_timeout": -1.0},
        {"headers": {"X-Note": "a\r\nX-Evil: 1"}},
        {"headers": {"bad name": "a"}},
        {"base_url": "ftp://host"},
        {"time_out": 3},
    ],
)
def test_an_option_that_cannot_be_meant_is_rejected(options: Any) -> None:
    """Before anything is sent, naming the option."""
    with http_server(lambda _: Reply(200, {})) as server, PlainClient(server.url) as client, pytest.raises(ArgumentError):
        client.call(operation(), options=options)

    assert server.seen == []


def test_time_and_randomness_can_be_replaced() -> None:
    """So that a test of an application neither waits nor guesses."""
    clock = FakeClock()
    with (
        http_server(lambda _: Reply(503)) as server,
        PlainClient(server.url, clock=clock, chance=lambda: 0.5) as client,
        pytest.raises(ApiError),
    ):
        client.call(operation())

    assert clock.slept == [0.1, 0.2, 0.4, 0.8]


def test_hooks_change_requests_and_see_responses() -> None:
    """In order, once for each attempt."""
    seen: list[tuple[str, int]] = []

    def signed(request: Request) -> Request:
        return replace(request, headers={**request.headers, "X-Signature": f"{request.method} signed"})

    def observed(request: Request, answer: Answer) -> None:
        seen.append((request.headers["X-Signature"], answer.status))

    hooks = Hooks(on_request=(signed,), on_response=(observed,))
    replies = iter([Reply(503), Reply(200, {})])
    with http_server(lambda _: next(replies)) as server, PlainClient(server.url, hooks=hooks, clock=FakeClock()) as client:
        client.call(operation())

    assert [sent.headers["X-Signature"] for sent in server.seen] == ["GET signed", "GET signed"]
    assert seen == [("GET signed", 503), ("GET signed", 200)]


async def test_hooks_of_tasks_may_await() -> None:
    """For instance to fetch what they sign with."""

    async def signed(request: Request) -> Request:
        return replace(request, headers={**request.headers, "X-Signature": "awaited"})

    with http_server(lambda _: Reply(200, {})) as server:
        async with AsyncPlainClient(server.url, hooks=Hooks(on_request=(signed,))) as client:
            await client.call(operation(), options=CallOptions(timeout=2.0))

    assert server.seen[0].headers["X-Signature"] == "awaited"


@pytest.mark.parametrize("option", ["total", "time_out"])
def test_an_option_that_no_client_has_is_refused(option: str) -> None:
    """A misspelt limit must not be a limit that does not hold."""
    with pytest.raises(ArgumentError, match=f"{option}.*total_timeout"):
        read_settings("http://127.0.0.1:9", cast("Any", {option: 1.0}))
