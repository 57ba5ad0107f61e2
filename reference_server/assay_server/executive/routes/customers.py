"""`listCustomersAtRisk`: the customers who most probably leave."""

from __future__ import annotations

from assay_server.executive.bodies import AtRiskBody, CustomerBody, Meta
from assay_server.executive.clock import Clock
from assay_server.executive.hot_reads import HotReads
from assay_server.executive.store import Store
from assay_server.http.calls import Call
from assay_server.http.replies import Reply


class CustomersAtRisk:
    """Answers with the top of the list."""

    def __init__(self, store: Store, reads: HotReads, clock: Clock) -> None:
        self._store = store
        self._reads = reads
        self._clock = clock

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        today, most = self._clock().date(), call.values["limit"]

        async def read(meta: Meta) -> AtRiskBody:
            customers = await self._store.customers_at_risk(today, most)
            return AtRiskBody(customers=tuple(CustomerBody.of(customer) for customer in customers), meta=meta)

        return await self._reads.answer(call, (today, most), read)
