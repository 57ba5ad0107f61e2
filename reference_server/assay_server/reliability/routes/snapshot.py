"""`getRealtimeSnapshot`: the state of the incident feed as of now, with the changes since when asked."""

from __future__ import annotations

import msgspec

from assay_server.http.handling import Call, Reply
from assay_server.reliability.bodies import IncidentBody, IncidentChangeBody, RealtimeSnapshotBody, encode
from assay_server.reliability.store import Store


class SnapshotRoute:
    """Answers from one snapshot of the store."""

    def __init__(self, store: Store, schema_version: str) -> None:
        self._store = store
        self._schema_version = schema_version

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        state = await self._store.incidents(call.tenant, call.values["after"])
        changes: tuple[IncidentChangeBody, ...] | msgspec.UnsetType = msgspec.UNSET
        if state.changes is not None:
            changes = tuple(change for item in state.changes for change in IncidentChangeBody.of(item))
        body = RealtimeSnapshotBody(
            self._schema_version,
            call.tenant,
            state.seq,
            tuple(IncidentBody.of(incident) for incident in state.incidents),
            changes,
            True if state.truncated else msgspec.UNSET,
        )
        return Reply(encode(body))
