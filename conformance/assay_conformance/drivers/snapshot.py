"""Reads the state of a stream, has it change, and reads it again with the changes since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_values import at
from assay_conformance.driver_context import Driven
from assay_conformance.evidence import Exchange, Resync
from assay_conformance.request_plans import allowed_query, annotated

ROUNDS = (3, 1, 5, 2, 24)


async def drive_changing(driven: Driven) -> None:
    """Several rounds of changes; then all rounds again in one."""
    for operation, spec in annotated(driven.contract, "x-snapshot"):
        states = [await _read(driven, operation, spec, None, "the state of a stream")]
        made = 0
        for count in ROUNDS:
            added = await driven.hook.act("changes", driven.target.tenants["primary"], count)
            made += added
            states.append(await _resync(driven, operation, spec, states[-1], added))
            states.append(await _read(driven, operation, spec, None, "the state of a stream"))
        await _resync(driven, operation, spec, states[0], made)
        await _resync(driven, operation, spec, states[len(states) // 2], 0)
        await _read(driven, operation, spec, 0, "the changes since the beginning")
        for tenant in ("other", "empty"):
            await _read(driven, operation, spec, None, "the state of another tenant's stream", tenant)
        present = _sequence(await _read(driven, operation, spec, None, "the state of a stream"), spec)
        if present is not None:
            await _read(driven, operation, spec, present, "the changes after the present")
            if present:
                await _read(driven, operation, spec, present - 1, "the last change")
            await _read(driven, operation, spec, present + 1000, "the changes after a number that is not reached")


async def _resync(driven: Driven, operation: Operation, spec: Mapping[str, Any], earlier: Exchange, made: int) -> Exchange:
    after = _sequence(earlier, spec)
    later = await _read(driven, operation, spec, after, "the changes since an earlier state")
    driven.journal.add(
        Resync(
            id=driven.journal.name("resync-"),
            subject=operation.id,
            purpose="an earlier state and the changes since",
            made=made,
            earlier=earlier,
            later=later,
        )
    )
    return later


async def _read(
    driven: Driven, operation: Operation, spec: Mapping[str, Any], after: int | None, purpose: str, tenant: str = "primary"
) -> Exchange:
    query = {**allowed_query(driven, operation), spec["after"]: after}
    return await driven.wire.ask(operation, query, purpose=purpose, tenant=tenant, expected="accepted")


def _sequence(exchange: Exchange, spec: Mapping[str, Any]) -> int | None:
    found = at(exchange.answer.json, spec["sequence"])
    return found if isinstance(found, int) else None
