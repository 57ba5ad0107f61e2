"""Nostr events as they arrive (NIP-01)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts.json_types import is_mapping

_PUBLIC_KEY = re.compile(r"[0-9a-f]{64}")


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
    return isinstance(value, str) and _PUBLIC_KEY.fullmatch(value) is not None


def parse_event(value: object, fits: Callable[[object], bool]) -> NostrEvent:
    """Read one item of a batch; `fits` says whether it is a `NostrEvent` of the contract.

    Raises `EventRejected` (INVALID_EVENT).
    """
    if not is_mapping(value) or not fits(value):
        raise EventRejected("INVALID_EVENT", "the item is not a NostrEvent")
    return NostrEvent(
        id=value["id"],
        pubkey=value["pubkey"],
        # JSON Schema takes 1.0 for an integer; the hash of an event needs the integer.
        created_at=int(value["created_at"]),
        kind=int(value["kind"]),
        tags=tuple(tuple(tag) for tag in value["tags"]),
        content=value["content"],
        sig=value["sig"],
    )


def event_hash(event: NostrEvent) -> str:
    """Return the id that NIP-01 gives an event: the SHA-256 of its serialization."""
    parts: list[Any] = [0, event.pubkey, event.created_at, event.kind, event.tags, event.content]
    written = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def object_in(written: str) -> Mapping[str, Any] | None:
    """The JSON object that a string holds, or None."""
    try:
        value: object = json.loads(written)
    except (ValueError, RecursionError):
        return None
    return value if is_mapping(value) else None
