"""What the drivers ask with: operations by annotation, the settled window of the fixtures, queries that a contract allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from assay_contracts import Contract, Operation, Parameter

from assay_conformance.body_values import EPOCH, instant, written
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange

SECOND = 1_000_000


def annotated(contract: Contract, name: str) -> list[tuple[Operation, Any]]:
    """The operations that carry an annotation, each with its value. Those that are not safe to repeat are left out."""
    return [(item, item.annotations[name]) for item in contract.operations if name in item.annotations and item.method == "GET"]


def settled_window(context: DriverContext) -> tuple[int, int]:
    """The settled window of the fixtures in microseconds since 1970; yesterday where the target names none."""
    found: Mapping[str, Any] = context.target.fixtures.get("window") or {}
    start, end = instant(found.get("from")), instant(found.get("to"))
    if start is not None and end is not None and start < end:
        return start, end
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last = (today - EPOCH) // dt.timedelta(microseconds=1)
    return last - 86400 * SECOND, last


def span(operation: Operation, start: int, end: int) -> dict[str, Any]:
    """The window parameters of an operation for `[start, end)`."""
    window = operation.annotations["x-window"]
    return {window["from"]: written(start, window["type"]), window["to"]: written(end, window["type"])}


def allowed_query(context: DriverContext, operation: Operation) -> dict[str, Any]:
    """The shortest query that the contract allows, without the tenant, which the wire fills in."""
    query: dict[str, Any] = {}
    tenancy = operation.annotations.get("x-tenancy", {}).get("parameter")
    if "x-window" in operation.annotations:
        query |= span(operation, *settled_window(context))
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.required and parameter.name not in query and parameter.name != tenancy:
            query[parameter.name] = _example(context, parameter)
    return query


def narrowed(operation: Operation, chosen: Mapping[str, str]) -> dict[str, Any]:
    """The filter parameter of an operation for these fields; nothing when there are none."""
    return {operation.annotations["x-filter"]["parameter"]: dict(chosen)} if chosen else {}


def header_of(exchange: Exchange, name: str) -> str | None:
    """One header of an answer."""
    return exchange.answer.header(name)


def _example(context: DriverContext, parameter: Parameter) -> Any:
    known = context.target.fixtures.get("parameters", {})
    if parameter.name in known:
        return known[parameter.name]
    schema = _resolved(parameter.schema)
    for key in ("default", "const"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    return schema.get("minimum", 1) if schema.get("type") in ("integer", "number") else "x"


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        known: Mapping[str, Mapping[str, Any]] = schema.get("$defs", {})
        return known.get(reference.removeprefix("#/$defs/"), {})
    return schema
