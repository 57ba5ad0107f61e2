"""`getExecutiveDashboard`: the ten figures, the revenue trend, alerts and risks of a window."""

from __future__ import annotations

from assay_server.executive.bodies import AlertBody, DashboardBody, KpiBody, Meta, RiskBody, TimeframeBody, TrendPointBody
from assay_server.executive.clock import Clock
from assay_server.executive.hot_reads import HotReads
from assay_server.executive.kpis import KPIS, figure
from assay_server.executive.months import frame
from assay_server.executive.store import Store
from assay_server.executive.trend import trend
from assay_server.http.calls import Call
from assay_server.http.replies import Reply

_MOST = 100
"""How many alerts and how many risks are listed."""


class Dashboard:
    """Answers with everything of one moment."""

    def __init__(self, store: Store, reads: HotReads, clock: Clock) -> None:
        self._store = store
        self._reads = reads
        self._clock = clock

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        window, granularity = frame(call.values["range"], self._clock()), call.values["granularity"]

        async def read(meta: Meta) -> DashboardBody:
            overview = await self._store.overview(window.months[-1], _MOST)
            ledger = overview.ledger
            return DashboardBody(
                timeframe=TimeframeBody.of(window, granularity),
                executive_kpis=tuple(KpiBody.of(kpi, figure(kpi, ledger, window)) for kpi in KPIS),
                revenue_trend=tuple(TrendPointBody.of(point) for point in trend(ledger.months(window.months), granularity)),
                alerts=tuple(AlertBody.of(alert) for alert in overview.alerts),
                risks=tuple(RiskBody.of(risk) for risk in overview.risks),
                meta=meta,
            )

        return await self._reads.answer(call, (window, granularity), read)
