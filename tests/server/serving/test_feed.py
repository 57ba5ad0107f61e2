"""The feed over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from assay_contracts import Contract
from assay_server.http.auth import Minter
from assay_server.settings import TokenTerms
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


def dial(serving: Any, tenant: str = "tenant-a", credential: str = "primary", *, token: str = "", **options: Any) -> Any:
    """Open a session; `headers` go along."""
    headers = {"Authorization": f"Bearer {token or serving.token(credential)}"} if credential else {}
    address = f"{serving.target['target']['ws']}/v1/realtime/incident-feed?tenantId={tenant}"
    headers |= options.pop("headers", {})
    return connect(address, additional_headers=headers, compression=None, proxy=None, ping_interval=None, **options)


async def code_of(session: ClientConnection, seconds: float = 60.0) -> int | None:
    """The close code that comes."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                await session.recv()
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"credential": ""}, 4401),
        ({"credential": "expired"}, 4401),
        ({"token": "a.b.c"}, 4401),
        ({"tenant": "tenant-b"}, 4403),
        ({"tenant": "NOBODY"}, 4403),
        ({"credential": "unscoped"}, 4403),
        ({"headers": {"Accept-Schema-Version": "2.0.0"}}, 4406),
    ],
)
async def test_who_may_not_listen_is_told_by_the_close_code(serving: Any, terms: dict[str, Any], code: int) -> None:
    """The handshake is accepted, nothing is said, the session closes."""
    async with dial(serving, **terms) as session:
        assert await code_of(session) == code


@pytest.mark.parametrize("message", ["", "hello", "{}", b"{}", b"\x00\xff", "x" * 100_000])
async def test_whatever_a_client_says_is_a_bad_message(serving: Any, message: str | bytes) -> None:
    """Version 1.0.0 has no client messages."""
    async with dial(serving) as session:
        await session.recv()
        await session.send(message)
        assert await code_of(session) == 4400


async def test_a_session_is_a_snapshot_deltas_and_heartbeats(serving: Any, contract: Contract) -> None:
    """In that order, numbered without gap, each fitting its schema."""
    payloads = {name: dict(message.payload) for name, message in contract.channels[0].messages.items()}
    async with dial(serving) as session:
        seen = [json.loads(await session.recv())]
        await asyncio.to_thread(serving.act, "changes", "tenant-a", 5)
        async with asyncio.timeout(60):
            while {"heartbeat"} - {message["type"] for message in seen} or len(seen) < 7:
                seen.append(json.loads(await session.recv()))

    assert seen[0]["type"] == "snapshot"
    deltas = [message["seq"] for message in seen if message["type"] == "incident_delta"]
    assert deltas == list(range(seen[0]["seq"] + 1, seen[0]["seq"] + 6))
    assert all(jsonschema_rs.is_valid(payloads[message["type"]], message) for message in seen)


async def test_sessions_that_open_during_changes_miss_none(serving: Any) -> None:
    """Each goes on from its own snapshot; all see the same deltas under the same numbers."""

    last = serving.snapshot().json()["seq"] + 60

    async def late(number: int) -> list[dict[str, Any]]:
        await asyncio.sleep(0.02 * number)
        seen: list[dict[str, Any]] = []
        async with asyncio.timeout(60), dial(serving) as session:
            while not seen or seen[-1]["seq"] < last:
                message = json.loads(await session.recv())
                seen += [] if message["type"] == "heartbeat" else [message]
        return seen

    changes = asyncio.create_task(asyncio.to_thread(serving.act, "changes", "tenant-a", 60))
    sessions = await asyncio.gather(*(late(number) for number in range(10)))
    await changes

    numbers = [[message["seq"] for message in seen] for seen in sessions]
    assert all(seen == list(range(seen[0], seen[-1] + 1)) for seen in numbers)
    assert {seen[-1] for seen in numbers} == {last}
    close_codes: dict[int, Any] = {}
    for message in (message for seen in sessions for message in seen[1:]):
        assert close_codes.setdefault(message["seq"], message) == message


async def test_a_slow_reader_is_closed_and_the_others_are_not_delayed(serving: Any) -> None:
    """4408 for the one that reads nothing; the one beside it has everything."""
    address = urlsplit(serving.target["target"]["http"])
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect((address.hostname, address.port))
    narrow.setblocking(False)
    async with dial(serving, "tenant-b", "other", sock=narrow, max_queue=1) as slow, dial(serving, "tenant-b", "other") as beside:
        first = json.loads(await beside.recv())["seq"]

        async def read_all() -> None:
            last = first
            while last < first + 250:
                last = json.loads(await beside.recv()).get("seq", last)

        both = await asyncio.to_thread(open_sessions, serving)
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            tasks.create_task(asyncio.to_thread(serving.act, "changes", "tenant-b", 250))
            tasks.create_task(read_all())
            # Once given up, the server waits some seconds for the slow one to fetch the close frame.
            while await asyncio.to_thread(open_sessions, serving) == both:  # noqa: ASYNC110 - known by asking alone
                await asyncio.sleep(0.05)
            assert await code_of(slow) == 4408


def open_sessions(serving: Any) -> float:
    """How many sessions the server counts."""
    lines = serving.get("/metrics", credential="").text.splitlines()
    return float(next(line for line in lines if line.startswith("assay_feed_sessions ")).split()[1])


async def test_a_token_that_expires_ends_the_session(dsn: str, launch: Any, tmp_path: Any) -> None:
    """4401 at the moment of expiry."""
    key = tmp_path / "key"
    key.write_bytes(b"k" * 40)
    running = launch("--dsn", dsn, "--token-key", str(key))
    token = Minter(TokenTerms(key=b"k" * 40)).mint("reader", ["tenant-a"], ["analytics:read"], seconds=5)
    began = time.monotonic()
    async with dial(running, token=token) as session:
        assert json.loads(await session.recv())["type"] == "snapshot"
        assert await code_of(session) == 4401
    # It ends in the fifth second, since times of tokens are whole seconds, and not at a heartbeat long after.
    assert 3 < time.monotonic() - began < 15


async def test_a_drop_closes_with_restart_and_leaves_no_gap(serving: Any) -> None:
    """What was missed is in the snapshot's changes."""
    async with dial(serving) as session:
        last = json.loads(await session.recv())["seq"]
        await asyncio.to_thread(serving.fault, "realtime-drop", tenant="tenant-a", seconds=1)
        assert await code_of(session) == 1012
    await asyncio.to_thread(serving.act, "changes", "tenant-a", 3)
    missed = (await asyncio.to_thread(serving.snapshot, after=last)).json()
    await asyncio.sleep(1)
    async with dial(serving) as session:
        again = json.loads(await session.recv())

    assert sorted({change["seq"] for change in missed["changes"]}) == [last + 1, last + 2, last + 3]
    assert again["seq"] == last + 3
