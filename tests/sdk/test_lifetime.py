"""A client that is closed says so, errors travel, and a blocking client works where a loop runs."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from assay_sdk import ArgumentError, AsyncReliabilityClient, ClientClosed, InvalidAnswerError, ReliabilityClient, SdkError, TransportError
from assay_sdk.errors import CursorExpired, DeadlineExceeded, ErrorResponse, FeedRefusedError, IncompatibleVersionError, JobFailed

from tests.sdk.plain import AsyncPlainClient, PlainClient, every_error, operation
from tests.sdk.scripted import Reply, http_server


def test_a_closed_client_says_so() -> None:
    """Also one that derives from it, and when it is opened again."""
    with http_server(lambda _: Reply(200, {})) as server:
        client = PlainClient(server.url)
        derived = client.with_options(timeout=1.0)
        client.call(operation())
        client.close()
        client.close()

        for closed in (client, derived):
            with pytest.raises(ClientClosed, match="PlainClient is closed; expected an open client"):
                closed.call(operation())
        with pytest.raises(ClientClosed), client:
            pass

    assert len(server.seen) == 1


async def test_a_closed_asynchronous_client_says_so() -> None:
    """Its feed as well."""
    client = AsyncReliabilityClient("http://127.0.0.1:1")
    feed = client.incident_feed("tenant-a")
    await client.close()

    with pytest.raises(ClientClosed):
        await client.get_realtime_snapshot(tenant_id="tenant-a")
    with pytest.raises(ClientClosed):
        await anext(feed)


def test_the_feed_of_a_closed_client_says_so() -> None:
    """For threads."""
    client = ReliabilityClient("http://127.0.0.1:1")
    feed = client.incident_feed("tenant-a")
    client.close()

    with pytest.raises(ClientClosed):
        next(feed)


async def test_a_blocking_client_works_where_a_loop_runs() -> None:
    """As in a notebook; it needs no loop of its own."""
    with http_server(lambda _: Reply(200, {"ok": True})) as server, PlainClient(server.url) as client:
        assert client.call(operation()) == {"ok": True}


async def test_an_asynchronous_part_of_a_blocking_client_is_named() -> None:
    """The message says what to use instead."""

    async def token() -> str:
        import asyncio

        await asyncio.sleep(0)
        return "token"

    with PlainClient("http://127.0.0.1:1", token=token) as client, pytest.raises(RuntimeError, match="use the asynchronous client"):
        client.call(operation())


ERRORS: list[SdkError] = [
    ArgumentError("limit", expected="a number", actual="text"),
    ClientClosed("Client"),
    TransportError("refused", operation="get", correlation_id="id", attempts=2, sent=False),
    DeadlineExceeded("late", operation="get", correlation_id="id", attempts=2),
    InvalidAnswerError("/: missing", operation="get", correlation_id="id", response=ErrorResponse(200, {"a": "b"}, b"x")),
    IncompatibleVersionError("get", expected="1.x", actual="2"),
    CursorExpired("list", checkpoint=None, correlation_id="id"),
    JobFailed("failed", job="1", state="failed", status={"state": "failed"}),
    FeedRefusedError("feed", code=4401, when="unauthenticated", reason="no"),
    *(
        kind("wrong", code="C", status=400, operation="get", correlation_id="id", details={"field": "to"}, body={"a": 1})
        for kind in every_error()
    ),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_pickle(error: SdkError) -> None:
    """A pool of processes gives back what was raised, with all that it carries."""
    copied = pickle.loads(pickle.dumps(error))

    assert (type(copied), str(copied), _state(copied)) == (type(error), str(error), _state(error))


def _state(error: Any) -> dict[str, Any]:
    return dict(error.__dict__)


async def test_tasks_may_open_and_close() -> None:
    """A block closes."""
    with http_server(lambda _: Reply(200, {})) as server:
        async with AsyncPlainClient(server.url) as client:
            await client.call(operation())
        with pytest.raises(ClientClosed):
            await client.call(operation())
