"""`logEvent`: what a user of the dashboard did, with what was measured, in one transaction."""

from __future__ import annotations

import asyncio
from typing import Any

from assay_server.executive.event_log import EventLog
from assay_server.executive.store import UserEvent
from assay_server.http.calls import Call
from assay_server.http.replies import Reply

_SLOW_SECONDS = 0.3


class LogEvent:
    """Stores one event."""

    def __init__(self, events: EventLog) -> None:
        self._events = events

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        if "store-slow" in call.faults:
            await asyncio.sleep(_SLOW_SECONDS)
        await self._events.log(UserEvent(call.subject, call.body["event_type"], _metrics(call.body.get("meta", {}))))
        return Reply(b'{"status":"logged"}')


def _metrics(meta: dict[str, Any]) -> dict[str, float]:
    """What was measured, by metric: one metric with its value, or flat numbers."""
    return {meta["metric"]: meta["v"]} if "metric" in meta else meta
