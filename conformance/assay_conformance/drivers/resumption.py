"""Resumes a session after changes that it missed, beside one that stayed open, and with a number that was never given out."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import orjson
from assay_contracts import pointers
from assay_contracts.json_types import is_mapping

from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.sessions import Session, open_session
from assay_conformance.evidence import Resumption
from assay_conformance.stream_terms import Stream, last_number

_FIRST, _SETTLE = 5.0, 4.0
"""How long the first message may take, and how long the last change."""
_MISSED, _FOLLOWING = 4, 2
_NEVER = 1_000_000
"""So far beyond the newest number lies one that nobody was given."""


async def resume(context: DriverContext, stream: Stream) -> None:
    """Hold the conversation with a stream whose sessions can be resumed; the others have none."""
    terms = stream.channel.annotations["x-stream"].get("resume")
    if not is_mapping(terms) or stream.resume not in stream.channel.messages:
        return
    journal, tenant = context.journal, context.target.tenant("other")
    beside = await open_session(context.target, journal, stream, purpose="stay open beside a session that resumes", tenant="other")
    await beside.until(lambda: last_number(beside.frames, stream) is not None, _FIRST)
    after = last_number(beside.frames, stream)
    if after is None:
        await beside.end()
        return
    away = await context.hook.act("changes", tenant, _MISSED)
    await beside.until(lambda: (last_number(beside.frames, stream) or 0) >= after + away * stream.step, _SETTLE)
    resumed = await _open(context, stream, str(terms["after"]), after)
    added = await context.hook.act("changes", tenant, _FOLLOWING)
    until = after + (away + added) * stream.step
    for session in (beside, resumed):
        await session.until(partial(_reached, session, stream, until), _SETTLE)
    beyond = await _open(context, stream, str(terms["after"]), until + _NEVER)
    await beyond.until(lambda: last_number(beyond.frames, stream) is not None, _FIRST)
    journal.add(
        Resumption(
            id=journal.name("resumption-"),
            subject=stream.channel.id,
            purpose="resume a session",
            beside=await beside.end(),
            resumed=await resumed.end(),
            beyond=await beyond.end(),
            after=after,
            away=away,
            hooked=context.hook.present,
        )
    )


async def _open(context: DriverContext, stream: Stream, pointer: str, after: int) -> Session:
    """A session whose first message resumes after a number."""
    purpose = f"resume after {after}"
    session = await open_session(context.target, context.journal, stream, purpose=purpose, tenant="other", expected="any")
    await session.send(orjson.dumps(message(stream, pointer, after)).decode())
    return session


def message(stream: Stream, pointer: str, after: int) -> dict[str, Any]:
    """The message that resumes after a number: the contract's example, or its constants, with the number in it."""
    declared = stream.channel.messages[str(stream.resume)]
    example = next((item for item in declared.examples if is_mapping(item)), None)
    properties: Any = declared.payload.get("properties", {})
    constants = {name: schema["const"] for name, schema in properties.items() if is_mapping(schema) and "const" in schema}
    document: dict[str, Any] = copy.deepcopy(dict(constants if example is None else example))
    above, _, _ = pointer.rpartition("/")
    holder = pointers.follow(document, above)
    if is_mapping(holder):
        holder[pointers.split(pointer)[-1]] = after
    return document


def _reached(session: Session, stream: Stream, number: int) -> bool:
    return (last_number(session.frames, stream) or 0) >= number
