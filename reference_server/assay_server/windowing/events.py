"""Nostr events as they arrive (NIP-01), and the reasons to reject one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

KINDS = frozenset({1, 6, 7, 16, 9735})
OLDEST, NEWEST = 180 * 86_400, 15 * 60
"""How far before and after the server's clock an event may have been made, in seconds."""
_HEX_64, _HEX_128 = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{128}")


class EventRejected(ValueError):
    """An event of a batch is not accepted; `code` is one of the contract's rejection codes."""

    def __init__(self, code: str, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"{code}: {reason}")


@dataclass(frozen=True, slots=True)
class NostrEvent:
    """An event of a well-formed body; whether its hash and signature are right is not known yet."""

    id: str
    pubkey: str
    created_at: int
    kind: int
    tags: tuple[tuple[str, ...], ...]
    content: str
    sig: str


def is_public_key(value: object) -> bool:
    """Whether a value is a public key in hexadecimal."""
    return isinstance(value, str) and _HEX_64.fullmatch(value) is not None


def parse_event(value: object) -> NostrEvent:
    """Read one item of a batch; raises `EventRejected` (INVALID_EVENT) for anything but a well-formed event."""
    if not is_mapping(value):
        raise EventRejected("INVALID_EVENT", "the item is no object")
    tags, content = value.get("tags"), value.get("content")
    well_formed = (
        is_public_key(value.get("id"))
        and is_public_key(value.get("pubkey"))
        and _is_count(value.get("created_at"))
        and _is_count(value.get("kind"))
        and isinstance(content, str)
        and isinstance(value.get("sig"), str)
        and _HEX_128.fullmatch(value["sig"]) is not None
    )
    if not well_formed or not is_list(tags) or not all(_is_tag(tag) for tag in tags):
        raise EventRejected("INVALID_EVENT", "a property is missing or malformed")
    return NostrEvent(
        value["id"], value["pubkey"], value["created_at"], value["kind"], tuple(tuple(tag) for tag in tags), str(content), value["sig"]
    )


def event_hash(event: NostrEvent) -> str:
    """Return the id that NIP-01 gives an event: the SHA-256 of its serialization."""
    parts: list[Any] = [0, event.pubkey, event.created_at, event.kind, event.tags, event.content]
    written = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def reject(event: NostrEvent, now: int, verify: Callable[[NostrEvent], bool]) -> None:
    """Raise `EventRejected` for the first rule that an event breaks: hash, signature, kind, time.

    `now` is in seconds since 1970; `verify` says whether the signature over the id is right (BIP-340).
    """
    if event_hash(event) != event.id:
        raise EventRejected("INVALID_EVENT", "the id is not the hash of the event")
    if not verify(event):
        raise EventRejected("INVALID_SIGNATURE", "the signature does not verify")
    if event.kind not in KINDS:
        raise EventRejected("UNKNOWN_KIND", f"kind {event.kind} is not counted")
    if event.created_at < now - OLDEST:
        raise EventRejected("TOO_OLD", "created_at is more than 180 days ago")
    if event.created_at > now + NEWEST:
        raise EventRejected("IN_THE_FUTURE", "created_at is more than 15 minutes ahead")


def object_in(written: str) -> Mapping[str, Any] | None:
    """The JSON object that a string holds, or None."""
    try:
        value: object = json.loads(written)
    except (ValueError, RecursionError):
        return None
    return value if is_mapping(value) else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_tag(value: object) -> bool:
    return is_list(value) and all(isinstance(part, str) for part in value)
