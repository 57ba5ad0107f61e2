"""What a feed sends, as the hub sees it: encoded messages with sequence numbers. Their content is the contract's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FeedMessage:
    """One message of a kind, as JSON in UTF-8; `seq` is the state that it leads to."""

    kind: str
    seq: int
    text: bytes


@dataclass(frozen=True, slots=True)
class FeedChanges:
    """The messages after a number, oldest first, and the newest number there is; `truncated` when some are no longer kept."""

    seq: int
    messages: tuple[FeedMessage, ...]
    truncated: bool = False


class FeedSource(Protocol):
    """Where the messages of a feed come from. Every method raises `StoreError` when the store does not answer."""

    async def snapshot(self, tenant: str) -> FeedMessage:
        """The state of a tenant as of now."""
        ...

    async def changes_after(self, tenant: str, after: int, limit: int) -> FeedChanges:
        """At most `limit` changes after a number."""
        ...

    def listen(self) -> AsyncGenerator[tuple[str, int]]:
        """Yield (tenant, newest number) as changes are committed, for as long as it is iterated."""
        ...

    def heartbeat(self) -> bytes:
        """A heartbeat of now."""
        ...
