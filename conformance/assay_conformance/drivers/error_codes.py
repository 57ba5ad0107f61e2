"""Provokes every declared error code that a request can bring about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from assay_contracts import Contract, Operation, Parameter

from assay_conformance.corpus.schemas import Misfit, Reader, Undecided
from assay_conformance.driver_context import DriverContext, query_pairs
from assay_conformance.drivers.pagination import keep_refusal, refuse
from assay_conformance.evidence import Request
from assay_conformance.request_plans import allowed_query

WRONG_VALUES = ("", "-1", "not-a-value", "1.5", "99999999999999999999", "~")


async def drive(context: DriverContext) -> None:
    """Break each rule that a declared code speaks of, operation by operation. Rules of other annotations are broken by their drivers."""
    for operation in context.contract.operations:
        if operation.method != "GET":
            continue
        for kind, provoke in PROVOKERS.items():
            codes = codes_for(context.contract, operation, kind)
            if codes:
                await provoke(context, operation, codes)


def codes_for(contract: Contract, operation: Operation, kind: str) -> tuple[str, ...]:
    """The declared codes of an operation that requests of one kind bring about."""
    if contract.taxonomy is None:
        return ()
    known = contract.taxonomy.codes
    return tuple(code for code in operation.error_codes if code in known and known[code].provoke.get("request") == kind)


async def _leave_out_parameters(context: DriverContext, operation: Operation, codes: tuple[str, ...]) -> None:
    tenancy = operation.annotations.get("x-tenancy", {}).get("parameter")
    query: dict[str, Any] = allowed_query(context, operation)
    if tenancy:
        query[tenancy] = context.target.tenants["primary"]
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.required:
            left = {name: value for name, value in query.items() if name != parameter.name}
            await refuse(context, operation, left, "parameter/missing", codes, (parameter.name,), tenant=None, credential="primary")


async def _break_parameters(context: DriverContext, operation: Operation, codes: tuple[str, ...]) -> None:
    """Values outside the schema of a plain parameter: one that no annotation gives a code of its own."""
    await _leave_out_parameters(context, operation, codes)
    for parameter in operation.parameters:
        if parameter.location != "query" or parameter.style != "form" or parameter.name in _governed(operation):
            continue
        for text in WRONG_VALUES:
            if text and is_wrong(parameter, text):
                query = {**allowed_query(context, operation), parameter.name: text}
                await refuse(context, operation, query, "parameter/wrong", codes, (parameter.name,))


def is_wrong(parameter: Parameter, text: str) -> bool:
    """Whether a text is beyond doubt no value of a parameter."""
    try:
        Reader(parameter.schema).read(text)
    except Misfit:
        return True
    except Undecided:
        return False
    return False


def _governed(operation: Operation) -> set[str]:
    """The parameters of which some annotation speaks."""
    found: set[str] = set()
    for name, spec in operation.annotations.items():
        if name == "x-snapshot" or not isinstance(spec, dict):
            continue
        parts: list[Any] = [spec, *spec.values()]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType, reportUnknownMemberType]
        for part in parts:
            if isinstance(part, dict):
                values: list[Any] = [part.get(key) for key in ("parameter", "from", "to")]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
                found.update(value for value in values if isinstance(value, str))
    return found


async def _ask_unknown_resource(context: DriverContext, operation: Operation, codes: tuple[str, ...]) -> None:
    path = context.wire.request(operation).path
    for unknown in (f"{path}/nothing-here", f"{path}-nothing-here"):
        if is_declared(context.contract, unknown):
            continue
        request = Request("GET", unknown, _covered(context, operation))
        exchange = await context.wire.send(operation.id, request, purpose="a path that does not exist", expected="refused", codes=codes)
        keep_refusal(context, exchange, "resource/unknown", codes)


def is_declared(contract: Contract, path: str) -> bool:
    """Whether some operation of the contract has this path, with whatever values of its parameters."""
    parts = path.strip("/").split("/")
    return any(_matches(operation.path.strip("/").split("/"), parts) for operation in contract.operations)


def _matches(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all("{" in known or known == part for known, part in zip(template, parts, strict=True))


async def _ask_unknown_method(context: DriverContext, operation: Operation, codes: tuple[str, ...]) -> None:
    known = {item.method for item in context.contract.operations if item.path == operation.path}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        if method not in known:
            request = Request(method, operation.path, _covered(context, operation))
            exchange = await context.wire.send(operation.id, request, purpose=f"the method {method}", expected="refused", codes=codes)
            keep_refusal(context, exchange, "method/unknown", codes)


async def _lack_scope(context: DriverContext, operation: Operation, codes: tuple[str, ...]) -> None:
    if operation.scopes and "unscoped" in context.target.credentials:
        await refuse(context, operation, allowed_query(context, operation), "scope/missing", codes, credential="unscoped")


def _covered(context: DriverContext, operation: Operation) -> tuple[tuple[str, str], ...]:
    tenancy = operation.annotations.get("x-tenancy", {}).get("parameter")
    query = allowed_query(context, operation)
    return query_pairs({tenancy: context.target.tenants["primary"], **query} if tenancy else query)


PROVOKERS: dict[str, Callable[[DriverContext, Operation, tuple[str, ...]], Awaitable[None]]] = {
    "missing-parameter": _break_parameters,
    "bad-parameter": _break_parameters,
    "unknown-resource": _ask_unknown_resource,
    "unknown-method": _ask_unknown_method,
    "missing-scope": _lack_scope,
}
