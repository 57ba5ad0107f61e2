"""Streams: watch one while it changes, join it again after a drop, and bring about every close that the contract declares.

All sessions of one stream run beside each other under the long one that waits for a heartbeat; only the drop comes after, because a target
may end every session with it. A target that does not answer its first session is asked no more.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from assay_contracts import Contract, pointers

from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.feed_refusals import refuse
from assay_conformance.drivers.resumption import resume
from assay_conformance.drivers.sessions import Session, open_session
from assay_conformance.drivers.slow_consumer import stall
from assay_conformance.evidence import Act, Exchange, Rejoin, Watch
from assay_conformance.stream_terms import Stream, last_number, resync_of, streams

_FIRST = 5.0
"""How long a session may take to say its first word."""
_SETTLE = 4.0
"""How long the last change may take to reach a session."""
_BURST = 1.2
"""How long the target is kept busy with changes."""
_MOST = 150
"""How many changes are enough."""
_BURSTS = 4
"""How often a burst is made again until a session opens between two of its changes: on a busy machine one may miss it."""
_APART = 0.25
"""How far apart two changes may be for a session between them to have opened in the midst of changes."""
_MARGIN = 1.6
DROP = "realtime-drop"
"""The fault that ends sessions, in a contract that names none."""


async def drive(context: DriverContext) -> None:
    """Hold every conversation with every stream of the contract."""
    for stream in streams(context.contract):
        await _converse(context, stream)


async def _converse(context: DriverContext, stream: Stream) -> None:
    long = await open_session(context.target, context.journal, stream, purpose="watch the stream for as long as a heartbeat may take")
    await long.until(lambda: long.count > 0, _FIRST)
    if not long.count:
        silent = await long.end()
        context.journal.add(
            Watch(id=context.journal.name("watch-"), subject=stream.channel.id, purpose="watch a stream", sessions=(silent,))
        )
        return
    over = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_watch(context, stream, long, over))
        tasks.create_task(_stay_empty(context, stream, over))
        tasks.create_task(_ask_the_served_version(context, stream, long))
        tasks.create_task(refuse(context, stream))
        tasks.create_task(stall(context, stream))
    await _rejoin(context, stream)
    await resume(context, stream)


async def _watch(context: DriverContext, stream: Stream, long: Session, over: asyncio.Event) -> None:
    """The long session, with others that open at random points of a burst of changes, and the state over HTTP at others."""
    journal, dice = context.journal, random.Random(context.contract.digest)  # noqa: S311
    acts: list[Act] = []
    later: list[Session] = []
    exchanges: list[Exchange] = []
    resync = resync_of(context.contract, stream)
    # A session that opens early in a burst must see the middle of it, even when its snapshot is held back.
    burst = _BURST + stream.within

    async def change() -> None:
        started, before = journal.now(), sum(act.count for act in acts)
        while (passed := journal.now() - started) < burst:
            began = journal.now()
            if sum(act.count for act in acts) - before > _MOST * passed / burst:
                await asyncio.sleep(0.005)
                continue
            count = await context.hook.act("changes", context.target.tenant("primary"), 3)
            if not count:
                return
            acts.append(Act(began, journal.now(), count))

    async def join() -> None:
        session = await open_session(context.target, journal, stream, purpose="open a session while changes come")
        later.append(session)
        await session.until(lambda: session.count > 0, _FIRST)

    async def look() -> None:
        if resync is not None:
            exchanges.append(await context.wire.ask(resync, purpose="compare the state over HTTP with the stream", expected="accepted"))

    for _ in range(_BURSTS):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(change())
            for what, times in ((join, 5), (look, 5)):
                for _ in range(times):
                    tasks.create_task(_after(dice.uniform(0.02, 0.8 * _BURST), what))
        changes = sum(act.count for act in acts)
        await long.until(partial(_came, long, stream, changes), _SETTLE)
        if not changes or any(_amid(session, long, stream) for session in later):
            break
    await asyncio.gather(*(session.until(partial(_caught_up, session, long, stream), 1.0) for session in later))
    await look()
    await join()
    settled = journal.now()
    await asyncio.sleep(0.3)
    others = [await session.end() for session in later[:-1]]
    await long.until_closed(max(0.0, long.opened + stream.every + _MARGIN - journal.now()))
    over.set()
    others.append(await later[-1].end())
    others.sort(key=lambda session: session.opened)
    context.journal.add(
        Watch(
            id=journal.name("watch-"),
            subject=stream.channel.id,
            purpose="watch a stream while it changes",
            sessions=(await long.end(), *others),
            exchanges=tuple(exchanges),
            acts=tuple(acts),
            hooked=context.hook.present,
            settled=settled,
        )
    )


async def _stay_empty(context: DriverContext, stream: Stream, over: asyncio.Event) -> None:
    if stream.tenant is None:
        return
    session = await open_session(context.target, context.journal, stream, purpose="watch a tenant without entities", tenant="empty")
    await session.until(lambda: session.count > 0, _FIRST)
    if session.live:
        await over.wait()
    await session.end()


async def _ask_the_served_version(context: DriverContext, stream: Stream, long: Session) -> None:
    """Asking for the version that the stream has anyway must change nothing."""

    version = pointers.follow(long.frames[0].json, stream.version) if stream.version else None
    if stream.version_header is None or not isinstance(version, str) or not version.isascii() or not version.isprintable():
        return
    headers = {stream.version_header: version}
    session = await open_session(context.target, context.journal, stream, purpose="ask for the version that is served", headers=headers)
    await session.until(lambda: session.count > 0, _FIRST)
    await session.end()


async def _rejoin(context: DriverContext, stream: Stream) -> None:
    """Have a session dropped, make changes meanwhile, join again; where the target drops none, the client leaves by itself."""
    journal, tenant = context.journal, context.target.tenant("other")
    old = await open_session(context.target, journal, stream, purpose="be dropped", tenant="other")
    await old.until(lambda: old.count > 0, _FIRST)
    if not old.count:
        ended = await old.end()
        journal.add(Rejoin(id=journal.name("rejoin-"), subject=stream.channel.id, purpose="join again after a drop", old=ended))
        return
    added = await context.hook.act("changes", tenant, 2)
    await old.until(lambda: _deltas(old, stream) >= added, 2.0)
    dropped = await context.hook.fault(drop_fault(context.contract), tenant=tenant, seconds=1)
    if dropped:
        await old.until_closed(3.0)
    before = await old.end()
    away = await context.hook.act("changes", tenant, 4)
    new = await _join_again(context, stream, patient=dropped)
    resync = resync_of(context.contract, stream)
    exchange = None
    if resync is not None:
        last = last_number(before.received, stream) or 0
        after = resync.annotations["x-snapshot"]["after"]
        exchange = await context.wire.ask(resync, {after: last}, purpose="ask for what the drop hid", tenant="other", expected="accepted")
    added = await context.hook.act("changes", tenant, 2)
    await new.until(lambda: _deltas(new, stream) >= added, 2.0)
    context.journal.add(
        Rejoin(
            id=journal.name("rejoin-"),
            subject=stream.channel.id,
            purpose="join again after a drop",
            old=before,
            new=await new.end(),
            exchange=exchange,
            away=away,
            hooked=context.hook.present,
        )
    )


def drop_fault(contract: Contract) -> str:
    """The fault that ends the sessions of a feed: the one that the taxonomy calls so, else the usual name."""
    faults: Mapping[str, Any] = contract.taxonomy.faults if contract.taxonomy is not None else {}
    return next((name for name, spec in faults.items() if spec.get("scope") == "feed"), DROP)


async def _join_again(context: DriverContext, stream: Stream, *, patient: bool) -> Session:
    """Open a session; while the drop lasts, attempts may fail and say nothing against the target."""
    started, cleared = context.journal.now(), False
    while True:
        waited = context.journal.now() - started
        hopeless = not patient or waited > 5.0
        expected = "open" if hopeless else "any"
        session = await open_session(context.target, context.journal, stream, purpose="join again", tenant="other", expected=expected)
        await session.until(partial(_spoke, session), 2.0)
        if session.count and not await session.until_closed(0.1 if patient else 0.0):
            return session
        if hopeless:
            return session
        await session.end()
        if waited > 3.0 and not cleared:
            cleared = await context.hook.clear()
        await asyncio.sleep(0.25)


async def _after(seconds: float, what: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await what()


def _spoke(session: Session) -> bool:
    return session.count > 0


def _deltas(session: Session, stream: Stream) -> int:
    return sum(1 for frame in session.frames if not frame.sent and stream.kind(frame) == stream.delta)


def _came(session: Session, stream: Stream, count: int) -> bool:
    return _deltas(session, stream) >= count


def _amid(session: Session, long: Session, stream: Stream) -> bool:
    """Whether the first state of a session lies between two changes of the long one that came shortly after each other."""
    start = next((number for frame in session.frames if (number := stream.number(frame)) is not None), None)
    replies = [
        (number, frame.at) for frame in long.frames if stream.kind(frame) == stream.delta and (number := stream.number(frame)) is not None
    ]
    before = [at for number, at in replies if start is not None and number <= start]
    after = [at for number, at in replies if start is not None and number > start]
    return bool(before and after) and after[0] - before[-1] <= _APART


def _caught_up(session: Session, long: Session, stream: Stream) -> bool:
    last = last_number(long.frames, stream)
    return last is None or (last_number(session.frames, stream) or 0) >= last
