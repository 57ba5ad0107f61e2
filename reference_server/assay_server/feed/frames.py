"""Feed messages, each encoded once into the bytes of a WebSocket frame, however many sessions get them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from assay_server.http.bodies import IncidentBody
from assay_server.store import ChangeSet, IncidentState


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


def snapshot(version: str, tenant: str, state: IncidentState) -> bytes:
    """The first message of a session."""
    incidents = tuple(IncidentBody.of(incident) for incident in state.incidents)
    return _encode(Snapshot(version, state.seq, tenant, incidents))


def delta(version: str, tenant: str, changes: ChangeSet) -> bytes:
    """The message of one change set."""
    return _encode(IncidentDelta(version, changes.seq, tenant, tuple(IncidentBody.of(item) for item in changes.incidents)))


def heartbeat() -> bytes:
    """A heartbeat of now."""
    return _encode(Heartbeat(datetime.now(UTC)))


def framed(text: bytes) -> bytes:
    """One unmasked text frame (RFC 6455, 5.2)."""
    length = len(text)
    if length < 126:
        return b"\x81" + length.to_bytes(1, "big") + text
    if length < 65536:
        return b"\x81\x7e" + length.to_bytes(2, "big") + text
    return b"\x81\x7f" + length.to_bytes(8, "big") + text
