"""Channels without annotations: opens sessions, says what a client may say, and listens; tries to get in without a credential."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

import orjson
from assay_contracts import Channel
from assay_contracts.json_types import is_list

from assay_conformance.authorization import Scheme, channel_schemes
from assay_conformance.driver_context import DriverContext, as_text, bad_credentials
from assay_conformance.drivers.sessions import Session, open_channel
from assay_conformance.request_plans import stated_value
from assay_conformance.schema_kinds import resolved
from assay_conformance.stream_terms import stream_of

FIRST = 3.0
"""A session may take so many seconds to say its first word; one that speaks only when spoken to says none."""
REPLY = 1.5
"""So many seconds a server may take to reply to a message."""
CLOSING = 3.0


async def drive(context: DriverContext) -> None:
    """Hold a conversation on every channel that no annotation describes, and knock at every one that asks for a credential."""
    await asyncio.gather(*(_converse(context, channel) for channel in context.contract.channels))


async def _converse(context: DriverContext, channel: Channel) -> None:
    schemes = channel_schemes(context.contract, channel.id)
    if stream_of(channel) is None and not await _listen(context, channel, schemes):
        return
    if not channel.secured:
        return
    for credential in bad_credentials(context.target):
        purpose = f"open a session with the credential {credential!r}"
        session = await _open(context, channel, schemes, purpose, credential=credential, expected="refused")
        await session.until(partial(_is_decided, session), CLOSING)
        await session.end()


async def _listen(context: DriverContext, channel: Channel, schemes: tuple[Scheme, ...]) -> bool:
    """Hold one conversation; False when the target did not even shake hands."""
    session = await _open(context, channel, schemes, "listen to a channel")
    await session.until(partial(_has, session, 1), FIRST)
    for message in client_messages(channel):
        before = session.count
        if not await session.send(orjson.dumps(message).decode()):
            break
        await session.until(partial(_has, session, before + 1), REPLY)
    return (await session.end()).handshake != 0


async def _open(
    context: DriverContext,
    channel: Channel,
    schemes: tuple[Scheme, ...],
    purpose: str,
    *,
    credential: str = "primary",
    expected: str = "open",
) -> Session:
    return await open_channel(
        context.target,
        context.journal,
        channel,
        purpose=purpose,
        query=tuple(_needed_query(context, channel)),
        credential=credential,
        expected=expected,
        schemes=schemes,
    )


def _needed_query(context: DriverContext, channel: Channel) -> Iterator[tuple[str, str]]:
    """A value for each query parameter that the handshake requires."""
    stream = stream_of(channel)
    for item in channel.parameters:
        if item.location != "query" or not item.required:
            continue
        if stream is not None and stream.tenant == item.name:
            yield item.name, context.target.tenant("primary")
            continue
        value = stated_value(context.target, item)
        yield item.name, "x" if value is None else as_text(value)


def client_messages(channel: Channel) -> Iterator[object]:
    """The examples of what a client may send, of the messages or of their schemas."""
    for name in channel.received:
        message = channel.messages.get(name)
        if message is None:
            continue
        examples = resolved(message.payload).get("examples")
        yield from (list(message.examples) or (examples if is_list(examples) else []))[:3]


def _has(session: Session, count: int) -> bool:
    return session.count >= count


def _is_decided(session: Session) -> bool:
    return session.closed is not None or session.count > 0
