"""What a route answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    """A response before it is written: the body, its entity tag, and the headers that the route gives it."""

    body: bytes = b""
    tag: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    media_type: str = "application/json"
    parts: AsyncIterator[bytes] | None = None
    """The body part by part, instead of `body`, where it may be larger than memory."""
