"""Sessions that follow a job, by themselves."""

from __future__ import annotations

import asyncio
import io
import math
from types import SimpleNamespace
from typing import Any, cast

from assay_contracts import load_contract
from assay_server.faults import Switchboard
from assay_server.feed import ProgressEndpoint
from assay_server.feed.progress import JobState
from assay_server.http.auth import Grant
from assay_server.http.contract_view import ServedContract
from assay_server.logs import configure_logs
from assay_server.metrics import ServerMetrics
from sanic.exceptions import WebsocketClosed


class Source:
    """A job that goes on for ever."""

    async def state(self, job: str, owner: str, version: str) -> JobState:
        return JobState(b"{}", is_over=False)

    def heartbeat(self) -> bytes:
        return b"{}"


class ClosedSocket:
    """A client that has left, which was not read yet."""

    def __init__(self) -> None:
        self.assembler = SimpleNamespace(received=asyncio.get_running_loop().create_future())

    async def recv(self) -> None:
        await asyncio.sleep(60)

    async def send(self, text: str) -> None:
        raise WebsocketClosed("closed")


async def test_a_client_that_leaves_while_a_state_is_sent_has_left() -> None:
    """It is no error of the server."""
    served = ServedContract(load_contract("windowing@2.1.0"))
    log = configure_logs("error", io.StringIO())
    endpoint = ProgressEndpoint(served, served.progress[0], Source(), cast(Any, None), Switchboard(), ServerMetrics(), log)
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    assert await endpoint._follow("job", Grant("anna", frozenset(), frozenset(), math.inf), "2.1.0", ClosedSocket(), ended) == "client"
