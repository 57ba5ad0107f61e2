"""A call seen otherwise: with its status and headers, or raw while its body is still on its way."""

from __future__ import annotations

import pytest
from assay_sdk import ApiError, AsyncReliabilityClient, ReliabilityClient, TransportError

from tests.sdk.plain import AsyncPlainClient, PlainClient, operation
from tests.sdk.scripted import Reply, Seen, failures, http_server, state


def script(seen: Seen) -> Reply:
    if seen.path.endswith("/failures"):
        return Reply(200, failures(range(2), None), {"X-Left": "41"})
    return Reply(200, state(7), {"X-Left": "42"})


def test_a_call_with_its_response() -> None:
    """The value is what the method returns by itself, for a page too."""
    with http_server(script) as server, ReliabilityClient(server.url) as client:
        response = client.with_response(client.get_realtime_snapshot, tenant_id="tenant-a")
        page = client.with_response(client.list_failures, tenant_id="tenant-a")

    assert (response.value.seq, response.status, response.headers["x-left"], response.exchange.attempts) == (7, 200, "42", 1)
    assert ([item.event_id for item in page.value.items], page.headers["X-LEFT"]) == (["evt-000000", "evt-000001"], "41")


async def test_a_call_with_its_response_in_tasks() -> None:
    """The same for tasks."""
    with http_server(script) as server:
        async with AsyncReliabilityClient(server.url) as client:
            response = await client.with_response(client.get_realtime_snapshot, tenant_id="tenant-a")

    assert (response.value.seq, response.headers["x-left"]) == (7, "42")


def test_a_body_is_streamed() -> None:
    """In pieces as they come, line by line, or whole; the parsed call after it is untouched."""
    with (
        http_server(lambda _: Reply(200, b"one\r\ntwo\nthree", {"Content-Type": "text/plain"})) as server,
        PlainClient(server.url) as client,
    ):
        with client.with_stream(client.call, operation()) as raw:
            assert (raw.status, raw.headers["content-type"]) == (200, "text/plain")
            assert list(raw.iter_lines()) == ["one", "two", "three"]
        with client.with_stream(client.call, operation()) as raw:
            assert raw.read() == b"one\r\ntwo\nthree"

    with http_server(script) as server, ReliabilityClient(server.url) as typed:
        with typed.with_stream(typed.list_failures, tenant_id="tenant-a") as raw:
            assert raw.read().startswith(b"{")
        assert typed.get_realtime_snapshot(tenant_id="tenant-a").seq == 7


async def test_a_body_is_streamed_in_tasks() -> None:
    """The same for tasks."""
    with http_server(lambda _: Reply(200, b"one\ntwo", {"Content-Type": "text/plain"})) as server:
        async with AsyncPlainClient(server.url) as client, client.with_stream(client.call, operation()) as raw:
            assert [line async for line in raw.iter_lines()] == ["one", "two"]


def test_a_streamed_error_raises_as_ever() -> None:
    """Its body is read up to its bound."""
    with (
        http_server(lambda _: Reply(404, b"x" * 200_000, {"Content-Type": "text/plain"})) as server,
        PlainClient(server.url) as client,
        pytest.raises(ApiError) as caught,
        client.with_stream(client.call, operation()),
    ):
        pass

    assert (caught.value.status, len(caught.value.text), caught.value.response.truncated) == (404, 65536, True)


def test_a_stream_that_breaks_off_is_a_transport_error() -> None:
    """Never a shorter body."""
    reply = Reply(200, b"short", {"Content-Type": "text/plain", "Content-Encoding": "gzip"})
    with (
        http_server(lambda _: reply) as server,
        PlainClient(server.url) as client,
        client.with_stream(client.call, operation()) as raw,
        pytest.raises(TransportError),
    ):
        raw.read()


def test_a_view_of_a_method_that_calls_nothing_says_so() -> None:
    """It would wait for ever otherwise."""
    with PlainClient("http://127.0.0.1:1") as client, pytest.raises(TypeError, match="made no call"):
        client.with_response(repr, client)
