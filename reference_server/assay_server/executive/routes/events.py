"""`logEvent`: what a user of the dashboard did, with what was measured, in one transaction."""

from __future__ import annotations

from typing import Any

from assay_server.executive.event_log import EventLog
from assay_server.executive.store import Outcome, UserEvent
from assay_server.http.errors import Refusal
from assay_server.http.handling import Call, Reply
from assay_server.postgres.idempotency import KeyedRequest, digest_of

_SLOW_SECONDS = 0.3


class LogEvent:
    """Stores one event."""

    def __init__(self, events: EventLog) -> None:
        self._events = events

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        terms = call.endpoint.operation.annotations["x-idempotency"]
        key = call.headers.get(terms["header"])
        keyed = None if key is None else KeyedRequest(call.subject, call.endpoint.id, key, digest_of(call.body))
        event = UserEvent(call.subject, call.body["event_type"], _metrics(call.body.get("meta", {})), keyed)
        outcome = await self._events.log(event, pause=_SLOW_SECONDS if "store-slow" in call.faults else 0.0)
        if outcome is Outcome.CONFLICT:
            raise Refusal(terms["conflict"], "the key names another request", field=terms["header"], within="header")
        if outcome is Outcome.IN_PROGRESS:
            raise Refusal(
                terms["inProgress"], "the first request with this key is under way; come back in 1 s", headers={"Retry-After": "1"}
            )
        return Reply(b'{"status":"logged"}')


def _metrics(meta: dict[str, Any]) -> dict[str, float]:
    """What was measured, by metric: one metric with its value, or flat numbers."""
    return {meta["metric"]: meta["v"]} if "metric" in meta else meta
