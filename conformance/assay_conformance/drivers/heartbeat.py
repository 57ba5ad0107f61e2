"""Listens to a feed for three heartbeats on end, beside everything else that a run does; as another tenant for half as long."""

from __future__ import annotations

import asyncio

from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.sessions import open_session
from assay_conformance.stream_terms import Stream, streams

PERIODS = 3
LONGEST_SECONDS = 60.0
"""Where three periods take longer, as many are waited for as fit, and at least one."""
PAUSE_SECONDS = 1.0
"""So long after the server has ended a session another is opened."""
MARGIN = 1.6
ROLES = ("primary", "other", "empty")
LATE = "other"
"""The tenant that is listened to in the second half alone: in the first one its sessions are flooded and dropped."""


async def drive(context: DriverContext) -> None:
    """Every stream with heartbeats, as every tenant of the target; where a stream has no tenants, once."""
    quiet = [
        _listen(context, stream, role)
        for stream in streams(context.contract)
        if stream.heartbeat is not None and stream.every > 0
        for role in (ROLES if stream.tenant is not None else ROLES[:1])
        if stream.tenant is None or role in context.target.tenants
    ]
    await asyncio.gather(*quiet)


async def _listen(context: DriverContext, stream: Stream, role: str) -> None:
    """Keep a session open; one that the server ends is followed by another for the time that is left.

    Only one that opens with the run must be let in: later ones may meet a fault of the run that ends sessions.
    """
    journal = context.journal
    seconds = max(stream.every, min(PERIODS * stream.every, LONGEST_SECONDS))
    until, expected = journal.now() + seconds + MARGIN, "open"
    if role == LATE and seconds > 2 * (stream.every + MARGIN):
        await asyncio.sleep(seconds / 2)
        expected = "any"
    while (left := until - journal.now()) > 0:
        purpose = f"listen to {PERIODS} heartbeats"
        session = await open_session(context.target, journal, stream, purpose=purpose, tenant=role, expected=expected)
        if await session.until_closed(left):
            await asyncio.sleep(PAUSE_SECONDS)
        record = await session.end()
        if expected == "open" and not record.received:
            return
        expected = "any"
