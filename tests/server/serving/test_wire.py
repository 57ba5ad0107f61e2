"""Connections: how many, how slow, and what is no proper HTTP or WebSocket."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from assay_server.http.connections import bounded_protocol
from sanic import Sanic, text
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect


@asynccontextmanager
async def application(most: int) -> AsyncIterator[int]:
    """A small application that gives a request one second to arrive; its port."""
    app: Any = Sanic(f"wire-{os.urandom(4).hex()}", configure_logging=False)
    app.config.update({"REQUEST_TIMEOUT": 1.0, "ACCESS_LOG": False, "MOTD": False, "TOUCHUP": False})

    async def answer(request: Any) -> Any:
        return text("here")

    app.add_route(answer, "/")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = await app.create_server(sock=listener, return_asyncio_server=True, protocol=bounded_protocol(most))
        await server.startup()
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.close()


async def test_a_request_that_never_ends_arriving_is_ended() -> None:
    """However regularly its bytes come."""
    async with application(10) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = time.monotonic()
        writer.write(b"GET / HTTP/1.1\r\n")
        response = asyncio.create_task(reader.read())
        while not response.done() and time.monotonic() < began + 10:
            writer.write(b"X")
            await asyncio.wait({response}, timeout=0.2)
        writer.close()

    assert response.done()
    assert time.monotonic() - began < 8


async def test_one_connection_too_many_is_closed() -> None:
    """And there is room again once another one has gone."""
    async with application(2) as port:
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await asyncio.sleep(0.1)
        outcomes: list[bytes] = []
        for step in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                outcomes.append((await asyncio.wait_for(reader.read(), 60))[:12])
            except ConnectionError:
                outcomes.append(b"")
            writer.close()
            if step == 0:
                connections.pop()[1].close()
                await asyncio.sleep(0.2)
        connections.pop()[1].close()

    assert outcomes == [b"", b"HTTP/1.1 200"]


@pytest.mark.parametrize(
    "head",
    [
        b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"Content-Length : 5\r\n\r\nhello",
        b"Content-Length: 0x5\r\n\r\nhello",
    ],
)
def test_what_two_servers_may_read_differently_is_rejected(serving: Any, head: bytes) -> None:
    """Lengths are digits, and a header's name ends at its colon."""
    address = urlsplit(serving.target["target"]["http"])
    with socket.create_connection((address.hostname, address.port), 5) as connection:
        token = serving.token("operator").encode()
        connection.sendall(b"POST /_assay/hook/activities/facts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + b"\r\n" + head)
        response = b""
        while part := connection.recv(65536):
            response += part

    assert response.startswith(b"HTTP/1.1 400")


def feed(serving: Any) -> ClientConnection:
    """A session of the feed."""
    return connect(
        f"{serving.target['target']['ws']}/v1/realtime/incident-feed?tenantId=tenant-a",
        additional_headers={"Authorization": f"Bearer {serving.token('primary')}"},
    )


def read_to_the_end(session: ClientConnection) -> None:
    """Read until the session is closed."""
    while True:
        session.recv(5)


@pytest.mark.parametrize("parts", [[b"\xff\xfe"], [b"caf\xc3"], [b"good \xe2\x82", b"\x28 bad"]])
def test_text_that_is_not_utf_8_closes_with_1007(serving: Any, parts: list[bytes]) -> None:
    """In one frame or across frames (RFC 6455, 8.1)."""
    with feed(serving) as session:
        session.recv()
        for number, part in enumerate(parts):
            frame = Frame(Opcode.CONT if number else Opcode.TEXT, part, number == len(parts) - 1)
            session.socket.sendall(frame.serialize(mask=True))
        with pytest.raises(ConnectionClosed) as closed:
            read_to_the_end(session)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1007


def test_sessions_that_are_dropped_leave_no_error_in_the_log(dsn: str, launch: Any) -> None:
    """Whatever they said last, and however much of it."""
    running = launch("--dsn", dsn)
    address = urlsplit(running.target["target"]["ws"])
    path = "/v1/realtime/incident-feed?tenantId=tenant-a"
    for _ in range(30):
        with socket.create_connection((address.hostname, address.port), 5) as connection:
            key = b64encode(os.urandom(16)).decode()
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {key}\r\nAuthorization: Bearer {running.token('primary')}\r\n\r\n".encode()
            )
            assert connection.recv(65536).startswith(b"HTTP/1.1 101")
            connection.sendall(Frame(Opcode.TEXT, b"one").serialize(mask=True) * 3)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    code = launch.stop(running)

    assert code == 0
    assert [line for line in running.lines() if line["level"] not in ("info", "debug")] == []
