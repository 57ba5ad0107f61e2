"""Asks again with entity tags: the current one, another's, none that exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.driver_context import Driven
from assay_conformance.evidence import Exchange, Revalidation
from assay_conformance.request_plans import SECOND, allowed_query, annotated, header_of, narrowed, settled_window, span

NO_TAG = 'W/"assay-no-such-tag"'


async def drive(driven: Driven) -> None:
    """Revalidate several answers of each operation that gives entity tags."""
    for operation, spec in annotated(driven.contract, "x-cache"):
        if not spec.get("etag"):
            continue
        queries = _queries(driven, operation)
        firsts = [await driven.wire.ask(operation, query, purpose="an answer with an entity tag", expected="accepted") for query in queries]
        for number, (query, first) in enumerate(zip(queries, firsts, strict=True)):
            tag = header_of(first, "etag")
            if tag is None:
                continue
            elsewhere = header_of(firsts[number - 1], "etag") if number else None
            await _revalidate(driven, operation, query, first, "same", tag)
            await _revalidate(driven, operation, query, first, "listed", f'"assay-other", {tag}, {NO_TAG}')
            await _revalidate(driven, operation, query, first, "other", NO_TAG)
            if elsewhere is not None:
                await _revalidate(driven, operation, query, first, "elsewhere", elsewhere)
        await _ask_foreign(driven, operation, queries[0], firsts[0])


def _queries(driven: Driven, operation: Operation) -> list[dict[str, Any]]:
    plain = allowed_query(driven, operation)
    queries = [plain]
    if "x-window" in operation.annotations:
        start, end = settled_window(driven)
        queries += [{**plain, **span(operation, start, end - 3607 * SECOND)}, {**plain, **span(operation, start + 61 * SECOND, end)}]
        series = operation.annotations["x-window"].get("series")
        if series:
            queries += [{**plain, series["parameter"]: step} for step in series["steps"]]
    for name, field in operation.annotations.get("x-filter", {}).get("fields", {}).items():
        queries += [{**plain, **narrowed(operation, {name: value})} for value in field["values"][:2]]
    return queries


async def _revalidate(
    driven: Driven,
    operation: Operation,
    query: Mapping[str, Any],
    first: Exchange,
    how: str,
    tags: str,
    tenant: str = "primary",
) -> None:
    again = await driven.wire.ask(
        operation,
        query,
        purpose=f"revalidation with {how} tag",
        headers={"If-None-Match": tags},
        tenant=tenant,
        expected="accepted",
    )
    driven.journal.add(
        Revalidation(
            id=driven.journal.name("revalidation-"),
            subject=operation.id,
            purpose=f"revalidation with {how} tag",
            how=how,
            first=first,
            again=again,
        )
    )


async def _ask_foreign(driven: Driven, operation: Operation, query: Mapping[str, Any], first: Exchange) -> None:
    """One tenant's tag used by another tenant."""
    tag = header_of(first, "etag")
    if tag is None or "x-tenancy" not in operation.annotations:
        return
    for tenant in ("other", "empty"):
        own = await driven.wire.ask(operation, query, purpose="an answer with an entity tag", tenant=tenant, expected="accepted")
        await _revalidate(driven, operation, query, own, "foreign", tag, tenant)
