"""What the drivers ask with: operations by annotation, the settled window of the fixtures, queries that a contract allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, Protocol

from assay_contracts import Contract, Operation, Parameter
from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.body_values import EPOCH, duration, instant, written
from assay_conformance.corpus import CorpusCase
from assay_conformance.corpus.schemas import Reader
from assay_conformance.driver_context import Wire, as_text
from assay_conformance.evidence import Exchange
from assay_conformance.schema_kinds import kind_of, kinds_of, resolved
from assay_conformance.target import Target
from assay_conformance.validation import accepts

SECOND = 1_000_000
LONGEST_WINDOW = 90 * 86_400 * SECOND
PLAIN = (1, 0, "x", "abcdef", "2026-11-01", "2026-11-01T00:00:00Z", "0f3a9c1e-0000-4000-8000-000000000001", True)
"""Values of which a schema without examples often allows one."""


class Known(Protocol):
    """What is known of a run: the contract, the target, the requests of the corpus, and how requests are written."""

    @property
    def contract(self) -> Contract:
        """The contract."""
        ...

    @property
    def target(self) -> Target:
        """The target."""
        ...

    @property
    def wire(self) -> Wire:
        """What writes and sends requests."""
        ...

    @property
    def cases(self) -> tuple[CorpusCase, ...]:
        """The requests of the corpus."""
        ...


def annotated(contract: Contract, name: str) -> list[tuple[Operation, Any]]:
    """The operations that carry an annotation, each with its value. Those that are not safe to repeat are left out."""
    return [(item, item.annotations[name]) for item in contract.operations if name in item.annotations and item.method == "GET"]


def settled_window(context: Known) -> tuple[int, int]:
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


def allowed_query(context: Known, operation: Operation) -> dict[str, Any]:
    """The shortest query that the contract allows, without the tenant, which the wire fills in."""
    query = span(operation, *settled_window(context)) if "x-window" in operation.annotations else dict[str, Any]()
    return query | plain_query(context.target, operation, context.cases, known=query)


def recent_query(context: Known, operation: Operation) -> dict[str, Any]:
    """A query whose answer has the newest facts: the last day, and the largest page."""
    query = allowed_query(context, operation)
    if "x-window" in operation.annotations:
        now = (dt.datetime.now(dt.UTC) - EPOCH) // dt.timedelta(seconds=60) * 60 * SECOND
        query |= span(operation, now - 86400 * SECOND, now + 60 * SECOND)
    size = operation.annotations.get("x-pagination", {}).get("size")
    return query | ({size["parameter"]: size["maximum"]} if size else {})


def wide_query(context: Known, operation: Operation) -> dict[str, Any]:
    """A query over the longest window that the contract allows, up to some months, which ends now; and the largest page."""
    query = recent_query(context, operation)
    window = operation.annotations.get("x-window")
    if window is not None:
        now = (dt.datetime.now(dt.UTC) - EPOCH) // dt.timedelta(seconds=60) * 60 * SECOND
        length = min(duration(window["longest"]), LONGEST_WINDOW) if "longest" in window else LONGEST_WINDOW
        query |= span(operation, now - length + 120 * SECOND, now + 60 * SECOND)
    return query


def plain_query(target: Target, operation: Operation, cases: Iterable[CorpusCase] = (), *, known: Container[str] = ()) -> dict[str, Any]:
    """A good value for each required query parameter that is not `known`, but for the tenant."""
    tenancy = operation.annotations.get("x-tenancy", {}).get("parameter")
    needed = [item for item in operation.parameters if item.location == "query" and item.required and item.name not in known]
    return {item.name: _example(target, operation, item, cases) for item in needed if item.name != tenancy}


def needed_headers(context: Known, operation: Operation) -> dict[str, str]:
    """A good value for each required header."""
    needed = [item for item in operation.parameters if item.location == "header" and item.required]
    return {item.name: as_text(_example(context.target, operation, item, context.cases)) for item in needed}


def other_value(context: Known, operation: Operation, parameter: Parameter, sent: Any) -> dict[str, Any] | None:
    """Parameters that a contract allows, of which this one has another value than was sent; None where no other is known.

    The other edge of a window comes with one, and a rolling window instead of both edges.
    """
    window = operation.annotations.get("x-window", {})
    if parameter.name in (window.get("from"), window.get("to")):
        start, end = settled_window(context)
        return span(operation, start + SECOND, end) if parameter.name == window["from"] else span(operation, start, end - SECOND)
    edges = {window.get("from"): None, window.get("to"): None} if parameter.name == window.get("rolling", {}).get("parameter") else {}
    known = context.target.fixtures.get("parameters", {}).get(parameter.name)
    schema = resolved(parameter.schema)
    used = next(value for value in (sent, known, _example(context.target, operation, parameter, context.cases)) if value is not None)
    others = [value for value in _candidates(schema, parameter.schema) if value != used and _is_good(parameter, value)]
    if not others and isinstance(used, str) and used and _is_good(parameter, altered := _altered(used)):
        others = [altered]
    return {**edges, parameter.name: others[0]} if others else None


def _altered(value: str) -> str:
    """A value of the same form: its last letter or digit is another."""
    last = value[-1]
    return value[:-1] + (("1" if last == "0" else "0") if last.isdigit() else "b" if last == "a" else "a")


def sort_orders(operation: Operation) -> list[str]:
    """The orders that a client can ask for: none where the contract names no parameter for them."""
    order = operation.annotations.get("x-order", {})
    return list(order.get("orders", ())) if "parameter" in order else []


def list_query(
    context: Known,
    operation: Operation,
    *,
    size: int | None = None,
    sort: str | None = None,
    chosen: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The query of a list's first page."""
    query = allowed_query(context, operation)
    query[operation.annotations["x-pagination"]["size"]["parameter"]] = size
    if sort is not None:
        query[operation.annotations["x-order"]["parameter"]] = sort
    return query | narrowed(operation, chosen or {})


def narrowed(operation: Operation, chosen: Mapping[str, str]) -> dict[str, Any]:
    """The filter parameter of an operation for these fields; nothing when there are none."""
    return {operation.annotations["x-filter"]["parameter"]: dict(chosen)} if chosen else {}


def header_of(exchange: Exchange, name: str) -> str | None:
    """One header of an answer."""
    return exchange.answer.header(name)


def _example(target: Target, operation: Operation, parameter: Parameter, cases: Iterable[CorpusCase]) -> Any:
    """A good value: a stated one, the first that the schema itself shows and allows, else one of an accepted request of the corpus."""
    good = stated_value(target, parameter)
    if good is not None:
        return good
    for case in cases:
        if case.operation == operation.id and case.outcome == "accepted":
            pairs = case.request.query if parameter.location == "query" else case.request.headers
            values = [value for name, value in pairs if name.lower() == parameter.name.lower() and isinstance(value, str)]
            if values:
                return values if len(values) > 1 else values[0]
    return "x"


def stated_value(target: Target, parameter: Parameter) -> Any:
    """The value of a parameter in the target manifest, else the first that its schema shows and allows; None where there is none."""
    known = target.fixtures.get("parameters", {})
    if parameter.name in known:
        return known[parameter.name]
    return next((value for value in _candidates(resolved(parameter.schema), parameter.schema) if _is_good(parameter, value)), None)


def _candidates(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[Any]:
    """Values that a schema within `root` shows or bounds, whether it allows them or not."""
    for key in ("default", "const"):
        if key in schema:
            yield schema[key]
    for key in ("enum", "examples"):
        found = schema.get(key)
        yield from found if is_list(found) else ()
    for key in ("minimum", "maximum"):
        if key in schema:
            yield schema[key]
    kinds = kinds_of(schema, root)
    yield from (value for value in (*PLAIN, "x" * int(schema.get("minLength", 1))) if not kinds or kind_of(value) in kinds)
    for key in ("anyOf", "oneOf", "allOf"):
        parts = schema.get(key)
        for part in parts if is_list(parts) else ():
            yield from _candidates(resolved(part, root), root) if is_mapping(part) else ()
    if is_mapping(schema.get("items")):
        yield from ([item] for item in _candidates(resolved(schema["items"], root), root))


def _is_good(parameter: Parameter, value: Any) -> bool:
    if is_list(value):
        return accepts(parameter.schema, value)
    return value is not None and Reader(parameter.schema).fits(as_text(value))
