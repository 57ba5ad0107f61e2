"""Jobs in the words of the code: the operation that reads one, with those that end it and fetch what it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assay_contracts import Contract

from assay_codegen.naming import attribute
from assay_codegen.views import JobView, OperationView


def with_jobs(contract: Contract, operations: tuple[OperationView, ...]) -> tuple[OperationView, ...]:
    """The operations, those that read a job with how it is followed."""
    by_id = {operation.id: operation for operation in operations}
    terms: dict[str, Mapping[str, Any]] = {operation.id: operation.annotations.get("x-job") or {} for operation in contract.operations}
    return tuple(
        replace(operation, job=_job(terms[operation.id], operation, by_id)) if terms[operation.id] else operation
        for operation in operations
    )


def _job(terms: Mapping[str, Any], operation: OperationView, by_id: Mapping[str, OperationView]) -> JobView | None:
    named = next((argument for argument in operation.arguments if argument.wire == terms.get("parameter")), None)
    taken = any(other.name == f"{operation.name}_poller" for other in by_id.values())
    if terms.get("role") != "poll" or named is None or not terms.get("state") or taken:
        return None
    others: Mapping[str, str] = terms.get("operations", {})
    cancel, result = by_id.get(others.get("cancel", "")), by_id.get(others.get("result", ""))
    states: Mapping[str, list[str]] = terms["states"]
    final = tuple(sorted(state for state, following in states.items() if not following))
    phase: Mapping[str, Any] | None = terms.get("phase")
    failed = set(terms.get("failed", ()))
    return JobView(
        argument=named.name,
        type=operation.answer,
        state=attribute("status", terms["state"]),
        final=final,
        succeeded=tuple(terms.get("succeeded", [state for state in final if state not in failed])),
        progress=attribute("status", terms["progress"]) if "progress" in terms else None,
        phase=attribute("status", phase["at"]) if phase is not None else None,
        cancel=cancel.constant if cancel is not None and _takes(cancel, operation) else None,
        result=result.constant if result is not None and _takes(result, operation) else None,
        result_type=result.answer if result is not None and _takes(result, operation) else "None",
    )


def _takes(other: OperationView, operation: OperationView) -> bool:
    """Whether an operation needs no argument that the one that reads the job does not have."""
    known = {argument.name for argument in operation.arguments}
    return other.body is None and all(argument.name in known or not argument.required for argument in other.arguments)
