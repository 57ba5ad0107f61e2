"""Provokes the error codes that operations which write declare: unknown paths and methods, and bodies that are too large.

What else they declare is provoked by the driver of credentials, of the annotation concerned, of faults, and by the corpus.
"""

from __future__ import annotations

import dataclasses

from assay_contracts import Operation

from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.credentials import right_request
from assay_conformance.drivers.error_codes import codes_for, is_declared
from assay_conformance.drivers.operation import SAFE
from assay_conformance.drivers.pagination import keep_refusal
from assay_conformance.evidence import Request

PADDED_TO = (128 * 1024, 2 * 1024 * 1024)
"""How large a body is made, in bytes: a contract need not say where the bound is, so the smaller one comes first."""
_TOO_LARGE = 413


async def drive_changing(context: DriverContext) -> None:
    """Break each rule that a declared code speaks of, for every operation that writes."""
    for operation in context.contract.operations:
        request = None if operation.method in SAFE else right_request(context, operation, "primary")
        if request is not None:
            await _ask_unknown_path(context, operation, request)
            await _ask_unknown_method(context, operation, request)
            await _send_too_much(context, operation, request)


async def _ask_unknown_path(context: DriverContext, operation: Operation, request: Request) -> None:
    codes = codes_for(context.contract, operation, "unknown-resource")
    for path in (f"{request.path}/nothing-here", f"{request.path}-nothing-here"):
        if codes and not is_declared(context.contract, path):
            unknown = dataclasses.replace(request, path=path)
            exchange = await context.wire.send(operation.id, unknown, purpose="a path that does not exist", expected="refused", codes=codes)
            keep_refusal(context, exchange, "resource/unknown", codes)


async def _ask_unknown_method(context: DriverContext, operation: Operation, request: Request) -> None:
    codes = codes_for(context.contract, operation, "unknown-method")
    known = {item.method for item in context.contract.operations if item.path == operation.path}
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        if codes and method not in known:
            unknown = dataclasses.replace(request, method=method)
            if method in ("GET", "DELETE"):
                unknown = dataclasses.replace(unknown, body=None, headers=())
            exchange = await context.wire.send(operation.id, unknown, purpose=f"the method {method}", expected="refused", codes=codes)
            keep_refusal(context, exchange, "method/unknown", codes)


async def _send_too_much(context: DriverContext, operation: Operation, request: Request) -> None:
    """A right body with blanks after it, which change nothing but its length; a server with a larger bound takes it."""
    if request.body is None or not codes_for(context.contract, operation, "oversized-body"):
        return
    for size in PADDED_TO:
        large = dataclasses.replace(request, body=request.body.ljust(size))
        exchange = await context.wire.send(operation.id, large, purpose=f"a body of {size} bytes")
        if exchange.response is not None and exchange.response.status == _TOO_LARGE:
            return
