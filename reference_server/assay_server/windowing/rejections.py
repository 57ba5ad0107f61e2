"""Which events of a batch are rejected, and by which rule first."""

from __future__ import annotations

from collections.abc import Callable

from assay_server.windowing.events import EventRejected, NostrEvent, event_hash
from assay_server.windowing.facts import KINDS, fact_of

OLDEST, NEWEST = 180 * 86_400, 15 * 60
"""How far before and after the server's clock an event may have been created, in seconds."""


def reject(event: NostrEvent, now: int, verify: Callable[[NostrEvent], bool]) -> None:
    """Raise `EventRejected` for the first rule that an event breaks: hash, zap receipt, signature, kind, time.

    `now` is in seconds since 1970; `verify` says whether the signature over the id is right (BIP-340).
    """
    if event_hash(event) != event.id:
        raise EventRejected("INVALID_EVENT", "the id is not the hash of the event")
    if event.kind in KINDS:
        fact_of(event)
    if not verify(event):
        raise EventRejected("INVALID_SIGNATURE", "the signature does not verify")
    if event.kind not in KINDS:
        raise EventRejected("UNKNOWN_KIND", f"kind {event.kind} is not counted")
    if event.created_at < now - OLDEST:
        raise EventRejected("TOO_OLD", "created_at is more than 180 days ago")
    if event.created_at > now + NEWEST:
        raise EventRejected("IN_THE_FUTURE", "created_at is more than 15 minutes ahead")
