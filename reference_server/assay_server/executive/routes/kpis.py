"""`getKpi` and `getUptime`: one figure with its trend, and its parts."""

from __future__ import annotations

from assay_server.executive.bodies import KpiBody, KpiDetailBody, KpiPartBody, KpiPointBody, Meta, TimeframeBody, UptimeBody
from assay_server.executive.breakdown import breakdown
from assay_server.executive.clock import Clock
from assay_server.executive.hot_reads import HotReads
from assay_server.executive.kpis import BY_KEY, Kpi, figure
from assay_server.executive.ledger import Ledger
from assay_server.executive.months import Frame, frame
from assay_server.executive.store import Store
from assay_server.executive.trend import steps
from assay_server.http.calls import Call
from assay_server.http.replies import Reply


class KpiDetail:
    """Answers for any of the ten figures."""

    def __init__(self, store: Store, reads: HotReads, clock: Clock) -> None:
        self._store = store
        self._reads = reads
        self._clock = clock

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        kpi = BY_KEY[call.path["key"]]
        window, granularity = frame(call.values["range"], self._clock()), call.values["granularity"]

        async def read(meta: Meta) -> KpiDetailBody:
            ledger = await self._store.ledger(window.months[-1])
            body = KpiBody.of(kpi, figure(kpi, ledger, window))
            parts = [] if kpi.parts is None else breakdown(kpi.parts(ledger, window.months), body.value)
            return KpiDetailBody(
                timeframe=TimeframeBody.of(window, granularity),
                kpi=body,
                trend=_points(kpi, ledger, window, granularity),
                breakdown=tuple(KpiPartBody.of(part) for part in parts),
                meta=meta,
            )

        return await self._reads.answer(call, (kpi.key, window, granularity), read)


class UptimeDetail:
    """Answers for the uptime alone."""

    def __init__(self, store: Store, reads: HotReads, clock: Clock) -> None:
        self._store = store
        self._reads = reads
        self._clock = clock

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        kpi = BY_KEY["uptime"]
        window, granularity = frame(call.values["range"], self._clock()), call.values["granularity"]

        async def read(meta: Meta) -> UptimeBody:
            ledger = await self._store.ledger(window.months[-1])
            return UptimeBody(
                timeframe=TimeframeBody.of(window, granularity),
                uptime=kpi.unit.rounded(kpi.value(ledger, window.months)),
                trend=_points(kpi, ledger, window, granularity),
                meta=meta,
            )

        return await self._reads.answer(call, (window, granularity), read)


def _points(kpi: Kpi, ledger: Ledger, window: Frame, granularity: str) -> tuple[KpiPointBody, ...]:
    """The figure of each step alone; a state is that of its last month."""
    return tuple(KpiPointBody(period, kpi.unit.rounded(kpi.value(ledger, months))) for period, months in steps(window.months, granularity))
