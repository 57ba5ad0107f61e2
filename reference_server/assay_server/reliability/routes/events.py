"""`ingestEvents`: a batch, each event checked by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import msgspec
from assay_contracts import Contract
from assay_contracts.json_types import is_mapping

from assay_server.http.caching import Versions
from assay_server.http.calls import Call
from assay_server.http.replies import Reply
from assay_server.metrics import ServerMetrics
from assay_server.reliability.bodies import IngestBody, RejectionBody, encode
from assay_server.reliability.rejections import rejection_of
from assay_server.reliability.store import Fact, Store

_EVENT = "#/components/schemas/Event"
_REASONS = {
    "INVALID_EVENT": "the event does not fit its schema",
    "FORBIDDEN_TENANT": "the token does not cover the tenant of the event",
    "TOO_OLD": "eventTime is more than 90 days ago",
    "IN_THE_FUTURE": "eventTime is more than 5 minutes ahead of the server's clock",
}


@dataclass(frozen=True, slots=True)
class _Rejected(Exception):
    code: str
    message: str


class EventsRoute:
    """Takes events in."""

    def __init__(self, store: Store, versions: Versions, contract: Contract, metrics: ServerMetrics) -> None:
        self._store = store
        self._versions = versions
        self._validator = jsonschema_rs.validator_for(dict(contract.schema(_EVENT)), validate_formats=True)
        self._metrics = metrics

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        now = datetime.now(UTC)
        facts: list[Fact] = []
        rejections: list[RejectionBody] = []
        for index, event in enumerate(call.body["events"]):
            try:
                facts.append(self._accepted(call, event, now))
            except _Rejected as rejected:
                rejections.append(RejectionBody(index, rejected.code, rejected.message, *_name(event)))
                self._metrics.rejected_events.labels(rejected.code).inc()
        outcome = await self._store.ingest(facts)
        if outcome.accepted:
            for tenant in {fact.tenant_id for fact in facts}:
                self._versions.bump(tenant)
        return Reply(encode(IngestBody(call.schema_version, outcome.accepted, outcome.duplicate, len(rejections), tuple(rejections))))

    def _accepted(self, call: Call, event: object, now: datetime) -> Fact:
        """The fact that an event tells; raises `_Rejected`."""
        error = next(iter(self._validator.iter_errors(event)), None)
        if error is not None or not is_mapping(event):
            place = "/".join(str(part) for part in error.instance_path) if error is not None else ""
            raise _Rejected("INVALID_EVENT", f"{_REASONS['INVALID_EVENT']}{f': {place} is not right' if place else ''}"[:1000])
        try:
            # The schema takes days that are in no calendar, and a second 60.
            moment = msgspec.convert(event["eventTime"], datetime)
        except msgspec.ValidationError:
            raise _Rejected("INVALID_EVENT", "eventTime must be a day and a time that exist") from None
        code = rejection_of(event["tenantId"], moment, covers=call.covers, now=now)
        if code is not None:
            raise _Rejected(code, _REASONS[code])
        return msgspec.convert({**event, "latencyMs": _whole(event.get("latencyMs"))}, Fact)


def _whole(number: Any) -> int | None:
    """A whole number, however it was written: 420.0 is 420."""
    return None if number is None else int(number)


def _name(event: object) -> list[str]:
    """What an event calls itself, where that can be read."""
    name = event.get("eventId") if is_mapping(event) else None
    return [name[:256]] if isinstance(name, str) else []
