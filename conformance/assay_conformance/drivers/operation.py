"""Replays the frozen corpus: every request that the contract allows or forbids, the same against every implementation."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence

from assay_contracts import Contract

from assay_conformance.corpus import CorpusCase, find_corpus, slot_values
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, Journal

AT_ONCE = 4
"""More connections cost the client more than they gain: its pool looks through all of them for each request."""
LONGEST_WAIT = 5
"""A target that wants the replay to pause longer than so many seconds is taken at its word: 429 is its answer."""


async def drive(context: DriverContext) -> None:
    """Ask every decided request of the contract's corpus and keep each exchange with what was expected of it."""
    await replay(context, decided(context.contract, find_corpus(context.contract, context.corpus).cases))


def decided(contract: Contract, cases: Sequence[CorpusCase]) -> tuple[CorpusCase, ...]:
    """The cases without those that a correct server may accept or reject.

    A contract does not say what becomes of a query parameter that it does not declare: some servers ignore it, some reject the request.
    """
    operations = {item.id: item for item in contract.operations}
    return tuple(case for case in cases if case.outcome == "refused" or not case.request.undeclared(operations[case.operation]))


async def replay(context: DriverContext, cases: Sequence[CorpusCase]) -> None:
    """Ask these requests, some at a time, in their order.

    A server may limit the rate. It is asked once more after the pause that it names, and only the last answer is kept, so the wire here
    writes into a journal of its own.
    """
    known = slot_values(context.target)
    requests = [(case, case.request.filled(known)) for case in cases]
    aside = Journal()
    offset = context.journal.now() - aside.now()
    wire = type(context.wire)(context.target, aside, connections=AT_ONCE)  # as patient as that of the run
    waiting = iter(requests)

    async def work() -> None:
        for case, request in waiting:
            purpose = f"corpus {case.id}: {case.why}"
            exchange = await wire.send(case.operation, request, purpose=purpose, expected=case.outcome, codes=case.codes)
            pause = _pause(exchange)
            if pause is not None:
                await asyncio.sleep(pause)
                exchange = await wire.send(case.operation, request, purpose=purpose, expected=case.outcome, codes=case.codes)
            context.journal.add(dataclasses.replace(exchange, id=context.journal.name("x"), sent=exchange.sent + offset))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    finally:
        await wire.close()


def _pause(exchange: Exchange) -> int | None:
    """How many seconds a target asks to wait before it is asked again; None when it answered or asks too much."""
    said = exchange.answer.header("retry-after") if exchange.answer.status == 429 else None
    return int(said) if said is not None and said.isdecimal() and int(said) <= LONGEST_WAIT else None
