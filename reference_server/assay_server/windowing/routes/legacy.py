"""`getUserSummary` of version 1: the numbers of an interval, counted from the facts at each call."""

from __future__ import annotations

from assay_server.http.calls import Call
from assay_server.http.replies import Reply
from assay_server.windowing.bodies import LegacyBody, encode
from assay_server.windowing.store import EventStore, Question


class LegacyRoute:
    """Answers version 1 beside version 2, from the same facts."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        pubkey, interval = call.path["pubkey"], call.values["interval"]
        summary = await self._store.raw_summary(Question(pubkey, interval))
        return Reply(encode(LegacyBody.of(call.schema_version, pubkey, summary)))
