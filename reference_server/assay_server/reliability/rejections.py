"""Which events of a batch are rejected, each by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

OLDEST, NEWEST = timedelta(days=90), timedelta(minutes=5)
"""How far before and after the server's clock an event may have happened."""


def rejection_of(tenant: str, event_time: datetime, *, covers: Callable[[str], bool], now: datetime) -> str | None:
    """The code for an event that is not taken, None for one that is; `covers` says whether the token covers a tenant."""
    if not covers(tenant):
        return "FORBIDDEN_TENANT"
    if event_time < now - OLDEST:
        return "TOO_OLD"
    return "IN_THE_FUTURE" if event_time > now + NEWEST else None
