"""Brings about statuses that a contract declares without an annotation: names that nobody issued, bodies of another media type."""

from __future__ import annotations

from assay_contracts import Operation

from assay_conformance.corpus.schemas import Reader
from assay_conformance.declared_statuses import open_parameter
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.error_codes import codes_for
from assay_conformance.drivers.operation import SAFE
from assay_conformance.request_plans import allowed_query, needed_headers
from assay_conformance.schema_kinds import resolved

UNKNOWN = 404
GONE = 410
NAMES = (
    "987654321",
    "assay-nobody-issued-this",
    "00000000-0000-4000-8000-00000a55a700",
    "zzzzzzzzzzzzzzzz",
    "9999999999",
    "ZZZZ9999",
    "999999",
    "9999",
)
"""Names of things that hardly exist, of several forms: the first that the schema of a parameter allows is asked for."""


async def drive(context: DriverContext) -> None:
    """Ask for things that do not exist, wherever the contract declares what is answered then."""
    for operation in context.contract.operations:
        if operation.method in SAFE:
            await _ask_unknown(context, operation)


async def _ask_unknown(context: DriverContext, operation: Operation) -> None:
    declared = tuple(status for status in (UNKNOWN, GONE) if str(status) in operation.responses)
    name = unknown_name(operation)
    if not declared or name is None:
        return
    parameter, value = name
    await context.wire.ask(
        operation,
        allowed_query(context, operation),
        path={parameter: value},
        headers=needed_headers(context, operation),
        purpose="a name that nobody issued",
        codes=codes_for(context.contract, operation, "unknown-resource"),
        aimed=declared,
    )


def unknown_name(operation: Operation) -> tuple[str, str] | None:
    """A parameter of the path with a value that its schema allows and nobody issued; None where none is at hand."""
    parameter = open_parameter(operation)
    if parameter is None:
        return None
    reader = Reader(parameter.schema)
    top = resolved(parameter.schema)
    bounds = (str(top["maximum"]),) if "maximum" in top else ()
    return next(((parameter.name, text) for text in (*NAMES, *bounds) if reader.fits(text)), None)
