"""`getRealtimeSnapshot`: the state of the incident feed as of now, with the changes since when asked."""

from __future__ import annotations

import msgspec

from assay_server.http.calls import Call
from assay_server.http.replies import Reply
from assay_server.reliability.bodies import IncidentBody, IncidentChangeBody, RealtimeSnapshotBody, encode
from assay_server.reliability.store import Store

_MOST_CHANGES = 10_000
"""How many changes one response may have."""


class SnapshotRoute:
    """Answers from one snapshot of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        state = await self._store.incidents(call.tenant, call.values["after"])
        changes: tuple[IncidentChangeBody, ...] | msgspec.UnsetType = msgspec.UNSET
        truncated = state.truncated
        if state.changes is not None:
            changes = tuple(change for item in state.changes for change in IncidentChangeBody.of(item))
            if len(changes) > _MOST_CHANGES:
                changes, truncated = msgspec.UNSET, True
        body = RealtimeSnapshotBody(
            call.schema_version,
            call.tenant,
            state.seq,
            tuple(IncidentBody.of(incident) for incident in state.incidents),
            changes,
            True if truncated else msgspec.UNSET,
        )
        return Reply(encode(body))
