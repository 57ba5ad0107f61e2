"""Switches on every fault of the taxonomy for one operation at a time, and watches the others meanwhile and itself afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_plans import renewed
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.credentials import right_request
from assay_conformance.evidence import Exchange, FaultRun
from assay_conformance.request_plans import allowed_query, needed_headers

FAULT_SECONDS = 30
WRITING = ("POST", "PUT", "PATCH")
"""The methods that write and use nothing up."""


async def drive_changing(context: DriverContext) -> None:
    """Every fault that concerns operations, for every operation."""
    taxonomy = context.contract.taxonomy
    if taxonomy is None or "faults" in context.target.waivers:
        return
    readers = [item for item in context.contract.operations if item.method == "GET"]
    # What writes is asked for its codes alone: each request in vain or not leaves something behind.
    writers = [item for item in context.contract.operations if item.method in WRITING and right_request(context, item, "primary")]
    for name, spec in taxonomy.faults.items():
        if spec["scope"] == "operation":
            for operation in (*readers, *writers) if spec.get("answers") else readers:
                if set(spec.get("answers", ())) <= set(operation.error_codes):
                    await _run(context, name, spec, operation, [item for item in readers if item.id != operation.id])
            await _provoke_deletions(context, name, spec)


async def _provoke_deletions(context: DriverContext, name: str, spec: Mapping[str, Any]) -> None:
    """Ask each operation that deletes while a fault is on that has it answer with a code; what it would delete stays then."""
    codes = tuple(spec.get("answers", ()))
    for operation in context.contract.operations if codes else ():
        if operation.method != "DELETE" or not set(codes) <= set(operation.error_codes):
            continue
        path = await context.fixtures.fresh(operation.path) if context.fixtures is not None and "{" in operation.path else {}
        if path is None or not await context.hook.fault(name, operation=operation.id, seconds=FAULT_SECONDS):
            continue
        try:
            purpose = f"while the fault {name} is on"
            headers = needed_headers(context, operation)
            query = allowed_query(context, operation)
            await context.wire.ask(operation, query, path=path, headers=headers, purpose=purpose, codes=codes)
        finally:
            await context.hook.clear()


async def _run(context: DriverContext, name: str, spec: Mapping[str, Any], operation: Operation, others: list[Operation]) -> None:
    before = await _ask(context, operation, f"before the fault {name}")
    siblings_before = [await _ask(context, item, f"before the fault {name} of {operation.id}") for item in others]
    during: list[Exchange] = []
    siblings: list[Exchange] = []
    switched = await context.hook.fault(name, operation=operation.id, seconds=FAULT_SECONDS)
    try:
        if switched:
            codes = tuple(spec.get("answers", ()))
            expected = "broken" if "breaks" in spec else "any" if codes else "accepted"
            for _ in range(2):
                during.append(await _ask(context, operation, f"while the fault {name} is on", expected=expected, codes=codes))
            siblings = [await _ask(context, item, f"while the fault {name} of {operation.id} is on") for item in others]
    finally:
        await context.hook.clear()
    after = [await _ask(context, operation, f"after the fault {name}")] if switched else []
    context.journal.add(
        FaultRun(
            id=context.journal.name("fault-"),
            subject=operation.id,
            purpose=f"the fault {name}",
            fault=name,
            switched=switched,
            before=before,
            during=tuple(during),
            siblings_before=tuple(siblings_before),
            siblings=tuple(siblings),
            after=tuple(after),
        )
    )


async def _ask(
    context: DriverContext, operation: Operation, purpose: str, *, expected: str = "accepted", codes: tuple[str, ...] = ()
) -> Exchange:
    if operation.method in WRITING and (request := right_request(context, operation, "primary")) is not None:
        request = renewed(context, operation, request)
        return await context.wire.send(operation.id, request, purpose=purpose, expected=expected, codes=codes)
    return await context.wire.ask(operation, allowed_query(context, operation), purpose=purpose, expected=expected, codes=codes)
