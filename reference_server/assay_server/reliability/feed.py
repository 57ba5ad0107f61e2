"""The incident feed: its messages, made from what the store keeps."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import msgspec

from assay_server.feed.source import FeedChanges, FeedMessage
from assay_server.reliability.bodies import IncidentBody
from assay_server.reliability.store import ChangeSet, IncidentState, Store


class Snapshot(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="snapshot"):
    """The state at the start of a session."""

    schema_version: str
    seq: int
    tenant_id: str
    incidents: tuple[IncidentBody, ...]


class IncidentDelta(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="incident_delta"):
    """One step of the state."""

    schema_version: str
    seq: int
    tenant_id: str
    changes: tuple[IncidentBody, ...]


class Heartbeat(msgspec.Struct, frozen=True, tag_field="type", tag="heartbeat"):
    """A sign of life."""

    ts: datetime


_encode = msgspec.json.Encoder().encode


class IncidentFeed:
    """Makes the messages of one schema version."""

    __slots__ = ("_store", "_version")

    def __init__(self, store: Store, version: str) -> None:
        self._store = store
        self._version = version

    async def snapshot(self, tenant: str) -> FeedMessage:
        """The first message of a session."""
        state: IncidentState = await self._store.incidents(tenant)
        incidents = tuple(IncidentBody.of(incident) for incident in state.incidents)
        return FeedMessage("snapshot", state.seq, _encode(Snapshot(self._version, state.seq, tenant, incidents)))

    async def changes_after(self, tenant: str, after: int, limit: int) -> FeedChanges:
        """The messages of the change sets after a number."""
        changes = await self._store.changes_after(tenant, after, limit)
        return FeedChanges(changes.seq, tuple(self._delta(tenant, item) for item in changes.sets), changes.truncated)

    def listen(self) -> AsyncGenerator[tuple[str, int]]:
        """Yield (tenant, sequence number) as changes are committed."""
        return self._store.listen()

    def heartbeat(self) -> bytes:
        """A heartbeat of now."""
        return _encode(Heartbeat(datetime.now(UTC)))

    def _delta(self, tenant: str, changes: ChangeSet) -> FeedMessage:
        items = tuple(IncidentBody.of(item) for item in changes.incidents)
        return FeedMessage("incident_delta", changes.seq, _encode(IncidentDelta(self._version, changes.seq, tenant, items)))
