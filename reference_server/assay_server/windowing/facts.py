"""What an event says about whom: posts, and replies, reposts, reactions and zaps with their targets (NIP-10, 18, 25, 57)."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from assay_server.windowing.bolt11 import InvoiceUnreadable, satoshi_of
from assay_server.windowing.events import EventRejected, NostrEvent, is_public_key, object_in

KINDS = frozenset({1, 6, 7, 16, 9735})
LONGEST_HASHTAG = 128


class FactKind(enum.Enum):
    """What a fact is counted as."""

    POST = "post"
    REPLY = "reply"
    REPOST = "repost"
    REACTION = "reaction"
    ZAP = "zap"


@dataclass(frozen=True, slots=True)
class Fact:
    """One event, normalized.

    `target` is whose numbers it counts in, None when nobody's; of a post it is the author. `answers` is the id of the event that it
    answers. `at` is in seconds since 1970.
    """

    event: str
    kind: FactKind
    sender: str
    target: str | None
    at: int
    answers: str | None = None
    satoshi: int = 0
    hashtags: frozenset[str] = frozenset()

    @property
    def is_engagement(self) -> bool:
        """Whether somebody responded to the target with it."""
        return self.kind is not FactKind.POST


def fact_of(event: NostrEvent) -> Fact:
    """Normalize an event of one of the counted kinds; raises `EventRejected` for a zap that cannot be read."""
    if event.kind == 1:
        return _note(event)
    if event.kind == 9735:
        return _zap(event)
    if event.kind not in KINDS:
        raise EventRejected("UNKNOWN_KIND", f"kind {event.kind} is not counted")
    kind = FactKind.REACTION if event.kind == 7 else FactKind.REPOST
    target = _public_key(_last(_values(event, "p")))
    return Fact(event.id, kind, event.pubkey, target, event.created_at, answers=_last(_values(event, "e")))


def _note(event: NostrEvent) -> Fact:
    answered = _answered(event)
    if answered is None:
        hashtags = frozenset(key for key in map(str.lower, _values(event, "t")) if 1 <= len(key) <= LONGEST_HASHTAG)
        return Fact(event.id, FactKind.POST, event.pubkey, event.pubkey, event.created_at, hashtags=hashtags)
    target = _public_key(_first(iter(answered[4:5]))) or _public_key(_first(_values(event, "p")))
    return Fact(event.id, FactKind.REPLY, event.pubkey, target, event.created_at, answers=answered[1])


def _answered(event: NostrEvent) -> tuple[str, ...] | None:
    """The `e` tag with the event that a note answers; None for a note that answers none and at most mentions some."""
    named = [tag for tag in event.tags if len(tag) > 1 and tag[0] == "e" and _marker(tag) != "mention"]
    for marker in ("reply", "root", ""):
        marked = [tag for tag in named if _marker(tag) == marker]
        if marked:
            return marked[-1]
    return named[-1] if named else None


def _zap(event: NostrEvent) -> Fact:
    request = object_in(_first(_values(event, "description")) or "")
    sender = None if request is None else request.get("pubkey")
    invoice = _first(_values(event, "bolt11"))
    if not is_public_key(sender) or invoice is None:
        raise EventRejected("INVALID_EVENT", "a zap receipt needs an invoice and the zap request with its sender")
    try:
        satoshi = satoshi_of(invoice)
    except InvoiceUnreadable as error:
        raise EventRejected("INVALID_EVENT", str(error)) from None
    answered, target = _first(_values(event, "e")), _public_key(_first(_values(event, "p")))
    return Fact(event.id, FactKind.ZAP, str(sender), target, event.created_at, answers=answered, satoshi=satoshi)


def _marker(tag: tuple[str, ...]) -> str:
    return tag[3] if len(tag) > 3 else ""


def _values(event: NostrEvent, name: str) -> Iterator[str]:
    return (tag[1] for tag in event.tags if len(tag) > 1 and tag[0] == name)


def _public_key(value: str | None) -> str | None:
    return value if is_public_key(value) else None


def _first(values: Iterator[str]) -> str | None:
    return next(values, None)


def _last(values: Iterator[str]) -> str | None:
    return next(reversed(list(values)), None)
