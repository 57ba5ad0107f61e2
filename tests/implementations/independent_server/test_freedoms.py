"""Freedoms that the contract leaves a server, one by one: the kit takes none of them for a fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from assay_conformance.driver_context import Wire
from assay_conformance.evidence import Evidence, Exchange, Journal, Provenance, Request, Response, SamePage
from assay_conformance.judging import judge
from assay_conformance.target_manifest import parse_target
from assay_conformance.validation import json_complaint
from assay_conformance.verdicts import Verdict
from assay_contracts import Contract, load_contract

CONTRACT = load_contract("reliability@1.0.0")
PAGE = '{"schemaVersion": "1.0.0", "items": [], "page": {"cursor": null, "hasMore": false, "pageSize": 50}}'


def verdicts(clause: str, contract: Contract, *records: Exchange | SamePage) -> set[Verdict]:
    """What a handful of records says of one clause."""
    provenance = Provenance("reliability@1.0.0", contract.digest, "", "", "0", {}, "2026-11-21T00:00:00Z", openapi=contract.openapi)
    rows = judge(contract, Evidence(provenance, records)).rows
    return {row.verdict for row in rows if row.clause == clause and row.subject == records[0].subject}


def page(body: str = PAGE, **headers: str) -> Exchange:
    """One page of failures, with these headers beside the usual ones."""
    usual = {"content-type": "application/json", "x-correlation-id": "req-00000001", "cache-control": "no-store"}
    found = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = Request("GET", "/v1/analytics/failures", (("tenantId", "tenant-a"),))
    return Exchange(id="x1", subject="listFailures", purpose="a page", request=request, response=Response(200, tuple(found.items()), body))


@pytest.mark.parametrize("rule", ["no-store", "private, no-store", "max-age=0, no-store, must-revalidate", "No-Store, no-cache"])
def test_what_is_never_stored_may_say_more(rule: str) -> None:
    """Beside `no-store` no other directive matters."""
    assert verdicts("CAC-006", CONTRACT, page(cache_control=rule)) == {Verdict.PASS}


@pytest.mark.parametrize("rule", ["private", "private, max-age=0", "no-cache", "max-age=30", ""])
def test_what_is_never_stored_says_so(rule: str) -> None:
    """No other directive stands for `no-store`."""
    assert verdicts("CAC-006", CONTRACT, page(cache_control=rule)) == {Verdict.FAIL}


def test_several_lines_of_one_header_are_one() -> None:
    """A list may be sent in parts; what is no list may not be sent twice."""
    one, two = ("cache-control", "private"), ("cache-control", "no-store")
    tags = (("etag", '"a"'), ("etag", '"b"'))

    assert Response(200, (one, two)).header("Cache-Control") == "private, no-store"
    assert Response(200, tags).header("etag") == '"a", "b"'
    assert Response(200, (one, two)).header("vary") is None


def test_members_may_come_in_another_order_each_time() -> None:
    """JSON has no order of members: the same page written anew is the same page."""
    item = {"eventId": "e", "component": "credit_check", "errorClass": "timeout", "tenantId": "tenant-a", "correlationId": "r"}
    one, two = (PAGE.replace("[]", json.dumps([dict(members)])) for members in (item.items(), reversed(item.items())))
    first, again = page(one), replace(page(two), id="x2")
    pair = SamePage(id="p1", subject="listFailures", purpose="a page twice", first=first, again=again)

    assert verdicts("PAG-010", CONTRACT, first, again, pair) == {Verdict.INCONCLUSIVE}
    assert verdicts("PAG-010", CONTRACT, first, again, replace(pair, again=page())) == {Verdict.FAIL}


def test_a_text_may_hold_the_replacement_character() -> None:
    """It is a character like any other; only bytes that are none are no UTF-8."""
    assert verdicts("OP-008", CONTRACT, page(PAGE[:-1] + ', "note": "\ufffd"}')) == {Verdict.PASS}


async def test_bytes_that_are_no_utf_8_are_no_json() -> None:
    """They are kept so that the record shows which they were, and that the text is no JSON."""
    body = PAGE.encode()[:-1] + b', "note": "d\xe9sol\xe9"}'
    async with answering([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)]) as wire:
        exchange = await ask(wire)

    assert exchange.answer.body.endswith(r'"note": "d\xe9sol\xe9"}')
    assert (json_complaint(exchange.answer.body) or "").startswith("no JSON")


async def test_a_connection_that_closes_between_two_requests_is_no_fault() -> None:
    """A server closes an idle connection when it likes, even at the moment of the next request."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    async with answering([answer, b"", answer]) as wire:
        exchanges = [await ask(wire), await ask(wire)]

    assert [exchange.answer.status for exchange in exchanges] == [200, 200]


async def test_a_request_that_breaks_every_connection_has_no_answer() -> None:
    """It is asked for twice and no more."""
    async with answering([b"", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"]) as wire:
        exchange = await ask(wire)

    assert exchange.response is None
    assert "disconnected" in (exchange.failure or "")


async def ask(wire: Wire) -> Exchange:
    """One request."""
    return await wire.send("listFailures", Request("GET", "/x", ()), purpose="a request")


@asynccontextmanager
async def answering(answers: list[bytes]) -> AsyncGenerator[Wire]:
    """A server that gives these answers one after the other, then closes the connection when an answer is empty."""
    left = iter(answers)
    over: list[asyncio.Event] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        over.append(done := asyncio.Event())
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                answer = next(left, b"")
                writer.write(answer)
                if not answer:
                    break
        writer.close()
        await writer.wait_closed()
        done.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    names = {name: name for name in ("primary", "other", "empty")}
    wire = Wire(parse_target({"target": {"http": address}, "credentials": names, "tenants": names}, "target.toml"), Journal())
    try:
        yield wire
    finally:
        await wire.close()
        server.close()
        await asyncio.gather(*(done.wait() for done in over))
