"""The driver of channels without annotations: it listens, says what a client may say, and knocks without a right credential."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.drivers.channel import client_messages, drive
from assay_conformance.evidence import Evidence, FeedSession, Journal, Provenance
from assay_conformance.target import Secret, Target
from assay_contracts import Contract, parse_bundle
from websockets.asyncio.server import ServerConnection, serve

TIDE = {"type": "object", "required": ["level"], "properties": {"level": {"type": "number"}}}
ASK = {"type": "object", "required": ["ask"], "properties": {"ask": {"type": "string"}}, "examples": [{"ask": "from the schema"}]}


def harbour(*, secured: bool = False, examples: tuple[str, ...] = ("how high",)) -> Contract:
    """The tide, sent once and whenever a client asks for it."""
    ask = {"name": "ask", "payload": ASK, "examples": [{"payload": {"ask": text}} for text in examples]}
    server: dict[str, Any] = {"host": "localhost", "protocol": "ws"}
    if secured:
        server["security"] = [{"$ref": "#/components/securitySchemes/pass"}]
    channel = {"$ref": "#/channels/tide"}
    return parse_bundle(
        {},
        {
            "asyncapi": "3.0.0",
            "info": {"title": "Harbour", "version": "1.0.0"},
            "defaultContentType": "application/json",
            "servers": {"own": server},
            "channels": {"tide": {"address": "/tide", "messages": {"level": {"name": "level", "payload": TIDE}, "ask": ask}}},
            "operations": {
                "show": {"action": "send", "channel": channel, "messages": [{"$ref": "#/channels/tide/messages/level"}]},
                "hear": {"action": "receive", "channel": channel, "messages": [{"$ref": "#/channels/tide/messages/ask"}]},
            },
            "components": {"securitySchemes": {"pass": {"type": "http", "scheme": "bearer"}}},
        },
    )


async def tide(connection: ServerConnection) -> None:
    """Say the level at once and for each question; close for whoever has no right pass and was asked for one."""
    assert connection.request is not None
    if connection.request.headers.get("Authorization", "Bearer right") != "Bearer right":
        await connection.close(4001, "no pass")
        return
    await connection.send(json.dumps({"level": 1.5}))
    async for question in connection:
        await connection.send(json.dumps({"level": len(json.loads(question)["ask"])}))


def driven(contract: Contract, *, port: int | None = None) -> Evidence:
    """What the driver records of the tide; with a port, of what listens there instead."""

    async def run() -> Evidence:
        async with serve(tide, "127.0.0.1", 0) as server:
            listening = port or next(iter(server.sockets)).getsockname()[1]
            ws = f"ws://127.0.0.1:{listening}"
            target = Target("harbour", "1", ws.replace("ws", "http"), ws, {"primary": Secret("right")}, {}, {})
            journal = Journal()
            wire, hook = Wire(target, journal, contract=contract), HookClient(target)
            await drive(DriverContext(contract, target, journal, wire, hook))
            await wire.close()
            await hook.close()
            return journal.close(Provenance(str(contract.id), contract.digest, "", "", "", target.described(), ""))

    return asyncio.run(run())


def test_a_session_waits_for_the_first_word_and_for_the_reply_to_each_example() -> None:
    """Frames stand in the order of the wire, those of the client marked."""
    (session,) = driven(harbour()).of(FeedSession)

    assert (session.handshake, session.ended_by) == (101, "client")
    assert [(frame.sent, frame.json) for frame in session.frames] == [
        (False, {"level": 1.5}),
        (True, {"ask": "how high"}),
        (False, {"level": 8}),
    ]


def test_a_secured_channel_is_opened_with_wrong_credentials_too() -> None:
    """None, a forged one, and those that are nearly right; the target has no expired one."""
    sessions = {item.request.credential: item for item in driven(harbour(secured=True)).of(FeedSession)}

    refused = dict.fromkeys(("none", "forged", "tampered", "lengthened", "shortened"), "refused")
    assert {name: item.expected for name, item in sessions.items()} == {"primary": "open", **refused}
    assert (sessions["forged"].close_code, sessions["forged"].frames) == (4001, ())


def test_an_open_channel_is_opened_once() -> None:
    """Nothing is wrong with a session without a credential."""
    assert [item.request.credential for item in driven(harbour()).of(FeedSession)] == ["primary"]


def test_nobody_knocks_where_nothing_listens() -> None:
    """One session shows it, with a handshake of 0."""
    (session,) = driven(harbour(secured=True), port=9).of(FeedSession)

    assert (session.handshake, session.frames) == (0, ())


@pytest.mark.parametrize(
    ("examples", "expected"),
    [((), ["from the schema"]), (("one",), ["one"]), (("one", "two", "three", "four"), ["one", "two", "three"])],
)
def test_a_client_says_the_examples_of_its_messages(examples: tuple[str, ...], expected: list[str]) -> None:
    """Those of the schema where the message has none; three at the most."""
    contract = harbour(examples=examples)

    assert list(client_messages(contract.channels[0])) == [{"ask": text} for text in expected]
