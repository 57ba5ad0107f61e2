"""Before a run: does the target answer at all, and is what the contract allows answered with a success?"""

from __future__ import annotations

import asyncio

from assay_conformance.driver_context import DriverContext, Wire
from assay_conformance.evidence import Exchange
from assay_conformance.request_plans import allowed_query, needed_headers
from assay_conformance.target import places_of

PREFLIGHT_SECONDS = 5.0


class TargetSilent(Exception):
    """The target does not respond, or has no useful response; the message has the reason.

    It ends the run early. The evidence collected so far is judged.
    """


async def preflight(context: DriverContext) -> None:
    """One allowed request of each operation that reads, with little patience. Raises `TargetSilent` when none gets a success."""
    target = context.target
    operations = [
        item
        for item in context.contract.operations
        if item.method == "GET" and len(target.path_values(item.path)) == len(places_of(item.path))
    ]
    if not operations:
        return
    wire = Wire(target, context.journal, contract=context.contract, timeout=PREFLIGHT_SECONDS)
    try:
        answers = await asyncio.gather(
            *(
                wire.ask(
                    item,
                    allowed_query(context, item),
                    headers=needed_headers(context, item),
                    purpose="does the target respond",
                    expected="accepted",
                )
                for item in operations
            )
        )
    finally:
        await wire.close()
    if not any(item.answer.succeeded for item in answers):
        raise TargetSilent(_why(target.http, answers))


def _why(address: str, answers: list[Exchange]) -> str:
    statuses = {item.answer.status for item in answers}
    if statuses == {0}:
        return f"no server responds at {address}: {answers[0].failure}"
    if len(statuses) == 1:
        meaning = {
            401: "; is credentials.primary right?",
            403: "; does credentials.primary cover tenants.primary?",
            404: "; is the address right?",
        }
        status = statuses.pop()
        return f"every valid request got status {status}{meaning.get(status, '')}"
    return f"no valid request got a success response, but {', '.join(map(str, sorted(statuses)))}"
