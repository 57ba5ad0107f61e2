"""Sends values that a careless parser takes for allowed ones: digits with letters behind them, a name in another case or a longer one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import Operation, Parameter

from assay_conformance.corpus.error_codes_of_parameters import governance
from assay_conformance.corpus.schemas import options_of
from assay_conformance.driver_context import DriverContext, as_text
from assay_conformance.drivers.error_codes import is_wrong
from assay_conformance.request_plans import allowed_query, needed_headers, stated_value
from assay_conformance.schema_kinds import kinds_of


async def drive(context: DriverContext) -> None:
    """Send each near miss in the query of an operation that reads, where the same request with the value itself succeeds."""
    for operation in context.contract.operations:
        if operation.method != "GET":
            continue
        query = allowed_query(context, operation)
        for parameter in operation.parameters:
            if parameter.location == "query" and parameter.style in ("", "form"):
                await _miss(context, operation, parameter, query)


def near_misses(parameter: Parameter, value: Any) -> list[str]:
    """Texts near an allowed value that the contract forbids beyond doubt."""
    return [text for text in dict.fromkeys(_near(parameter, as_text(value))) if is_wrong(parameter, text)]


def _near(parameter: Parameter, text: str) -> Iterator[str]:
    if kinds_of(parameter.schema) & {"integer", "number"} and text.lstrip("-").isdecimal():
        yield from (f"{text}abc", f"{text};", f"0x{text}")
    elif any(isinstance(option, str) for option in options_of(parameter.schema)):
        yield from (text.swapcase(), f"{text}x", f"{text},{text}")


async def _miss(context: DriverContext, operation: Operation, parameter: Parameter, query: dict[str, Any]) -> None:
    value = query.get(parameter.name, stated_value(context.target, parameter))
    misses = [] if value is None or isinstance(value, list | dict) else near_misses(parameter, value)
    if not misses:
        return
    headers = needed_headers(context, operation)
    right = await context.wire.ask(
        operation, {**query, parameter.name: value}, headers=headers, purpose=f"{parameter.name} as it is allowed"
    )
    if not right.answer.succeeded:
        return  # what is wrong with the request may be something else
    codes = governance(context.contract, operation)
    refusing = codes.answers(codes.of(parameter.name))
    for text in misses:
        purpose = f"{parameter.name} with {text!r}, near an allowed value"
        sent = {**query, parameter.name: text}
        await context.wire.ask(operation, sent, headers=headers, purpose=purpose, expected="refused", codes=refusing)
