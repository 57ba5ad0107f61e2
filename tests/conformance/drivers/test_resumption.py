"""The driver that resumes sessions, against a small feed in memory."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.drivers.resumption import message, resume
from assay_conformance.evidence import Evidence, Journal, Provenance, Resumption
from assay_conformance.judging import judge
from assay_conformance.stream_terms import streams
from assay_conformance.target import Secret, Target
from assay_contracts import Contract, parse_bundle
from websockets.asyncio.server import ServerConnection, serve


def contract(*, resumable: bool = True) -> Contract:
    """The boats of a harbour, with numbers; a client may say which number it has."""
    boats = {"type": "array", "items": {"type": "object", "properties": {"boat": {"type": "string"}, "berth": {"type": "integer"}}}}
    number = {"type": "integer"}
    kinds = {
        name: {"name": name, "payload": {"type": "object", "properties": {"kind": {"const": name}, "no": number, "boats": boats}}}
        for name in ("all", "moved")
    }
    again = {"type": "object", "properties": {"kind": {"const": "again"}, "since": {"type": "object"}}}
    stream: dict[str, Any] = {
        "type": "kind",
        "snapshot": {"message": "all", "state": "/boats", "identity": "boat"},
        "delta": {"message": "moved", "changes": "/boats"},
        "sequence": {"at": "/no", "step": 2},
        "tenancy": {"parameter": "harbour"},
    }
    if resumable:
        stream["resume"] = {"message": "again", "after": "/since/no", "within": "PT1S"}
    messages = {**kinds, "again": {"name": "again", "payload": again, "examples": [{"payload": {"kind": "again", "since": {"no": 7}}}]}}
    return parse_bundle(
        {},
        {
            "asyncapi": "3.0.0",
            "info": {"title": "Harbour", "version": "1.0.0"},
            "defaultContentType": "application/json",
            "servers": {"own": {"host": "localhost", "protocol": "ws"}},
            "channels": {"boats": {"address": "/boats", "messages": messages, "x-stream": stream}},
            "operations": {"show": {"action": "send", "channel": {"$ref": "#/channels/boats"}}},
        },
    )


class Harbour:
    """Keeps the places of boats; `lost` leaves out the first change that a client missed."""

    def __init__(self, *, lost: bool = False) -> None:
        self.lost = lost
        self.moves: list[dict[str, Any]] = []
        self.listeners: list[ServerConnection] = []

    def state(self) -> dict[str, Any]:
        """Every boat where it is now."""
        places = {move["boats"][0]["boat"]: move["boats"][0] for move in self.moves}
        return {"kind": "all", "no": 2 * len(self.moves), "boats": list(places.values())}

    async def move(self, count: int) -> int:
        """Move a boat so many times, and tell everybody."""
        for _ in range(count):
            number = len(self.moves) + 1
            self.moves.append({"kind": "moved", "no": 2 * number, "boats": [{"boat": f"b{number % 3}", "berth": number}]})
            for listener in self.listeners:
                await listener.send(json.dumps(self.moves[-1]))
        return count

    async def listen(self, connection: ServerConnection) -> None:
        """Begin with the state, or with what a client missed that says so at once."""
        after: int | None = None
        try:
            async with asyncio.timeout(0.1):
                after = int(json.loads(await connection.recv())["since"]["no"])
        except TimeoutError:
            pass
        if after is None or after > 2 * len(self.moves):
            await connection.send(json.dumps(self.state()))
        else:
            for move in self.moves[after // 2 + self.lost :]:
                await connection.send(json.dumps(move))
        self.listeners.append(connection)
        await connection.wait_closed()
        self.listeners.remove(connection)


class Hand(HookClient):
    """Moves boats when the driver wants changes."""

    def __init__(self, target: Target, harbour: Harbour) -> None:
        super().__init__(target)
        self._harbour = harbour

    @property
    def present(self) -> bool:
        """There is one."""
        return True

    async def act(self, activity: str, tenant: str, count: int) -> int:
        """Make changes."""
        return await self._harbour.move(count)


def driven(harbour: Harbour, declared: Contract) -> Evidence:
    """What the driver records."""

    async def run() -> Evidence:
        await harbour.move(3)
        async with serve(harbour.listen, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            target = Target(
                "harbour", "1", f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", {"other": Secret("x")}, {"other": "south"}, {}
            )
            journal = Journal()
            wire, hook = Wire(target, journal, contract=declared), Hand(target, harbour)
            for stream in streams(declared):
                await resume(DriverContext(declared, target, journal, wire, hook), stream)
            await wire.close()
            await hook.close()
            return journal.close(Provenance("harbour", declared.digest, "", "", "", {"name": "harbour"}, ""))

    return asyncio.run(run())


@pytest.mark.parametrize(("lost", "expected"), [(False, ["PASS", "PASS"]), (True, ["FAIL", "PASS"])])
def test_a_session_is_resumed_after_changes_that_it_missed(*, lost: bool, expected: list[str]) -> None:
    """Beside one that saw them, and once more with a number from the future; a lost change is found, though its boat moves again."""
    declared = contract()
    evidence = driven(Harbour(lost=lost), declared)
    [record] = evidence.of(Resumption)

    assert (record.after, record.away, record.hooked) == (6, 4, True)
    assert json.loads(record.resumed.frames[0].text) == {"kind": "again", "since": {"no": 6}}
    assert [json.loads(frame.text)["kind"] for frame in record.beyond.received] == ["all"]
    rows = judge(declared, evidence, only={"STR-020", "STR-021"}).rows
    assert [row.verdict.value for row in rows] == expected


def test_a_stream_that_cannot_be_resumed_is_left_alone() -> None:
    """Nothing is sent that its contract does not have."""
    assert driven(Harbour(), contract(resumable=False)).of(Resumption) == ()


def test_the_message_is_the_example_with_the_number_in_it() -> None:
    """The contract's own example stays as it is."""
    [stream] = streams(contract())

    assert message(stream, "/since/no", 12) == {"kind": "again", "since": {"no": 12}}
    assert message(stream, "/since/no", 13)["since"] == {"no": 13}
