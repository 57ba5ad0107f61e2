"""HTTP/1.1 by h11: slow, chunked at times, with a base path, and tired of a connection after a few answers."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import random

import h11

from .api import Answer, Api
from .asking import Request
from .feed import Feed

PATIENCE = 9
IDLE = 3.0


class Wire:
    """The listener; every connection is one task."""

    def __init__(self, api: Api, feed: Feed, prefix: str, slowness: float) -> None:
        self.api = api
        self.feed = feed
        self.prefix = prefix
        self.slowness = slowness
        self.turn = itertools.count()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer request after request until either side is tired."""
        connection = h11.Connection(h11.SERVER)
        try:
            for number in itertools.count(1):
                request = await self._read(connection, reader)
                if request is None:
                    break
                answer = await self._answer(request)
                await self._write(connection, writer, request, answer, last=number % PATIENCE == 0)
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    break
                connection.start_next_cycle()
        except (h11.RemoteProtocolError, ConnectionError, TimeoutError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(Exception):
                await writer.wait_closed()

    async def _read(self, connection: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
        head: h11.Request | None = None
        body = b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                async with asyncio.timeout(IDLE):
                    connection.receive_data(await reader.read(65_536))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                path, _, query = head.target.decode("latin-1").partition("?")
                headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in head.headers}
                inner = path[len(self.prefix) :] if path.startswith(self.prefix + "/") else "/elsewhere"
                return Request(head.method.decode("ascii"), inner, query, headers, body)
            else:
                return None

    async def _answer(self, request: Request) -> Answer:
        operated = request.path.startswith("/operator")
        await asyncio.sleep(0 if operated else self.slowness * (1 + random.random()))
        answer = self.api.answer(request)
        if answer.changing == "drop":
            self.feed.drop()
        elif answer.changing:
            name, count = answer.changing.split()
            for number, _ in enumerate(self.api.world.changes(self.api.world.tenants[name], int(count))):
                if number % 20 == 19:
                    await asyncio.sleep(0)
        return answer

    async def _write(
        self, connection: h11.Connection, writer: asyncio.StreamWriter, request: Request, answer: Answer, *, last: bool
    ) -> None:
        headers = list(answer.headers)
        random.shuffle(headers)
        body = answer.body
        tagged = any(name.lower() == "etag" for name, _ in headers)
        if len(body) > 500 and not tagged and "gzip" in request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 1)
            headers.append(("content-ENCODING", "gzip"))
        chunked = bool(body) and next(self.turn) % 2 == 0
        if not chunked and answer.status not in (204, 304):
            headers.append(("CONTENT-LENGTH", str(len(body))))
        if last:
            headers.append(("Connection", "close"))
        # A rule in two lines is the same rule.
        lines = [(name, part) for name, value in headers for part in (value.split(",") if name.lower() == "cache-control" else [value])]
        sent = [(name.encode("latin-1"), value.strip().encode("latin-1")) for name, value in lines]
        out = connection.send(h11.Response(status_code=answer.status, headers=sent, reason=b"As You Like It")) or b""
        if request.method != "HEAD":
            for start in range(0, len(body), 777 if chunked else len(body) or 1):
                out += connection.send(h11.Data(body[start : start + (777 if chunked else len(body))])) or b""
        out += connection.send(h11.EndOfMessage()) or b""
        writer.write(out)
        await writer.drain()
