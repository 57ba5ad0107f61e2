"""The token is shown to nobody: not in a representation, not in an error, not in a log."""

from __future__ import annotations

import logging
import traceback

import pytest
from assay_sdk import ArgumentError, AsyncReliabilityClient, FeedPolicy, FeedRefusedError, ReliabilityClient, Request
from assay_sdk.caller import Caller
from assay_sdk.credentials import Credential
from assay_sdk.generated.reliability_1_0_0 import Unauthenticated
from websockets.sync.server import ServerConnection

from tests.sdk.scripted import Reply, error, feed_server, http_server, snapshot

SECRET = "eyJhbGciOi.very-secret.token"


def test_nothing_that_holds_the_token_shows_it() -> None:
    """Clients, callers, settings and requests keep it out of their representation."""
    client = ReliabilityClient("http://localhost:1", token=SECRET)
    caller: Caller = client._caller
    request = Request("GET", "http://localhost:1", {"Authorization": f"Bearer {SECRET}"}, 1.0)

    for holder in (
        client,
        AsyncReliabilityClient("http://localhost:1", token=SECRET),
        caller,
        caller.settings,
        request,
        Credential(SECRET),
    ):
        assert SECRET not in f"{holder!r} {holder}"


def test_no_error_and_no_log_line_shows_the_token(caplog: pytest.LogCaptureFixture) -> None:
    """Even with every logger at its most talkative."""
    caplog.set_level(logging.DEBUG)

    def refuse(connection: ServerConnection) -> None:
        connection.send(snapshot(1))
        connection.close(4403, "not yours")

    with (
        http_server(lambda _: Reply(401, error("UNAUTHENTICATED", "authz", 401))) as server,
        feed_server(refuse) as feed,
        ReliabilityClient(server.url, token=SECRET, feed_url=feed.url, feed=FeedPolicy(first_pause=0.01)) as client,
    ):
        with pytest.raises(Unauthenticated) as answered:
            client.get_realtime_snapshot(tenant_id="tenant-a")
        with pytest.raises(FeedRefusedError) as refused:
            list(client.incident_feed("tenant-a"))
        assert server.seen[0].headers["Authorization"] == f"Bearer {SECRET}"
        assert feed.sessions[0]["Authorization"] == f"Bearer {SECRET}"

    for caught in (answered, refused):
        assert SECRET not in "".join(traceback.format_exception(caught.value))
    # The server of this test is built on the same library, and writes down what it got.
    written = [record.getMessage() for record in caplog.records if record.name != "websockets.server"]
    assert written
    assert SECRET not in "".join(written)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "Bearer secret", "tökén-secret"])
def test_a_token_that_cannot_be_sent_is_refused_without_being_shown(token: str) -> None:
    """The message says what a token is made of."""
    with pytest.raises(ArgumentError, match="RFC 6750") as caught:
        ReliabilityClient("http://localhost:1", token=token)

    assert "secret" not in str(caught.value)


def test_a_function_is_asked_for_a_token_for_every_call() -> None:
    """So that it may renew it."""
    tokens = iter(["first", "second"])
    with (
        http_server(lambda _: Reply(401, error("UNAUTHENTICATED", "authz", 401))) as server,
        ReliabilityClient(server.url, token=lambda: next(tokens)) as client,
    ):
        for _ in range(2):
            with pytest.raises(Unauthenticated):
                client.get_realtime_snapshot(tenant_id="tenant-a")

    assert [seen.headers["Authorization"] for seen in server.seen] == ["Bearer first", "Bearer second"]


async def test_an_asynchronous_client_may_await_its_token() -> None:
    """The function may be a coroutine function."""

    async def renewed() -> str:
        return "awaited"

    with http_server(lambda _: Reply(401, error("UNAUTHENTICATED", "authz", 401))) as server:
        async with AsyncReliabilityClient(server.url, token=renewed) as client:
            with pytest.raises(Unauthenticated):
                await client.get_realtime_snapshot(tenant_id="tenant-a")

    assert server.seen[0].headers["Authorization"] == "Bearer awaited"
