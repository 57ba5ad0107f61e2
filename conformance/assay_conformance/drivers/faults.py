"""Switches on every fault of the taxonomy for one operation at a time, and watches the others meanwhile and itself afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.driver_context import Driven
from assay_conformance.evidence import Exchange, FaultRun
from assay_conformance.request_plans import allowed_query

FAULT_SECONDS = 30


async def drive_changing(driven: Driven) -> None:
    """Every fault that concerns operations, for every operation."""
    taxonomy = driven.contract.taxonomy
    if taxonomy is None or "faults" in driven.target.waivers:
        return
    operations = [item for item in driven.contract.operations if item.method == "GET"]
    for name, spec in taxonomy.faults.items():
        if spec["scope"] == "operation":
            for operation in operations:
                if set(spec.get("answers", ())) <= set(operation.error_codes):
                    await _run(driven, name, spec, operation, [item for item in operations if item.id != operation.id])


async def _run(driven: Driven, name: str, spec: Mapping[str, Any], operation: Operation, others: list[Operation]) -> None:
    before = await _ask(driven, operation, f"before the fault {name}")
    siblings_before = [await _ask(driven, item, f"before the fault {name} of {operation.id}") for item in others]
    during: list[Exchange] = []
    siblings: list[Exchange] = []
    switched = await driven.hook.fault(name, operation=operation.id, seconds=FAULT_SECONDS)
    try:
        if switched:
            codes = tuple(spec.get("answers", ()))
            expected = "broken" if "breaks" in spec else "any" if codes else "accepted"
            for _ in range(2):
                during.append(await _ask(driven, operation, f"while the fault {name} is on", expected=expected, codes=codes))
            siblings = [await _ask(driven, item, f"while the fault {name} of {operation.id} is on") for item in others]
    finally:
        await driven.hook.clear()
    after = [await _ask(driven, operation, f"after the fault {name}")] if switched else []
    driven.journal.add(
        FaultRun(
            id=driven.journal.name("fault-"),
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


async def _ask(driven: Driven, operation: Operation, purpose: str, *, expected: str = "accepted", codes: tuple[str, ...] = ()) -> Exchange:
    return await driven.wire.ask(operation, allowed_query(driven, operation), purpose=purpose, expected=expected, codes=codes)
