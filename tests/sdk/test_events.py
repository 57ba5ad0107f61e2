"""Streams of events: what a line ends is an event, whatever pieces it came in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from assay_sdk import ServerSentEvent
from assay_sdk.events import EventReader, json_of_line

from tests.sdk.plain import AsyncPlainClient, PlainClient, operation
from tests.sdk.scripted import Reply, http_server


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data: a\n\n", [ServerSentEvent(data="a")]),
        ("event: tick\ndata:a\ndata:  b\n\n", [ServerSentEvent("tick", "a\n b")]),
        ("id: 7\nretry: 1500\ndata\n\ndata: next\n\n", [ServerSentEvent(data="", id="7", retry=1.5), ServerSentEvent(data="next", id="7")]),
        (": comment\n\nevent: nothing\n\ndata: x\n\n", [ServerSentEvent(data="x")]),
        ("\ufeffdata: x\n\n", [ServerSentEvent(data="x")]),
        ("id: a\0b\nretry: soon\nunknown: 1\ndata: x\n\n", [ServerSentEvent(data="x")]),
        ("data: cut off", []),
    ],
    ids=["plain", "lines", "id and retry", "comment", "mark", "nonsense", "cut off"],
)
def test_lines_become_events(text: str, expected: list[ServerSentEvent]) -> None:
    """As the standard of HTML has it (9.2.6)."""
    reader = EventReader()

    assert [event for line in text.split("\n") for event in reader.add(line)] == expected


@pytest.mark.parametrize(("line", "expected"), [("", []), ("  ", []), ('{"a": 1}', [{"a": 1}]), ("\x1e[1]", [[1]]), ("null", [None])])
def test_a_line_is_a_value_of_json(line: str, expected: list[Any]) -> None:
    """Empty ones keep a connection alive."""
    assert list(json_of_line(line)) == expected


STREAM = 'event: é\r\ndata: {"n": 1}\r\n\r\ndata: [DONE]\r\n\r\n'.encode()


def test_a_client_reads_events_while_they_come() -> None:
    """Each byte on its own."""
    with (
        http_server(lambda _: Reply(200, STREAM, {"Content-Type": "text/event-stream"}, drip=0.001)) as server,
        PlainClient(server.url) as client,
        client.with_stream(client.call, operation()) as response,
    ):
        events = list(response.iter_events())

    assert [(event.event, event.data) for event in events] == [("é", '{"n": 1}'), ("message", "[DONE]")]
    assert events[0].json() == {"n": 1}


def test_an_asynchronous_client_reads_them_too() -> None:
    """And lines of JSON."""

    async def read(url: str) -> list[Any]:
        async with AsyncPlainClient(url) as client, client.with_stream(client.call, operation()) as response:
            return [value async for value in response.iter_json()]

    with http_server(lambda _: Reply(200, b'{"a":1}\n\n{"a":2}')) as server:
        assert asyncio.run(read(server.url)) == [{"a": 1}, {"a": 2}]
