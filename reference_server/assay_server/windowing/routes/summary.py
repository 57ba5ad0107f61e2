"""`getSummary`: the numbers of a window, cached, as a job where it is heavy, and marked partial when the store is slow."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec

from assay_server.http.caching import Answer, AnswerCache, Versions, tag_of
from assay_server.http.calls import Call
from assay_server.http.replies import Reply
from assay_server.metrics import ServerMetrics
from assay_server.windowing.bodies import METRIC_VERSION, SummaryBody, decode_summary, encode
from assay_server.windowing.drilldowns import Metric
from assay_server.windowing.spans import DAY, LONGEST, Window
from assay_server.windowing.store import EventStore, Question

from .jobs import SummaryJobs
from .questions import question_of, window_of

_KEPT_SECONDS = {15: 15.0, 60: 40.0, 300: 45.0}
"""How long an answer is kept here, by its age for clients: an event is counted within a minute, however long the window."""


def max_age(window: Window) -> int:
    """How many seconds a client may keep the numbers of a window."""
    length = window.end - window.start
    return 15 if length <= DAY else 60 if length <= 30 * DAY else 300


class SummaryRoute:
    """Answers from the cache, else from the store, else with the last known answer."""

    def __init__(
        self,
        store: EventStore,
        jobs: SummaryJobs,
        versions: Versions,
        cache_bytes: int,
        patience: float,
        heavy_rows: int,
        metrics: ServerMetrics,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._versions = versions
        self._caches = {age: AnswerCache(seconds, cache_bytes // len(_KEPT_SECONDS)) for age, seconds in _KEPT_SECONDS.items()}
        self._patience = patience
        self._heavy_rows = heavy_rows
        self._metrics = metrics

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        question = question_of(call)
        metrics = tuple(dict.fromkeys(Metric(name) for name in call.values["include"] or ()))
        included = call.values["include"] is not None
        preferred = _prefers_async(call.headers.get("Prefer"))
        if preferred or await self._is_heavy(question):
            return await self._jobs.start(call, question, metrics, included=included, preferred=preferred)
        answer = await self._ask(call, question, metrics, included=included)
        body = decode_summary(answer.body).at(datetime.now(UTC))
        window = Window(body.meta.window.type, body.meta.window.start_ts, body.meta.window.end_ts)
        headers = {"Cache-Control": f"private, max-age={max_age(window)}"}
        return Reply(encode(body), answer.tag, headers=headers)

    async def _ask(self, call: Call, question: Question, metrics: tuple[Metric, ...], *, included: bool) -> Answer:
        cache = self._caches[max_age(window_of(question, time.time()))]
        version = self._versions.of(question.target)
        requested = (question, metrics, included, call.schema_version)

        async def compute() -> Answer:
            began = time.perf_counter()
            summary = await self._store.summary(question, metrics)
            self._metrics.query_seconds.labels("analytics-rollup").observe(time.perf_counter() - began)
            return _tagged(SummaryBody.of(call.schema_version, question.target, summary, included=included))

        answer, late = await cache.prompt(requested, version, compute, patience=self._patience, slow="store-slow" in call.faults)
        if late:
            answer = _tagged(decode_summary(answer.body).as_partial())
            self._metrics.stale.inc()
        return answer

    async def _is_heavy(self, question: Question) -> bool:
        window = window_of(question, time.time())
        if question.interval == "all":
            window = Window("all", window.end - LONGEST, window.end)
        if window.end - window.start <= 30 * DAY:
            return False
        return await self._store.cost(question.target, window, self._heavy_rows) >= self._heavy_rows


def _tagged(body: SummaryBody) -> Answer:
    """The answer with a tag of all that it says but how fresh it is."""
    timeless = msgspec.structs.replace(body, meta=msgspec.structs.replace(body.meta, freshness=None))
    return Answer(encode(body), tag_of(METRIC_VERSION.encode(), encode(timeless)))


def _prefers_async(prefer: str | None) -> bool:
    """Whether a client wants a job (RFC 7240); preferences with values and parameters are others."""
    return any(part.partition(";")[0].strip().lower() == "respond-async" for part in (prefer or "").split(","))
