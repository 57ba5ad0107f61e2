"""Reads the state of a stream, has it change, and reads it again with the changes since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_values import at
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, Resync
from assay_conformance.request_plans import allowed_query, annotated

ROUNDS = (3, 1, 5, 2, 24)


async def drive_changing(context: DriverContext) -> None:
    """Several rounds of changes; then all rounds again in one."""
    for operation, spec in annotated(context.contract, "x-snapshot"):
        states = [await _read(context, operation, spec, None, "the state of a stream")]
        change_count = 0
        for count in ROUNDS:
            added = await context.hook.act("changes", context.target.tenant("primary"), count)
            change_count += added
            states.append(await _resync(context, operation, spec, states[-1], added))
            states.append(await _read(context, operation, spec, None, "the state of a stream"))
        await _resync(context, operation, spec, states[0], change_count)
        await _resync(context, operation, spec, states[len(states) // 2], 0)
        await _read(context, operation, spec, 0, "the changes since the beginning")
        for tenant in ("other", "empty") if "x-tenancy" in operation.annotations else ():
            await _read(context, operation, spec, None, "the state of another tenant's stream", tenant)
        present = _sequence(await _read(context, operation, spec, None, "the state of a stream"), spec)
        if present is not None:
            await _read(context, operation, spec, present, "the changes after the present")
            if present:
                await _read(context, operation, spec, present - 1, "the last change")
            await _read(context, operation, spec, present + 1000, "the changes after a number that is not reached")


async def _resync(context: DriverContext, operation: Operation, spec: Mapping[str, Any], earlier: Exchange, change_count: int) -> Exchange:
    after = _sequence(earlier, spec)
    later = await _read(context, operation, spec, after, "the changes since an earlier state")
    context.journal.add(
        Resync(
            id=context.journal.name("resync-"),
            subject=operation.id,
            purpose="an earlier state and the changes since",
            made=change_count,
            earlier=earlier,
            later=later,
        )
    )
    return later


async def _read(
    context: DriverContext, operation: Operation, spec: Mapping[str, Any], after: int | None, purpose: str, tenant: str = "primary"
) -> Exchange:
    query = {**allowed_query(context, operation), spec["after"]: after}
    return await context.wire.ask(operation, query, purpose=purpose, tenant=tenant, expected="accepted")


def _sequence(exchange: Exchange, spec: Mapping[str, Any]) -> int | None:
    found = at(exchange.answer.json, spec["sequence"])
    return found if isinstance(found, int) else None
