"""Hot reads: kept, computed once at a time, bounded, and stale rather than late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable

import pytest
from assay_contracts import load_contract
from assay_server.executive import hot_reads
from assay_server.executive.bodies import AtRiskBody, Body, Meta
from assay_server.executive.hot_reads import HotReads
from assay_server.http.caching import Versions
from assay_server.http.calls import Call
from assay_server.http.contract_view import ServedContract
from assay_server.http.replies import Reply
from assay_server.metrics import ServerMetrics
from assay_server.postgres.store_errors import StoreBusy, StoreTimeout
from assay_server.settings import HotReadTerms
from assay_server.shared_memory import SharedMemory

ENDPOINT = ServedContract(load_contract("executive@1.1.0")).endpoints["listCustomersAtRisk"]


class Reads:
    """Hot reads over a store that counts how often it was asked."""

    def __init__(self, terms: HotReadTerms, patience: float = 5.0) -> None:
        self.versions = Versions("executive", SharedMemory())
        self.reads = HotReads(terms, 1 << 20, patience, self.versions, ServerMetrics())
        self.computed = 0
        self.at_once = 0
        self.most_at_once = 0
        self.seconds = 0.01
        self.error: Exception | None = None

    async def read(self, meta: Meta) -> Body:
        self.computed += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.seconds)
        self.at_once -= 1
        if self.error is not None:
            raise self.error
        return AtRiskBody(customers=(), meta=meta)

    def ask(self, question: int = 1, *faults: str) -> Awaitable[Reply]:
        return self.reads.answer(Call(ENDPOINT, "", {}, frozenset(faults)), question, self.read)


@pytest.mark.parametrize(("single_flight", "computed"), [(True, 1), (False, 50)])
async def test_a_question_is_computed_once_for_all_who_ask(single_flight: bool, computed: int) -> None:
    """Unless single flight is off; afterwards the answer is kept either way."""
    reads = Reads(HotReadTerms(single_flight=single_flight))
    replies = await asyncio.gather(*(reads.ask() for _ in range(50)))

    assert len({reply.tag for reply in replies}) == computed
    assert reads.computed == computed
    await reads.ask()
    assert reads.computed == computed


async def test_nothing_is_kept_for_no_seconds() -> None:
    """Each request after the other is computed."""
    reads = Reads(HotReadTerms(cache_seconds=0))
    for _ in range(3):
        await reads.ask()

    assert reads.computed == 3


async def test_an_answer_of_older_data_is_not_given_again() -> None:
    """What was recorded meanwhile is in the next answer."""
    reads = Reads(HotReadTerms())
    await reads.ask()
    reads.versions.bump("")
    await reads.ask()

    assert reads.computed == 2


@pytest.mark.parametrize(("seconds", "stated"), [(0, 30), (45, 45), (60, 60)])
async def test_a_client_may_keep_an_answer_as_long_as_the_server_does(seconds: int, stated: int) -> None:
    """Within what the contract allows."""
    reply = await Reads(HotReadTerms(cache_seconds=seconds)).ask()

    assert reply.headers["Cache-Control"] == f"private, max-age={stated}"


async def test_no_more_questions_than_allowed_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others wait for their turn, and not for ever."""
    reads = Reads(HotReadTerms(concurrency=2))
    await asyncio.gather(*(reads.ask(number) for number in range(10)))

    assert reads.most_at_once == 2
    monkeypatch.setattr(hot_reads, "_QUEUE_SECONDS", 0.05)
    reads.seconds = 0.5
    replies = await asyncio.gather(*(reads.ask(number) for number in range(20, 24)), return_exceptions=True)
    assert sum(isinstance(reply, StoreBusy) for reply in replies) == 2


async def test_a_slow_store_gives_the_last_answer_marked_stale() -> None:
    """It differs from the fresh one in its tag too."""
    reads = Reads(HotReadTerms(cache_seconds=0), patience=0.05)
    fresh = await reads.ask()
    reads.seconds = 1.0
    stale = await reads.ask()

    assert json.loads(fresh.body)["meta"]["stale"] is False
    assert json.loads(stale.body)["meta"]["stale"] is True
    assert json.loads(stale.body)["customers"] == json.loads(fresh.body)["customers"]
    assert stale.tag != fresh.tag


async def test_a_store_that_timed_out_gives_the_last_answer_or_the_error() -> None:
    """Without an answer to give, the error is what there is."""
    reads = Reads(HotReadTerms(cache_seconds=0))
    reads.error = StoreTimeout("slow")
    with pytest.raises(StoreTimeout):
        await reads.ask()
    reads.error = None
    await reads.ask()
    reads.error = StoreTimeout("slow")

    assert json.loads((await reads.ask()).body)["meta"]["stale"] is True
