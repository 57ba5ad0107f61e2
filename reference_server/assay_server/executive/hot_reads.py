"""Reads that many ask for at once: kept for a while, computed once at a time, and stale rather than late."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

import msgspec

from assay_server.http.caching import Answer, AnswerCache, Versions, tag_of
from assay_server.http.calls import Call
from assay_server.http.contract_view import Endpoint
from assay_server.http.replies import Reply
from assay_server.metrics import ServerMetrics
from assay_server.postgres.store_errors import StoreBusy, StoreTimeout
from assay_server.settings import HotReadTerms

from .bodies import Body, Meta, encode

SCHEMA_VERSION = "1.1.0"
"""The version of the payloads; the older version reads them too."""

_COMPANY = ""
_QUEUE_SECONDS = 2.0
"""How long a question waits for its turn when as many as may are being computed."""


class HotReads:
    """Answers from the cache, else from the store, else with the last known answer, marked stale."""

    __slots__ = ("_cache", "_metrics", "_patience", "_terms", "_turn", "_versions")

    def __init__(self, terms: HotReadTerms, cache_bytes: int, patience: float, versions: Versions, metrics: ServerMetrics) -> None:
        self._terms = terms
        self._cache = AnswerCache(terms.cache_seconds, cache_bytes, single_flight=terms.single_flight)
        self._patience = patience
        self._versions = versions
        self._metrics = metrics
        self._turn = _Turn(terms.concurrency)

    async def answer(self, call: Call, question: Hashable, read: Callable[[Meta], Awaitable[Body]]) -> Reply:
        """Answer a question of the operation of `call`; `read` makes the body, with the given `meta`."""
        headers = {"X-Schema-Version": SCHEMA_VERSION, "Cache-Control": f"private, max-age={_max_age(call.endpoint, self._terms)}"}
        answer = await self._ask((call.endpoint.id, question), read, slow="store-slow" in call.faults)
        return Reply(answer.body, answer.tag, headers=headers)

    async def _ask(self, question: Hashable, read: Callable[[Meta], Awaitable[Body]], *, slow: bool) -> Answer:
        async def compute() -> Answer:
            async with self._turn.taken():
                began = time.perf_counter()
                body = await read(Meta(datetime.now(UTC)))
                self._metrics.query_seconds.labels("executive-books").observe(time.perf_counter() - began)
            return _tagged(encode(body))

        version = self._versions.of(_COMPANY)
        try:
            answer, late = await self._cache.prompt(question, version, compute, patience=self._patience, slow=slow)
        except StoreTimeout:
            last = self._cache.last_known(question)
            if last is None:
                raise
            answer, late = last, True
        if late:
            answer = _stale(answer)
            self._metrics.stale.inc()
        return answer


class _Turn:
    """Lets so many compute at once; 0 lets all."""

    def __init__(self, most: int) -> None:
        self._places = asyncio.Semaphore(most) if most else None
        self._most = most

    def taken(self) -> AbstractAsyncContextManager[Any]:
        """One turn; raises `StoreBusy` when none came free in time."""
        return nullcontext() if self._places is None else _Place(self._places, self._most)


class _Place:
    def __init__(self, places: asyncio.Semaphore, most: int) -> None:
        self._places = places
        self._most = most

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(_QUEUE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise StoreBusy(f"{self._most} answers are being computed; try again shortly") from None

    async def __aexit__(self, *_: object) -> None:
        self._places.release()


def _max_age(endpoint: Endpoint, terms: HotReadTerms) -> int:
    """How long a client may keep the answer: as long as the server does, within what the contract allows."""
    allowed = endpoint.operation.annotations["x-cache"]["maxAge"]
    return min(max(int(terms.cache_seconds), int(allowed["minimum"])), int(allowed["maximum"]))


def _tagged(body: bytes) -> Answer:
    """The answer with a tag of all that it says, the moment at which it was made too: the contract lets nothing vary under one tag."""
    return Answer(body, tag_of(body))


def _stale(answer: Answer) -> Answer:
    """The answer as one that lacks what may have been stored since."""
    body: dict[str, Any] = msgspec.json.decode(answer.body)
    body["meta"]["stale"] = True
    return _tagged(encode(body))
