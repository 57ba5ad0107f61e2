"""Which events of a batch are rejected, each by itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

OLDEST, NEWEST = timedelta(days=90), timedelta(minutes=5)
"""How far before and after the server's clock an event may have happened."""
ALL_TENANTS = "*"


def rejection_of(tenant: str, event_time: datetime, *, covered: Collection[str], now: datetime) -> str | None:
    """The code for an event that is not taken, None for one that is; `covered` are the tenants of the token, `*` for all."""
    if tenant not in covered and ALL_TENANTS not in covered:
        return "FORBIDDEN_TENANT"
    if event_time < now - OLDEST:
        return "TOO_OLD"
    return "IN_THE_FUTURE" if event_time > now + NEWEST else None
