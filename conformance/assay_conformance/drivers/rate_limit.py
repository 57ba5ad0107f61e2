"""Has requests refused because there are too many, comes back when it is told to, and asks as somebody else meanwhile."""

from __future__ import annotations

import asyncio

from assay_contracts import Operation

from assay_conformance.body_plans import renewed, right_requests
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import LimitedRequest, QuotaPair, Request
from assay_conformance.exchange_views import pause_of

FAULT_SECONDS = 30
LONGEST_PAUSE = 10.0
"""A server that wants the client to pause longer is not waited for."""
MARGIN_SECONDS = 0.2
OWN_REQUESTS = 5
"""So many requests of one subject stand between two of another."""


async def drive_changing(context: DriverContext) -> None:
    """Every operation with a rate limit whose code a fault brings about."""
    limited = [item for item in context.contract.operations if "x-rate-limit" in item.annotations]
    faults = {fault for item in limited if (fault := _fault(context, item)) is not None}
    for fault in sorted(faults):
        await _come_back(context, fault, [item for item in limited if _fault(context, item) == fault])
    for operation in limited if context.target.has_credential("other") else ():
        await _share(context, operation)


def _fault(context: DriverContext, operation: Operation) -> str | None:
    """The fault that brings about the code of a rate limit."""
    taxonomy = context.contract.taxonomy
    known = taxonomy.codes.get(operation.annotations["x-rate-limit"]["code"]) if taxonomy is not None else None
    fault = known.provoke.get("fault") if known is not None else None
    return fault if isinstance(fault, str) else None


async def _come_back(context: DriverContext, fault: str, operations: list[Operation]) -> None:
    """Each operation while the fault is on, and after the longest pause that an answer asked for."""
    requests = {item.id: request for item in operations if (request := await _request(context, item)) is not None}
    if not await context.hook.fault(fault, seconds=FAULT_SECONDS):
        return
    try:
        refused = {name: await context.send(name, request, purpose="a request too many") for name, request in requests.items()}
    finally:
        await context.hook.clear()
    headers = {name: context.contract.operation(name).annotations["x-rate-limit"]["retryAfter"] for name in refused}
    pauses = [pause_of(exchange.answer, headers[name]) or 0.0 for name, exchange in refused.items()]
    waited = min(LONGEST_PAUSE, max(pauses, default=0.0))
    await asyncio.sleep(waited + MARGIN_SECONDS)
    for name, exchange in refused.items():
        context.journal.add(
            LimitedRequest(
                id=context.journal.name("limited-"),
                subject=name,
                purpose="a request after the time that a refusal named",
                refused=exchange,
                after=await context.send(name, requests[name], purpose="a request after the time that a refusal named"),
                waited=waited,
            )
        )


async def _share(context: DriverContext, operation: Operation) -> None:
    """Requests of one subject between two of another; those of the one refused where a fault can concern its tenant alone."""
    own, other = await _request(context, operation), await _request(context, operation, "other")
    if own is None or other is None or operation.method not in ("GET", "HEAD"):
        return
    fault = _fault(context, operation) if "x-tenancy" in operation.annotations else None
    limited = fault is not None and await context.hook.fault(
        fault, operation=operation.id, tenant=context.target.tenant("primary"), seconds=FAULT_SECONDS
    )
    purpose = "a request of one subject beside another's"
    try:
        before = await context.send(operation.id, other, purpose=purpose)
        mine = [await context.send(operation.id, own, purpose=purpose) for _ in range(OWN_REQUESTS)]
        after = await context.send(operation.id, other, purpose=purpose)
    finally:
        if limited:
            await context.hook.clear()
    context.journal.add(
        QuotaPair(
            id=context.journal.name("quotas-"),
            subject=operation.id,
            purpose="requests of one subject between two of another",
            own=tuple(mine),
            before=before,
            after=after,
            limited=limited,
        )
    )


async def _request(context: DriverContext, operation: Operation, role: str = "primary") -> Request | None:
    """A right request of an operation, which uses up nothing that others need."""
    found = right_requests(context, operation, role=role)
    if not found:
        return None
    if operation.method in ("DELETE", "PUT", "PATCH") and context.fixtures is not None and "{" in operation.path:
        own = await context.fixtures.fresh(operation.path)
        return None if own is None else context.wire.request(operation, path=own, credential=role)
    return renewed(context, operation, found[0])
