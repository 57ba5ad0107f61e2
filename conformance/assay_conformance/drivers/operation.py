"""Replays the corpus: every request that the contract allows or forbids, the same against every implementation.

Requests that read come first. Those that write follow when nobody reads any more: what creates, what changes, and at last what deletes,
each with a thing of its own where the contract can make one.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator, Sequence

from assay_contracts import Contract, Operation

from assay_conformance.body_plans import with_tenant
from assay_conformance.corpus import CorpusCase, slot_values
from assay_conformance.driver_context import DriverContext, Wire
from assay_conformance.errors import CorpusError
from assay_conformance.evidence import Exchange, Journal, Request

AT_ONCE = 4
"""More connections cost the client more than they gain: its pool looks through all of them for each request."""
LONGEST_WAIT = 5
"""A target that wants the replay to pause longer than so many seconds is taken at its word: 429 is its answer."""
MOST_WRITES = 24
"""So many right requests of an operation that writes are enough: each leaves something behind."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
ORDER = ("POST", "PUT", "PATCH", "QUERY", "DELETE")
"""The methods that write, in the order in which they are sent."""


async def drive(context: DriverContext) -> None:
    """Send every decided request that reads, and keep each exchange with what was expected of it."""
    await replay(context, [case for case in decided(context.contract, context.cases) if case.request.method in SAFE])


async def drive_changing(context: DriverContext) -> None:
    """Send the requests that write, method by method."""
    cases = [case for case in decided(context.contract, context.cases) if case.request.method not in SAFE]
    for method in sorted({case.request.method for case in cases}, key=lambda name: ORDER.index(name) if name in ORDER else 0):
        await replay(context, list(_enough(context, [case for case in cases if case.request.method == method])))


def decided(contract: Contract, cases: Sequence[CorpusCase]) -> tuple[CorpusCase, ...]:
    """The cases without those that a correct server may accept or reject.

    A contract does not say what becomes of a query parameter that it does not declare: some servers ignore it, some reject the request.
    """
    operations = {item.id: item for item in contract.operations}
    return tuple(case for case in cases if case.outcome == "refused" or not case.request.undeclared(operations[case.operation]))


def _enough(context: DriverContext, cases: Sequence[CorpusCase]) -> Iterator[CorpusCase]:
    """All requests that must be rejected, and some of the right ones: none that would use up what cannot be made anew."""
    accepted: dict[str, int] = {}
    for case in cases:
        if case.outcome == "accepted":
            accepted[case.operation] = accepted.get(case.operation, 0) + 1
            uses_up = case.request.method == "DELETE" and not _can_make(context, case.request.path)
            if uses_up or accepted[case.operation] > MOST_WRITES:
                continue
        yield case


def _can_make(context: DriverContext, template: str) -> bool:
    return context.fixtures is None or context.fixtures.can_make(template)


async def replay(context: DriverContext, cases: Sequence[CorpusCase]) -> None:
    """Ask these requests, some at a time, in their order.

    A server may limit the rate. It is asked once more after the pause that it names, and only the last answer is kept, so the wire here
    writes into a journal of its own.
    """
    operations = {item.id: item for item in context.contract.operations}
    aside = Journal()
    offset = context.journal.now() - aside.now()
    wire = context.wire.beside(aside, connections=AT_ONCE)  # as patient as that of the run
    waiting = iter(cases)

    async def work() -> None:
        for case in waiting:
            request = await _filled(context, operations[case.operation], case)
            if request is None:
                continue
            exchange = await _send(wire, case, request)
            pause = _pause(exchange)
            if pause is not None:
                await asyncio.sleep(pause)
                exchange = await _send(wire, case, request)
            kept = context.journal.add(dataclasses.replace(exchange, id=context.journal.name("x"), sent=exchange.sent + offset))
            if context.fixtures is not None and kept.answer.succeeded and request.method not in SAFE:
                context.fixtures.note(kept)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    finally:
        await wire.close()


async def _send(wire: Wire, case: CorpusCase, request: Request) -> Exchange:
    purpose = f"corpus {case.id}: {case.why}"
    return await wire.send(case.operation, request, purpose=purpose, expected=case.outcome, codes=case.codes)


async def _filled(context: DriverContext, operation: Operation, case: CorpusCase) -> Request | None:
    """The request with values of the target, of a thing of its own where it writes; None where a value is missing."""
    known = slot_values(context.target, operation)
    writes = case.outcome == "accepted" and operation.method not in SAFE
    if context.fixtures is not None and writes and not context.fixtures.creates(operation.id):
        own = await context.fixtures.fresh(operation.path)
        known |= {f"parameter:{name}": value for name, value in (own or {}).items()}
    try:
        request = case.request.filled(known)
        return with_tenant(operation, request, context.target.tenant("primary")) if case.outcome == "accepted" else request
    except CorpusError:
        if context.fixtures is None:
            raise
        return None  # the run has said which value is missing


def _pause(exchange: Exchange) -> int | None:
    """How many seconds a target asks to wait before it is asked again; None when it answered or asks too much."""
    pause = exchange.answer.header("retry-after") if exchange.answer.status == 429 else None
    return int(pause) if pause is not None and pause.isdecimal() and int(pause) <= LONGEST_WAIT else None
