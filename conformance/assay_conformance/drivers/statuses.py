"""Brings about statuses that a contract declares without an annotation: names that nobody issued, bodies of another media type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from assay_contracts import Operation

from assay_conformance.corpus.schemas import Reader
from assay_conformance.declared_statuses import MALFORMED, open_parameter
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.error_codes import codes_for
from assay_conformance.drivers.operation import SAFE
from assay_conformance.request_plans import allowed_query, needed_headers
from assay_conformance.schema_kinds import resolved

UNKNOWN = 404
GONE = 410
LONG = 12
"""A name of so many letters is not issued in order: with its end changed it names nothing."""
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
    known = context.target.path_values(operation.path)
    for parameter, value in unknown_names(operation, known) if declared else ():
        if _is_derived(value, known) and await _names_something(context, operation, {parameter: value}):
            return
        exchange = await context.wire.ask(
            operation,
            allowed_query(context, operation),
            path={parameter: value},
            headers=needed_headers(context, operation),
            purpose="a name that nobody issued",
            codes=codes_for(context.contract, operation, "unknown-resource"),
            aimed=declared,
        )
        if exchange.answer.status not in MALFORMED:
            return  # any other one would be answered the same


async def _names_something(context: DriverContext, operation: Operation, path: dict[str, str]) -> bool:
    """Whether a name like a known one succeeds: nobody issues names such as public keys, and each names something that may be empty."""
    query, headers = allowed_query(context, operation), needed_headers(context, operation)
    exchange = await context.wire.ask(operation, query, path=path, headers=headers, purpose="a name like a known one", expected="any")
    return exchange.answer.succeeded


def _is_derived(value: str, known: Mapping[str, str]) -> bool:
    return value in {_turned(name) for name in known.values()}


def unknown_name(operation: Operation) -> tuple[str, str] | None:
    """A parameter of the path with a value that its schema allows and nobody issued; None where none is at hand."""
    return next(unknown_names(operation), None)


def unknown_names(operation: Operation, known: Mapping[str, str] = MappingProxyType({})) -> Iterator[tuple[str, str]]:
    """Such values in several forms, since a name may have one that its schema does not tell; at last the form of a `known` value."""
    parameter = open_parameter(operation)
    if parameter is None:
        return
    reader = Reader(parameter.schema)
    top = resolved(parameter.schema)
    bounds = (str(top["maximum"]),) if "maximum" in top else ()
    issued = known.get(parameter.name, "")
    alike = (_turned(issued),) if len(issued) >= LONG else ()
    yield from ((parameter.name, text) for text in (*NAMES, *bounds, *alike) if text != issued and reader.fits(text))


def _turned(name: str) -> str:
    """A long name with its last letters and digits turned into others of their kind."""
    end = name[-LONG // 2 :].translate(str.maketrans("0123456789abcdefABCDEF", "9876543210fedcbaFEDCBA"))
    return name[: -LONG // 2] + end
