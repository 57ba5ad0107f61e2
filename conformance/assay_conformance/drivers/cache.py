"""Asks again with entity tags: the current one, another's, none that exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, Revalidation
from assay_conformance.request_plans import SECOND, allowed_query, annotated, header_of, narrowed, settled_window, span

NO_TAG = 'W/"assay-no-such-tag"'


async def drive(context: DriverContext) -> None:
    """Revalidate several answers of each operation that gives entity tags."""
    for operation, spec in annotated(context.contract, "x-cache"):
        if not spec.get("etag"):
            continue
        queries = _queries(context, operation)
        firsts = [
            await context.wire.ask(operation, query, purpose="an answer with an entity tag", expected="accepted") for query in queries
        ]
        for number, (query, first) in enumerate(zip(queries, firsts, strict=True)):
            tag = header_of(first, "etag")
            if tag is None:
                continue
            elsewhere = header_of(firsts[number - 1], "etag") if number else None
            await _revalidate(context, operation, query, first, "same", tag)
            await _revalidate(context, operation, query, first, "listed", f'"assay-other", {tag}, {NO_TAG}')
            await _revalidate(context, operation, query, first, "other", NO_TAG)
            if elsewhere is not None:
                await _revalidate(context, operation, query, first, "elsewhere", elsewhere)
        await _ask_foreign(context, operation, queries[0], firsts[0])


def _queries(context: DriverContext, operation: Operation) -> list[dict[str, Any]]:
    plain = allowed_query(context, operation)
    queries = [plain]
    if "x-window" in operation.annotations:
        start, end = settled_window(context)
        queries += [{**plain, **span(operation, start, end - 3607 * SECOND)}, {**plain, **span(operation, start + 61 * SECOND, end)}]
        series = operation.annotations["x-window"].get("series")
        if series:
            queries += [{**plain, series["parameter"]: step} for step in series.get("steps", ())]
    for name, field in operation.annotations.get("x-filter", {}).get("fields", {}).items():
        queries += [{**plain, **narrowed(operation, {name: value})} for value in field["values"][:2]]
    return queries


async def _revalidate(
    context: DriverContext,
    operation: Operation,
    query: Mapping[str, Any],
    first: Exchange,
    how: str,
    tags: str,
    tenant: str = "primary",
) -> None:
    again = await context.wire.ask(
        operation,
        query,
        purpose=f"revalidation with {how} tag",
        headers={"If-None-Match": tags},
        tenant=tenant,
        expected="accepted",
    )
    context.journal.add(
        Revalidation(
            id=context.journal.name("revalidation-"),
            subject=operation.id,
            purpose=f"revalidation with {how} tag",
            how=how,
            first=first,
            again=again,
        )
    )


async def _ask_foreign(context: DriverContext, operation: Operation, query: Mapping[str, Any], first: Exchange) -> None:
    """One tenant's tag used by another tenant."""
    tag = header_of(first, "etag")
    if tag is None or "x-tenancy" not in operation.annotations:
        return
    for tenant in ("other", "empty"):
        own = await context.wire.ask(operation, query, purpose="an answer with an entity tag", tenant=tenant, expected="accepted")
        await _revalidate(context, operation, query, own, "foreign", tag, tenant)
