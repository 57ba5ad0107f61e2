"""A slow consumer: one session reads nothing while changes come, another of the same tenant reads all and is timed.

The slow one has the smallest buffers that the system gives, so that a server notices after some hundred kilobytes. The first attempt is
short; where it does not suffice, a second one leaves several megabytes unread. A server waits only so long until its close frame is read:
where it had given up before the kit read, the next attempts leave less unread, halfway to what the server bore. An attempt in which
changes came late is repeated.
"""

from __future__ import annotations

import asyncio
from functools import partial

from assay_conformance.checks.stream import AT_ONCE
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.sessions import Session, open_session
from assay_conformance.evidence import Stall
from assay_conformance.stream_terms import Stream

_KEPT = 60
_ATTEMPTS = ((1_200_000, 8.0), (4_000_000, 25.0))
"""How many bytes are left unread, and for how many seconds changes are asked for at most: longer only where the machine is slow."""
_MOST_ATTEMPTS = 5
_OPEN, _BROKEN, _CODE, _IN_TIME = range(4)
"""What an attempt tells, more and more: the slow session stayed open, broke, was closed with a code, and nobody was held up meanwhile."""
_CATCHING_UP = 10.0
"""How many seconds the slow session may take to read what waited for it."""
_CHUNK = 500
_LONGEST = 4 * AT_ONCE
"""After how many seconds it is not waited for any more."""
_OPENED = 101
_STUCK = 10.0
"""After how many seconds a change that the target was asked for does not come any more."""


async def stall(context: DriverContext, stream: Stream) -> None:
    """Hold back from reading while the target makes changes; add what came of the attempt that told most."""
    code = stream.code("slow-consumer")
    if code == "any":
        return
    telling: Stall | None = None
    borne, unborne = 0, 0
    enough, seconds = _ATTEMPTS[0]
    for _ in range(_MOST_ATTEMPTS):
        found = await _attempt(context, stream, code, enough, seconds)
        if telling is None or (found.unread and _weight(found) >= _weight(telling)):
            telling = found
        if not found.unread or found.slow.handshake != _OPENED or _weight(found) == _IN_TIME:
            break
        ending = _ending(found)
        if ending == _CODE:
            continue
        if ending == _OPEN:
            borne = max(borne, found.unread)
        else:
            unborne = found.unread
        if not unborne and enough == _ATTEMPTS[-1][0]:
            break
        enough, seconds = ((borne + unborne) // 2 if unborne else _ATTEMPTS[-1][0]), _ATTEMPTS[-1][1]
    if telling is not None:
        context.journal.add(telling)


def _ending(found: Stall) -> int:
    """How the slow session ended, by how much that tells."""
    if found.slow.ended_by == "client":
        return _OPEN
    return _CODE if found.slow.close_code is not None else _BROKEN


def _weight(found: Stall) -> int:
    """How much an attempt tells; one in which changes came late may only have met a machine that was busy."""
    late = found.delay is None or found.delay > AT_ONCE
    return _ending(found) if late or _ending(found) != _CODE else _IN_TIME


async def _attempt(context: DriverContext, stream: Stream, code: str, enough: int, seconds: float) -> Stall:
    """One attempt; it tells most where the slow session was ended, and nothing where no change came."""
    journal, tenant = context.journal, context.target.tenant("other")
    beside = await open_session(
        context.target, journal, stream, purpose="read beside one that does not", tenant="other", expected="any", keep=_KEPT
    )
    slow = await open_session(
        context.target, journal, stream, purpose="read nothing", tenant="other", expected=code, keep=_KEPT, narrow=True, reading=False
    )
    await beside.until(lambda: beside.count > 0, 3.0)
    first, delay = beside.size, 0.0
    try:
        async with asyncio.timeout(seconds + _LONGEST):
            delay = await _flood(context, beside, tenant, first + enough, seconds)
    except TimeoutError:
        delay = -1.0
    waiting = beside.size - first
    await asyncio.sleep(0.5)
    slow.read()
    # The close frame stands behind all that was left unread, and through narrow buffers that takes a busy machine a while.
    await slow.until(lambda: slow.closed is not None or slow.count >= beside.count, _CATCHING_UP)
    await slow.until_closed(1.5)
    return Stall(
        id=journal.name("stall-"),
        subject=stream.channel.id,
        purpose="read nothing while changes come",
        slow=await slow.end(),
        beside=await beside.end(),
        unread=waiting,
        delay=None if delay < 0 else delay,
        hooked=context.hook.present,
        enough=enough,
    )


async def _flood(context: DriverContext, beside: Session, tenant: str, size: int, seconds: float) -> float:
    """Ask for changes until enough bytes have come or the time is over; gives the longest time that a chunk took to arrive."""
    journal, worst = context.journal, 0.0
    until = journal.now() + seconds
    start = seen = beside.count
    chunk = 50
    while beside.size < size and journal.now() < until:
        began = journal.now()
        added = await context.hook.act("changes", tenant, chunk)
        ended = journal.now()
        if not added:
            # A target that made changes before and now cannot end one waits for the session that does not read.
            return -1.0 if seen > start and ended - began > _STUCK else worst
        seen += added
        if not await beside.until(partial(_has, beside, seen), _LONGEST):
            return -1.0
        worst = max(worst, journal.now() - ended)
        if ended - began < 0.2:
            chunk = min(2 * chunk, _CHUNK)
    return worst


def _has(session: Session, count: int) -> bool:
    return session.count >= count
