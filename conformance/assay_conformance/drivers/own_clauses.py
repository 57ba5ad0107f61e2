"""Sends the requests that a contract's own clauses name, twice each, one right after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import ClauseResponses, Exchange
from assay_conformance.own_clauses import own_clauses
from assay_conformance.request_plans import allowed_query, needed_headers


async def drive(context: DriverContext) -> None:
    """Every clause with an expression, for each of its subjects."""
    for clause in own_clauses(context.contract):
        first = [await _ask(context, clause.id, request) for request in clause.requests.values()]
        again = [await _ask(context, clause.id, request) for request in clause.requests.values()]
        for subject in clause.subjects:
            context.journal.add(
                ClauseResponses(
                    id=context.journal.name("clause-"),
                    subject=subject,
                    purpose=f"what {clause.id} reads",
                    clause=clause.id,
                    names=tuple(clause.requests),
                    first=tuple(first),
                    again=tuple(again),
                    tenants=tuple(context.target.tenants.items()),
                )
            )


async def _ask(context: DriverContext, clause: str, request: Mapping[str, Any]) -> Exchange:
    operation = context.contract.operation(str(request["operation"]))
    stated: Mapping[str, Any] = request.get("with", {})
    places = {item.name: str(stated[item.name]) for item in operation.parameters if item.location == "path" and item.name in stated}
    query = {**allowed_query(context, operation), **{name: value for name, value in stated.items() if name not in places}}
    headers = needed_headers(context, operation)
    tenant = "primary" if context.target.tenants else None
    return await context.wire.ask(
        operation, query, purpose=f"a response that {clause} reads", path=places, tenant=tenant, headers=headers, expected="accepted"
    )
