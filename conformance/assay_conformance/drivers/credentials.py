"""Asks without a credential where an operation requires one and no tenancy does so already.

The request is an accepted one of the corpus, so that nothing but the credential is wrong with it.
"""

from __future__ import annotations

from assay_contracts import Operation

from assay_conformance.corpus import find_corpus, slot_values
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.error_codes import codes_for
from assay_conformance.drivers.operation import decided

UNAUTHENTICATED = 401


async def drive(context: DriverContext) -> None:
    """Send one right request of each such operation without its credential."""
    asked = [operation for operation in context.contract.operations if requires_credential(operation)]
    if not asked:
        return
    cases = decided(context.contract, find_corpus(context.contract, context.corpus).cases)
    known = slot_values(context.target)
    for operation in asked:
        case = next((item for item in cases if item.operation == operation.id and item.outcome == "accepted"), None)
        if case is not None:
            request = case.request.filled(known, credential="none")
            codes = codes_for(context.contract, operation, "no-credential")
            await context.wire.send(operation.id, request, purpose="a request without a credential", expected="refused", codes=codes)


def requires_credential(operation: Operation) -> bool:
    """Whether each alternative of an operation's security needs a credential, 401 is declared, and tenancy does not ask for it already."""
    secured = bool(operation.security) and () not in (operation.security or ())
    return secured and operation.response(UNAUTHENTICATED) is not None and "x-tenancy" not in operation.annotations
