"""Sessions that a stream must not serve: without a valid credential, for a foreign tenant, for an unserved version, after a bad message."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import jsonschema_rs
import orjson
from assay_contracts import Channel, pointers
from assay_contracts.json_types import is_mapping

from assay_conformance.driver_context import DriverContext, bad_credentials
from assay_conformance.drivers.sessions import Session, open_session
from assay_conformance.stream_terms import Stream

Job = Callable[[], Awaitable[bool]]
"""Opens one session; tells whether the target shook hands at all."""

_PATIENCE = 3.0
"""How long a server may take to close."""
_AT_ONCE = 12
_TOO_MANY = 3
"""After so many sessions that did not even open, no more are tried."""
_LARGE = 100_000
"""Larger than any message that a client has reason to send, smaller than what libraries refuse by themselves."""


async def refuse(context: DriverContext, stream: Stream) -> None:
    """Open every session that must be refused, a few at a time."""
    gate = asyncio.Semaphore(_AT_ONCE)

    dead = 0

    async def one(work: Job) -> None:
        nonlocal dead
        async with gate:
            if dead < _TOO_MANY:
                dead += not await work()

    jobs = [*_strangers(context, stream), *_versions(context, stream), *_bad_messages(context, stream)]
    await asyncio.gather(*(one(job) for job in jobs))


def _strangers(context: DriverContext, stream: Stream) -> Iterator[Job]:
    unknown, foreign = stream.code("unauthenticated"), stream.code("tenant-not-allowed")
    for credential in bad_credentials(context.target):
        yield partial(_knock, context, stream, f"open a session with the credential {credential!r}", unknown, credential=credential)
    if stream.tenant is None:
        return
    yield partial(
        _knock, context, stream, "ask for a tenant that the credential does not cover", foreign, tenant="other", credential="primary"
    )
    yield partial(
        _knock, context, stream, "ask for a tenant that the credential does not cover", foreign, tenant="primary", credential="other"
    )
    yield partial(_knock, context, stream, "ask for a tenant with entities from one without", foreign, tenant="primary", credential="empty")
    yield partial(_knock, context, stream, "ask for a tenant that does not exist", foreign, name="assay-nobody", credential="primary")
    yield partial(_knock, context, stream, "ask for no tenant", "refused", tenant=None, credential="primary")
    yield partial(_knock, context, stream, "ask for something that is no tenant", "refused", name="NO/TENANT *", credential="primary")
    yield partial(_knock, context, stream, "ask for an empty tenant name", "refused", name="", credential="primary")


def _versions(context: DriverContext, stream: Stream) -> Iterator[Job]:
    if stream.version_header is None:
        return
    for version in ("99.0.0", "99"):
        headers = {stream.version_header: version}
        yield partial(_knock, context, stream, f"ask for version {version}", stream.code("version-not-served"), headers=headers)


def _bad_messages(context: DriverContext, stream: Stream) -> Iterator[Job]:
    for what, message in bad_messages(stream):
        yield partial(_offend, context, stream, what, message)


async def _knock(context: DriverContext, stream: Stream, purpose: str, expected: str, **terms: Any) -> bool:
    session = await open_session(context.target, context.journal, stream, purpose=purpose, expected=expected, **terms)
    await session.until_closed(_PATIENCE)
    return (await session.end()).handshake != 0


async def _offend(context: DriverContext, stream: Stream, what: str, message: str | bytes) -> bool:
    expected = stream.code("bad-message")
    session: Session = await open_session(context.target, context.journal, stream, purpose=f"send {what}", expected=expected)
    await session.until(lambda: session.count > 0, _PATIENCE)
    if await session.send(message):
        await session.until_closed(_PATIENCE)
    return (await session.end()).handshake != 0


def bad_messages(stream: Stream) -> tuple[tuple[str, str | bytes], ...]:
    """Frames that no declared client message allows, each with its name."""
    channel, key = stream.channel, stream.type
    allowed = [dict(channel.messages[name].payload) for name in channel.received if name in channel.messages]
    found: list[tuple[str, str | bytes]] = [
        ("an empty text frame", ""),
        ("text that is no JSON", "hello"),
        ("half a JSON document", f'{{"{key}":'),
        ("bytes that are no text", b"\x00\xff\xfe"),
        ("a JSON document in a binary frame", b"{}"),
        ("deeply nested JSON", "[" * 400 + "]" * 400),
    ]
    values: list[tuple[str, Any]] = [
        ("null", None),
        ("a list", []),
        ("a number", 4400),
        ("an object without a type", {}),
        ("a message of an unknown type", {key: "assay-unknown"}),
        ("a ping as other protocols have it", {key: "ping"}),
        ("a message with a type that is no text", {key: 7}),
        ("a very large message", {key: "assay-unknown", "padding": "x" * _LARGE}),
        *((f"a {name} of its own", _sample(channel, name)) for name in channel.sent if name not in channel.received),
        *(pair for name in channel.received for pair in _broken(channel, name, key)),
    ]
    for what, value in values:
        if not any(jsonschema_rs.is_valid(schema, value, validate_formats=True) for schema in allowed):
            found.append((what, orjson.dumps(value).decode()))
    return tuple(found)


def _broken(channel: Channel, name: str, key: str) -> Iterator[tuple[str, Any]]:
    """A declared client message with one member left out or of another type."""
    sample = _sample(channel, name)
    if not is_mapping(sample):
        return
    for member in sample:
        yield f"a {name} without {member}", {other: value for other, value in sample.items() if other != member}
        wrongs: tuple[Any, ...] = (None, [], "assay-wrong", -1, 0.5)
        for wrong in wrongs:
            if member != key:
                yield f"a {name} with {member} {wrong!r}", {**sample, member: wrong}


def _sample(channel: Channel, name: str) -> Any:
    message = channel.messages[name]
    if message.examples:
        return message.examples[0]
    schema = message.payload
    reference = schema.get("$ref")
    if isinstance(reference, str) and re.match(r"#/", reference):
        behind = pointers.follow(schema, reference)
        schema = behind if is_mapping(behind) else schema
    examples: list[Any] = schema.get("examples", [])
    return examples[0] if examples else None
