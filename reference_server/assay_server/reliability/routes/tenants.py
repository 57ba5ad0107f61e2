"""`rankTenants`: the tenants of the credential in order, all pages with the numbers of the first."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime

import msgspec

from assay_server.faults import Switchboard
from assay_server.http.caching import Answer, AnswerCache, Versions, tag_of
from assay_server.http.calls import Call
from assay_server.http.cursors import BadCursor, Cursors
from assay_server.http.errors import Refusal
from assay_server.http.parameters import governed
from assay_server.http.replies import Reply
from assay_server.metrics import ServerMetrics
from assay_server.reliability.bodies import FunnelMeta, PageBody, TenantPageBody, TenantRankBody, WindowBody, encode
from assay_server.reliability.ranking import RankedTenant, rank
from assay_server.reliability.store import FunnelQuery, Store

RankingKeys = tuple[str, int]
"""The ranking that is walked, and how many tenants of it were on the pages before."""


class _Ranking(msgspec.Struct, frozen=True):
    """A ranking as it was on its first page."""

    items: tuple[TenantRankBody, ...]
    meta: FunnelMeta


_decode = msgspec.msgpack.Decoder(_Ranking).decode
_decode_page = msgspec.json.Decoder(TenantPageBody).decode


class TenantRanking:
    """Answers one page at a time."""

    def __init__(
        self,
        store: Store,
        cache: AnswerCache,
        versions: Versions,
        cursors: Cursors[RankingKeys],
        switchboard: Switchboard,
        patience: float,
        metrics: ServerMetrics,
    ) -> None:
        self._store = store
        self._cache = cache
        self._versions = versions
        self._cursors = cursors
        self._switchboard = switchboard
        self._patience = patience
        self._metrics = metrics

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        tenants = await self._tenants(call)
        values = call.values
        bound = (_digest(tenants), str(values["from"]), str(values["to"]), values["sort"])
        if values["cursor"] is not None:
            answer = await self._later(call, bound)
        else:
            answer = await self._first(call, tenants, bound)
        return Reply(answer.body, answer.tag)

    async def _tenants(self, call: Call) -> tuple[str, ...]:
        """The tenants that the credential covers, in order of their names."""
        covered = call.grant.tenants if call.grant is not None else frozenset[str]()
        return await self._store.tenants() if "*" in covered else tuple(sorted(covered))

    async def _first(self, call: Call, tenants: tuple[str, ...], bound: tuple[str, ...]) -> Answer:
        requested = (tenants, bound, call.values["pageSize"], call.schema_version)
        version = sum(self._versions.of(tenant) for tenant in tenants)
        slow = "store-slow" in call.faults

        async def compute() -> Answer:
            began = time.time()
            ranking = await self._compute(call, tenants)
            size = call.values["pageSize"]
            cursor = None
            if len(ranking.items) > size:
                id = await self._store.rankings.keep(msgspec.msgpack.encode(ranking))
                cursor = self._cursors.issue((id, size), bound, began)
            return _tagged(self._page(call, ranking, 0, cursor))

        answer, late = await self._cache.prompt(requested, version, compute, patience=self._patience, slow=slow)
        if not late:
            return answer
        self._metrics.stale.inc()
        page = _decode_page(answer.body)
        return _tagged(msgspec.structs.replace(page, meta=msgspec.structs.replace(page.meta, stale=True)))

    async def _later(self, call: Call, bound: tuple[str, ...]) -> Answer:
        (id, start), began = self._open(call, bound)
        kept = await self._store.rankings.get(id)
        if kept is None:
            raise _bad_cursor(call, "the cursor has expired; start again from the first page")
        ranking, end = _decode(kept), start + call.values["pageSize"]
        cursor = self._cursors.issue((id, end), bound, began) if len(ranking.items) > end else None
        return _tagged(self._page(call, ranking, start, cursor))

    def _open(self, call: Call, bound: tuple[str, ...]) -> tuple[RankingKeys, float]:
        try:
            expired = self._switchboard.cursors_from(call.endpoint.id, call.tenant)
            return self._cursors.open(call.values["cursor"], bound, not_before=expired)
        except BadCursor as error:
            raise _bad_cursor(call, str(error)) from None

    def _page(self, call: Call, ranking: _Ranking, start: int, cursor: str | None) -> TenantPageBody:
        size = call.values["pageSize"]
        window = WindowBody(call.values["from"], call.values["to"])
        items = ranking.items[start : start + size]
        return TenantPageBody(call.schema_version, window, items, PageBody(cursor, cursor is not None, size), ranking.meta)

    async def _compute(self, call: Call, tenants: tuple[str, ...]) -> _Ranking:
        start, end = call.values["from"], call.values["to"]
        ranked: list[RankedTenant] = []
        profiles: set[str] = set()
        known = set(await self._store.tenants())
        for tenant in tenants:
            if tenant not in known:
                ranked.append(RankedTenant(tenant))
                continue
            answer = await self._store.funnel(FunnelQuery(tenant, start, end))
            numbers = answer.metrics
            profiles.add(answer.data_profile)
            ranked.append(RankedTenant(tenant, numbers.starts, numbers.submissions, numbers.failures, numbers.p95_submit_latency_ms))
        profile = "analytics-rollup" if profiles == {"analytics-rollup"} else "analytics-hot-window"
        items = tuple(TenantRankBody.of(tenant) for tenant in rank(ranked, call.values["sort"]))
        return _Ranking(items, FunnelMeta(datetime.now(UTC), stale=False, data_profile=profile))


def _bad_cursor(call: Call, message: str) -> Refusal:
    operation = call.endpoint.operation
    name = operation.annotations["x-pagination"]["cursor"]["parameter"]
    return Refusal(governed(operation)[name], message, field=name)


def _digest(tenants: tuple[str, ...]) -> str:
    return hashlib.blake2b(" ".join(tenants).encode(), digest_size=16).hexdigest()


def _tagged(page: TenantPageBody) -> Answer:
    """The page with a tag of all that it says but the moment at which it was made."""
    undated = msgspec.structs.replace(page, meta=msgspec.structs.replace(page.meta, generated_at=None))
    return Answer(encode(page), tag_of(encode(undated)))
