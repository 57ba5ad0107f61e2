"""Deletes things of the run's own, and asks for them afterwards."""

from __future__ import annotations

from assay_contracts import Operation

from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Deletion, Exchange
from assay_conformance.request_plans import allowed_query, needed_headers

DELETE = "DELETE"


async def drive_changing(context: DriverContext) -> None:
    """Every operation that deletes what another one of its path reads."""
    readers = {item.path: item for item in context.contract.operations if item.method == "GET"}
    for operation in context.contract.operations:
        reader = readers.get(operation.path)
        if operation.method != DELETE or reader is None or "x-job" in operation.annotations or context.fixtures is None:
            continue
        path = await context.fixtures.fresh(operation.path)
        if not path:
            continue
        before = await _ask(context, reader, path, "what will be deleted")
        deleted = await _ask(context, operation, path, "delete it")
        after = await _ask(context, reader, path, "what was deleted")
        context.journal.add(
            Deletion(
                id=context.journal.name("deletion-"),
                subject=operation.id,
                purpose="something that is read, deleted and read again",
                before=before,
                deleted=deleted,
                after=after,
            )
        )


async def _ask(context: DriverContext, operation: Operation, path: dict[str, str], purpose: str) -> Exchange:
    headers = needed_headers(context, operation)
    return await context.wire.ask(operation, allowed_query(context, operation), path=path, headers=headers, purpose=purpose)
