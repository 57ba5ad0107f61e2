"""`getQualityGates`: what users measured, against its targets."""

from __future__ import annotations

from assay_server.executive.bodies import GateBody, QualityGatesBody, encode
from assay_server.executive.gates import METRICS, RANK, gate_of
from assay_server.executive.store import Store
from assay_server.http.calls import Call
from assay_server.http.replies import Reply


class QualityGates:
    """Answers from what has been received until now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        days, least = call.values["days"], call.values["min_samples"]
        found = await self._store.percentiles(days, call.values["event_types"] or None, RANK)
        gates = [
            gate_of(metric, found[metric.name].samples, found[metric.name].value, least)
            if metric.name in found
            else gate_of(metric, 0, None, least)
            for metric in METRICS
        ]
        return Reply(encode(QualityGatesBody(days, least, [GateBody.of(gate) for gate in gates])))
