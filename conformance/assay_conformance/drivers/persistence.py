"""Creates and changes things of the run's own, and reads each of them before and afterwards."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator

from assay_contracts import Operation
from assay_contracts.stored_properties import UPDATES, StoredProperties, reader_of, stored_properties

from assay_conformance.body_plans import allows_body, another_body, renewed, right_requests, with_header
from assay_conformance.changed_values import changed_throughout, with_object
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, Request, Write
from assay_conformance.exchange_views import date_of
from assay_conformance.request_plans import allowed_query, needed_headers
from assay_conformance.resources import creator_of, identity_in
from assay_conformance.stored_values import lost_values, read_object, sent_object

CREATIONS, ATTEMPTS, CHANGES, ALONE = 3, 8, 3, 3
"""So many things are created, in so many attempts; so many bodies change a thing, and so many with one property alone."""
PAUSES = (0.3, 1.0)
"""The seconds before each further attempt to read what was written: a copy of the data may follow a little later."""


async def drive_changing(context: DriverContext) -> None:
    """Every operation whose properties another one of the contract reads."""
    for operation in context.contract.operations:
        reader = reader_of(operation, context.contract.operations)
        stored = stored_properties(operation, reader) if reader is not None else None
        if reader is None or stored is None:
            continue
        if operation.method == "POST":
            await _create(context, operation, reader, stored)
        elif operation.method in UPDATES:
            await _change(context, operation, reader, stored)


async def _create(context: DriverContext, operation: Operation, reader: Operation, stored: StoredProperties) -> None:
    """Create some things, and read each."""
    source = creator_of(context.contract, reader.path.rstrip("/"))
    if source is None or source.operation.id != operation.id:
        return
    name, made = reader.path.rstrip("/").rpartition("{")[2].removesuffix("}"), 0
    known = right_requests(context, operation)[:ATTEMPTS]
    varied = changed_throughout(operation, known[0], stored, known) if known else None
    for request in [*known[:1], *([varied] if varied is not None else []), *known[1:]]:
        if made >= CREATIONS or not sent_object(request, stored.sent):
            break
        written = await context.send(operation.id, renewed(context, operation, request), purpose="create what is read afterwards")
        if not written.answer.succeeded:
            continue
        identity = identity_in(written.answer.json, source, written.answer.header("location"))
        after = await _read(context, reader, {name: identity}, stored, None, written) if identity else None
        _keep(context, operation, None, written, after)
        made += 1


async def _change(context: DriverContext, operation: Operation, reader: Operation, stored: StoredProperties) -> None:
    """Change one thing again and again, by whole bodies and by one property alone."""
    path = await context.fixtures.fresh(operation.path) if context.fixtures is not None else None
    path = path or context.target.path_values(operation.path)
    before = await _ask(context, reader, path)
    for body in _bodies(context, operation, stored, before):
        request = context.wire.request(operation, path=path)
        request = dataclasses.replace(body, path=request.path)
        tag = before.answer.header("etag")
        if tag is not None and any(item.location == "header" and item.name.lower() == "if-match" for item in operation.parameters):
            request = with_header(request, "if-match", tag)
        written = await context.send(operation.id, request, purpose="change what is read afterwards")
        if not written.answer.succeeded:
            continue
        after = await _read(context, reader, path, stored, before, written)
        _keep(context, operation, before, written, after)
        before = after


def _bodies(context: DriverContext, operation: Operation, stored: StoredProperties, before: Exchange) -> Iterator[Request]:
    """Right requests: with many properties, and between them with one alone, or with as few as the contract allows."""
    known = [item for item in right_requests(context, operation) if stored.names & set(sent_object(item, stored.sent))]
    known.sort(key=lambda item: -len(stored.names & set(sent_object(item, stored.sent))))
    if not known:
        return
    whole = _completed(operation, known[0], stored, before)
    varied = another_body(operation, whole, [])
    throughout = changed_throughout(operation, whole, stored, known)
    wholes = [whole, *(item for item in (varied, throughout) if item is not None), *known[1:CHANGES]]
    alone = list(_alone(operation, whole, stored))
    for number in range(max(len(wholes), len(alone))):
        yield renewed(context, operation, wholes[number % len(wholes)])
        if number < len(alone):
            yield renewed(context, operation, alone[number])


def _completed(operation: Operation, request: Request, stored: StoredProperties, before: Exchange) -> Request:
    """The request with the values that the thing has already for the properties that it leaves out, as far as the contract allows them."""
    sent, present = sent_object(request, stored.sent), read_object(before.answer, stored.read)
    for name in sorted(stored.names - set(sent)):
        if present.get(name) is not None:
            longer = with_object(request, stored, {**sent, name: present[name]})
            if allows_body(operation, longer.body or ""):
                request, sent = longer, {**sent, name: present[name]}
    return request


def _alone(operation: Operation, request: Request, stored: StoredProperties) -> Iterator[Request]:
    """The request with one property that it may leave out, beside those that it must have."""
    sent = sent_object(request, stored.sent)
    found = 0
    for name in sorted(stored.names & set(sent) - stored.required):
        single = with_object(request, stored, {key: value for key, value in sent.items() if key == name or key in stored.required})
        if found < ALONE and operation.method == "PATCH" and allows_body(operation, single.body or ""):
            found += 1
            yield single


async def _read(
    context: DriverContext, reader: Operation, path: dict[str, str], stored: StoredProperties, before: Exchange | None, written: Exchange
) -> Exchange:
    """What is read after a write: the first response with all that was sent, else the last of some."""
    found = await _ask(context, reader, path)
    for pause in PAUSES:
        if _shows_all(found, written, before, stored):
            break
        await asyncio.sleep(pause)
        found = await _ask(context, reader, path)
    return found


def _shows_all(found: Exchange, written: Exchange, before: Exchange | None, stored: StoredProperties) -> bool:
    """Whether a response has everything that was sent."""
    sent, read = sent_object(written.request, stored.sent), read_object(found.answer, stored.read)
    old = read_object(before.answer if before is not None else None, stored.read)
    return found.answer.succeeded and not lost_values(sent, read, stored.names, before=old, moment=date_of(found.answer))


async def _ask(context: DriverContext, reader: Operation, path: dict[str, str]) -> Exchange:
    headers = needed_headers(context, reader)
    return await context.wire.ask(reader, allowed_query(context, reader), path=path, headers=headers, purpose="what is written")


def _keep(context: DriverContext, operation: Operation, before: Exchange | None, written: Exchange, after: Exchange | None) -> None:
    purpose = "something that is written and read again"
    name = context.journal.name("write-")
    context.journal.add(Write(id=name, subject=operation.id, purpose=purpose, before=before, written=written, after=after))
