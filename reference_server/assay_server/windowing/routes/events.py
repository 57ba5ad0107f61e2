"""`ingestNostrEvents`: a batch, each event checked by itself."""

from __future__ import annotations

import asyncio
import time

import jsonschema_rs
from assay_contracts import Contract

from assay_server.http.caching import Versions
from assay_server.http.calls import Call
from assay_server.http.replies import Reply
from assay_server.metrics import ServerMetrics
from assay_server.windowing.batches import Checked, check_batch
from assay_server.windowing.bodies import IngestBody, RejectionBody, encode
from assay_server.windowing.signatures import verify
from assay_server.windowing.store import EventStore

_EVENT = "#/components/schemas/NostrEvent"


class EventsRoute:
    """Takes events in."""

    def __init__(self, store: EventStore, versions: Versions, contract: Contract, metrics: ServerMetrics) -> None:
        self._store = store
        self._versions = versions
        self._fits = jsonschema_rs.validator_for(dict(contract.schema(_EVENT))).is_valid
        self._metrics = metrics

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        # Signatures take time, and the library lets go of the interpreter's lock meanwhile.
        checked = await asyncio.to_thread(self._check, call.body["events"])
        outcome = await self._store.ingest(checked.facts)
        for target in {fact.target for fact, _ in checked.facts if fact.target is not None}:
            self._versions.bump(target)
        for rejected in checked.rejected:
            self._metrics.rejected_events.labels(rejected.error.code).inc()
        if checked.rejected:
            await self._store.set_aside([(rejected.error, rejected.id) for rejected in checked.rejected])
        rejections = tuple(
            RejectionBody(rejected.index, rejected.error.code, rejected.error.reason, *([] if rejected.id is None else [rejected.id]))
            for rejected in checked.rejected
        )
        return Reply(encode(IngestBody(call.schema_version, outcome.accepted, outcome.duplicate, len(rejections), rejections)))

    def _check(self, events: list[object]) -> Checked:
        return check_batch(events, int(time.time()), fits=self._fits, verify=verify)
