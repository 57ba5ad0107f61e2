"""Whatever a target does, each answer and each call of its hook ends in time; what came too late shows nothing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
from assay_conformance import driver_context
from assay_conformance.check import NotReached
from assay_conformance.checks.operation import a_right_request_is_accepted, a_status_is_declared
from assay_conformance.driver_context import HookClient, Wire
from assay_conformance.evidence import Journal
from assay_conformance.target import Target
from assay_conformance.target_manifest import parse_target
from assay_conformance.target_needs import Needs
from assay_contracts import Contract, parse_bundle

LIMIT = 0.5


def contract() -> Contract:
    """A contract of one operation."""
    operation = {"operationId": "look", "responses": {"200": {"description": "Fine."}}}
    return parse_bundle({"openapi": "3.1.0", "info": {"title": "Depot", "version": "1.0.0"}, "paths": {"/look": {"get": operation}}})


@contextlib.asynccontextmanager
async def answering(start: bytes, then: bytes) -> AsyncIterator[str]:
    """A server that answers at once with the first bytes and then with the others, one every tenth of a second, for ever."""

    over = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(start)
            while then and not over.is_set():
                writer.write(then)
                await writer.drain()
                await asyncio.sleep(0.1)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        over.set()
        server.close()
        await asyncio.sleep(0.2)


def target(address: str, *, hook: bool = False) -> Target:
    """A target at an address, which is its own hook as well."""
    data = {"hook": {"url": address, "token": "operator"}} if hook else {}
    return parse_target(data, "manifest", http=address, needs=Needs((), ()))


@pytest.mark.parametrize(
    ("start", "then"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
)
async def test_a_byte_at_a_time_ends_in_time_and_shows_nothing(start: bytes, then: bytes) -> None:
    """An answer slower than the limit is inconclusive, never a failure of the server."""
    known = contract()
    async with answering(start, then) as address:
        wire = Wire(target(address), Journal(), contract=known, timeout=LIMIT)
        began = time.monotonic()
        exchange = await wire.ask(known.operations[0], purpose="look", expected="accepted")
        took = time.monotonic() - began
        await wire.close()

    assert (exchange.slow, exchange.response, took < 20 * LIMIT) == (True, None, True)
    for check in (a_status_is_declared, a_right_request_is_accepted):
        with pytest.raises(NotReached, match="no whole answer within"):
            check(exchange, known)


@pytest.mark.parametrize(
    ("start", "then", "says"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"x", "was not answered within"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"", "expected a JSON object"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"added": "no"}', b"", 'expected {"added": n}'),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", b"", "was answered 500"),
    ],
)
async def test_a_hook_that_answers_nonsense_is_said(start: bytes, then: bytes, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It brings nothing about, and the run's notes have what was expected."""
    monkeypatch.setattr(driver_context, "HOOK_SECONDS", LIMIT)
    async with answering(start, then) as address:
        hook = HookClient(target(address, hook=True))
        added = await hook.act("items", "tenant", 3)
        await hook.close()

    assert added == 0
    assert [says in problem for problem in hook.problems] == [True]


async def test_what_a_hook_does_not_offer_is_no_problem() -> None:
    """404 is the right answer."""
    async with answering(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", b"") as address:
        hook = HookClient(target(address, hook=True))
        added = await hook.act("items", "tenant", 3)
        await hook.close()

    assert (added, hook.problems) == (0, [])
