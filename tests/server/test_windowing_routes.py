"""When a summary is answered as a job although nobody asked for one."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from assay_contracts import load_contract
from assay_server.http.caching import Versions
from assay_server.http.calls import Call
from assay_server.http.contract_view import ServedContract
from assay_server.http.replies import Reply
from assay_server.metrics import ServerMetrics
from assay_server.shared_memory import SharedMemory
from assay_server.windowing.routes import SummaryRoute

HOUR, DAY = 3_600, 86_400
NOW = int(time.time())
ENDPOINT = ServedContract(load_contract("windowing@2.0.0")).endpoints["getSummary"]


class Store:
    """Says of every window how many rows it has; computes none."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    async def cost(self, target: str, window: object, at_most: int) -> int:
        return min(self.rows, at_most)

    async def summary(self, *question: object) -> None:
        raise LookupError("computed")


class Jobs:
    """Starts no job, and says whether one was preferred."""

    async def start(self, call: Call, question: object, metrics: object, *, included: bool, preferred: bool) -> Reply:
        return Reply(str(preferred).encode(), status=202)


def route(rows: int) -> SummaryRoute:
    """A route over a store in which each window has so many rows; 10 are heavy."""
    return SummaryRoute(cast(Any, Store(rows)), cast(Any, Jobs()), Versions("windowing", SharedMemory()), 1000, 2.0, 10, ServerMetrics())


def call(prefer: str | None = None, **query: Any) -> Call:
    """A request for a summary."""
    values = {"interval": None, "startTs": None, "endTs": None, "include": None} | query
    headers = {} if prefer is None else {"Prefer": prefer}
    return Call(ENDPOINT, "", values, frozenset(), "ann", {"pubkey": "0" * 64}, headers)


@pytest.mark.parametrize("query", [{"interval": "90d"}, {"interval": "1y"}, {"interval": "all"}, {"startTs": NOW - 31 * DAY, "endTs": NOW}])
async def test_a_heavy_window_is_a_job(query: dict[str, Any]) -> None:
    """Without a preference; a light one is computed at once."""
    assert (await route(10).answer(call(**query))).body == b"False"
    with pytest.raises(LookupError, match="computed"):
        await route(9).answer(call(**query))


@pytest.mark.parametrize(
    "query", [{}, {"interval": "24h"}, {"interval": "7d"}, {"interval": "30d"}, {"startTs": NOW - 30 * DAY, "endTs": NOW}]
)
async def test_a_window_that_is_often_asked_for_is_no_job_unless_it_is_preferred(query: dict[str, Any]) -> None:
    """However many rows it has; other preferences, and values of this name, are none."""
    for prefer in (None, "wait=10", "respond-async-later", "x=respond-async"):
        with pytest.raises(LookupError, match="computed"):
            await route(10).answer(call(prefer, **query))
    assert (await route(10).answer(call("wait=10 , RESPOND-ASYNC ; x=1", **query))).body == b"True"
