"""`getFunnelMetrics`: the numbers of a window, cached, and marked stale when the store is slow."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec

from assay_server.http.caching import Answer, AnswerCache, Versions, tag_of
from assay_server.http.calls import Call
from assay_server.http.replies import Reply
from assay_server.metrics import ServerMetrics
from assay_server.reliability.bodies import FunnelBody, FunnelBucketBody, FunnelMeta, FunnelNumbers, WindowBody, encode
from assay_server.reliability.store import FunnelQuery, Store


class FunnelNumbersRoute:
    """Answers from the cache, else from the store, else with the last known answer.

    `later` is whether the contract that is served has the properties since version 1.1.
    """

    def __init__(
        self, store: Store, cache: AnswerCache, versions: Versions, patience: float, metrics: ServerMetrics, *, later: bool = True
    ) -> None:
        self._store = store
        self._cache = cache
        self._versions = versions
        self._patience = patience
        self._metrics = metrics
        self._later = later

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        values, chosen = call.values, call.values["filter"]
        start: datetime = values["from"]
        end: datetime = values["to"]
        narrowed = (chosen.get("channel"), chosen.get("errorClass"), chosen.get("retryOutcome"))
        query = FunnelQuery(call.tenant, start, end, values["groupBy"], *narrowed)
        slow = "store-slow" in call.faults
        version = self._versions.of(call.tenant)
        requested = (query, call.schema_version)
        answer, late = await self._cache.prompt(requested, version, lambda: self._compute(*requested), patience=self._patience, slow=slow)
        if late:
            answer = _stale(answer)
            self._metrics.stale.inc()
        return Reply(answer.body, answer.tag)

    async def _compute(self, query: FunnelQuery, schema_version: str) -> Answer:
        began = time.perf_counter()
        numbers = await self._store.funnel(query)
        self._metrics.query_seconds.labels(numbers.data_profile).observe(time.perf_counter() - began)
        series: tuple[FunnelBucketBody, ...] | msgspec.UnsetType = msgspec.UNSET
        if numbers.series is not None:
            series = tuple(FunnelBucketBody.of(bucket, later=self._later) for bucket in numbers.series)
        body = FunnelBody(
            schema_version,
            query.tenant_id,
            WindowBody(query.start, query.end),
            FunnelNumbers.of(numbers.metrics, later=self._later),
            FunnelMeta(datetime.now(UTC), stale=False, data_profile=numbers.data_profile),
            series,
        )
        return _tagged(body)


_decode = msgspec.json.Decoder(FunnelBody).decode


def _tagged(body: FunnelBody) -> Answer:
    """The answer with a tag of all that it says but the moment at which it was made."""
    undated = msgspec.structs.replace(body, meta=msgspec.structs.replace(body.meta, generated_at=None))
    return Answer(encode(body), tag_of(encode(undated)))


def _stale(answer: Answer) -> Answer:
    body = _decode(answer.body)
    return _tagged(msgspec.structs.replace(body, meta=msgspec.structs.replace(body.meta, stale=True)))
