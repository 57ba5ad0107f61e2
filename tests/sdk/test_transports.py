"""Every transport does the same: the same requests, the same responses, the same failures."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from assay_sdk import ApiError, DeadlineExceeded, RetryPolicy, TransportError
from assay_sdk.driving import run
from assay_sdk.network import Network
from assay_sdk.transport import Answer, NoAnswer, OpenAnswer, Request, Transport

from tests.sdk.plain import AsyncPlainClient, PlainClient, operation
from tests.sdk.scripted import Reply, http_server

Maker = Callable[..., Any]


def maker(module: str, name: str, needs: str) -> Any:
    """A transport whose library is installed, or a skipped test."""

    def make(**options: Any) -> Any:
        pytest.importorskip(needs)
        return getattr(importlib.import_module(f"assay_sdk.{module}"), name)(**options)

    return pytest.param(make, id=name)


BLOCKING = [maker("over_httpx", "HttpxTransport", "httpx"), maker("over_httpx2", "Httpx2Transport", "httpx2")]
AWAITED = [
    maker("over_httpx", "AsyncHttpxTransport", "httpx"),
    maker("over_httpx2", "AsyncHttpx2Transport", "httpx2"),
    maker("over_aiohttp", "AiohttpTransport", "aiohttp"),
]
TARGET = "/a%2Fb?x=1%202&y=%E2%82%AC&z=a%2Cb"


def request(url: str, **facts: Any) -> Request:
    return Request(**{"method": "GET", "url": url, "headers": {"X-One": "1"}, "timeout": 2.0, **facts})


async def collected(opened: OpenAnswer) -> bytes:
    body = b""
    while chunk := await opened.read():
        body += chunk
    await opened.close()
    return body


async def exchange(transport: Any, url: str) -> tuple[Answer, OpenAnswer, bytes]:
    answer = await transport.send(request(url + TARGET, method="PUT", body=b"\x00body"))
    opened = await transport.open(request(url + TARGET))
    return answer, opened, await collected(opened)


def judge(seen: Any, answer: Answer, opened: OpenAnswer, body: bytes) -> None:
    assert [(sent.method, f"{sent.path}?{sent.raw_query}", sent.headers["X-One"], sent.body) for sent in seen] == [
        ("PUT", TARGET, "1", b"\x00body"),
        ("GET", TARGET, "1", b""),
    ]
    assert (answer.status, answer.headers["x-LEFT"], answer.body) == (201, "41", b"whole")
    assert (opened.status, opened.headers["x-left"], body) == (201, "41", b"whole")


@pytest.mark.parametrize("make", BLOCKING)
def test_a_request_goes_out_as_it_is_written(make: Maker) -> None:
    """Method, target byte for byte, headers and body; the response comes whole or in pieces."""
    with http_server(lambda _: Reply(201, b"whole", {"X-Left": "41"})) as server:
        transport = make()
        judge(server.seen, *run(exchange(transport, server.url)))
        run(transport.close())


@pytest.mark.parametrize("make", AWAITED)
async def test_a_request_of_a_task_goes_out_as_it_is_written(make: Maker) -> None:
    """The same for tasks."""
    with http_server(lambda _: Reply(201, b"whole", {"X-Left": "41"})) as server:
        transport = make()
        judge(server.seen, *await exchange(transport, server.url))
        await transport.close()


async def failures(transport: Transport) -> list[bool]:
    """Whether the request was sent, for a server that is not there and for one that breaks off."""
    found: list[bool] = []
    with http_server(lambda _: Reply(broken=True)) as server:
        with pytest.raises(NoAnswer) as caught:
            await transport.send(request(server.url))
        found.append(caught.value.sent)
    with pytest.raises(NoAnswer) as caught:
        await transport.send(request(server.url))
    found.append(caught.value.sent)
    await transport.close()
    return found


@pytest.mark.parametrize("make", BLOCKING)
def test_a_failure_says_whether_the_request_was_sent(make: Maker) -> None:
    """Which decides whether it may be sent again."""
    assert run(failures(make())) == [True, False]


@pytest.mark.parametrize("make", AWAITED)
async def test_a_failure_of_a_task_says_whether_the_request_was_sent(make: Maker) -> None:
    """The same for tasks."""
    assert await failures(make()) == [True, False]


@pytest.mark.parametrize("make", BLOCKING)
def test_time_is_bounded(make: Maker) -> None:
    """A silent server by the timeout, a dripping one by the total."""
    with (
        http_server(lambda _: Reply(200, b"x" * 60, drip=0.05)) as server,
        PlainClient(server.url, transport=make(), total_timeout=0.3) as client,
        pytest.raises(DeadlineExceeded),
    ):
        client.call(operation())
    started = time.monotonic()
    with (
        http_server(lambda _: Reply(200, b"xx", drip=1.0)) as server,
        PlainClient(server.url, transport=make(), timeout=0.1, retry=RetryPolicy(backoff_attempts=1)) as client,
        pytest.raises(TransportError),
    ):
        client.call(operation())
    assert time.monotonic() - started < 3.0


@pytest.mark.parametrize("make", AWAITED)
async def test_time_of_tasks_is_bounded(make: Maker) -> None:
    """The same for tasks."""
    with http_server(lambda _: Reply(200, b"x" * 60, drip=0.05)) as server:
        async with AsyncPlainClient(server.url, transport=make(), total_timeout=0.3) as client:
            with pytest.raises(DeadlineExceeded):
                await client.call(operation())
    with http_server(lambda _: Reply(200, b"xx", drip=0.5)) as server:
        async with AsyncPlainClient(server.url, transport=make(), timeout=0.1, retry=RetryPolicy(backoff_attempts=1)) as client:
            with pytest.raises(TransportError):
                await client.call(operation())


@pytest.mark.parametrize("make", AWAITED)
async def test_a_client_works_over_every_transport(make: Maker) -> None:
    """Calls, errors and streams."""
    with http_server(lambda seen: Reply(200 if seen.method == "GET" else 409, {"a": 1})) as server:
        async with AsyncPlainClient(server.url, transport=make()) as client:
            assert await client.call(operation()) == {"a": 1}
            with pytest.raises(ApiError) as caught:
                await client.call(operation("POST"), {"body": {}})
            async with client.with_stream(client.call, operation()) as raw:
                assert await raw.read() == b'{"a": 1}'
    assert caught.value.body == {"a": 1}


@pytest.mark.parametrize("make", BLOCKING)
def test_a_proxy_is_used_and_its_password_is_never_shown(make: Maker) -> None:
    """A plain request is sent to the proxy whole."""
    with http_server(lambda _: Reply(200, {"through": "proxy"})) as proxy:
        network = Network(proxy.url.replace("http://", "http://user:pass-word@"))
        with PlainClient("http://api.invalid", transport=make(network=network)) as client:
            assert client.call(operation()) == {"through": "proxy"}

    assert "pass-word" not in repr(network)
    assert proxy.seen[0].headers["Host"] == "api.invalid"


@pytest.mark.parametrize("make", BLOCKING)
def test_a_cookie_of_one_response_rides_on_no_other_request(make: Maker) -> None:
    """What a server sets for one caller must not speak for the next."""
    with (
        http_server(lambda _: Reply(200, {}, {"Set-Cookie": "session=abc; Path=/"})) as server,
        PlainClient(server.url, transport=make()) as client,
    ):
        client.call(operation())
        client.call(operation())

    assert [seen.headers["Cookie"] for seen in server.seen] == [None, None]


@pytest.mark.parametrize("make", AWAITED)
async def test_a_cookie_of_one_response_rides_on_no_other_request_of_a_task(make: Maker) -> None:
    """The same for tasks."""
    with http_server(lambda _: Reply(200, {}, {"Set-Cookie": "session=abc; Path=/"})) as server:
        async with AsyncPlainClient(server.url, transport=make()) as client:
            await client.call(operation())
            await client.call(operation())

    assert [seen.headers["Cookie"] for seen in server.seen] == [None, None]
