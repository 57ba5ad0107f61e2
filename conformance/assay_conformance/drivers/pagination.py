"""Reads lists page by page: quietly, while items are added, with sizes at and beyond their bounds, with cursors that are not theirs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_values import at, items_at
from assay_conformance.derivations import moments_of
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, Refusal, SamePage, Walk
from assay_conformance.request_plans import allowed_query, annotated, list_query, narrowed, other_value, sort_orders

MOST_PAGES = 150


async def drive(context: DriverContext) -> None:
    """Everything that leaves the target as it is."""
    for operation, spec in annotated(context.contract, "x-pagination"):
        whole = await walk(context, operation, "the whole list in the largest pages", size=spec["size"]["maximum"])
        count = sum(len(items_at(page.answer, spec["items"]) or ()) for page in whole.pages)
        await walk(context, operation, "the whole list in pages of the default size")
        small = await _walk_small_pages(context, operation, spec, whole, count)
        await _ask_again(context, operation, spec, small)
        await _walk_changing_sizes(context, operation, spec, count)
        await _ask_sizes(context, operation, spec)
        await _ask_empty(context, operation)
        if spec["style"] == "cursor":
            await _ask_cursors(context, operation, spec, count)


async def drive_changing(context: DriverContext) -> None:
    """Walks while items are added, and cursors that have expired."""
    for operation, spec in annotated(context.contract, "x-pagination"):
        whole = await walk(context, operation, "the whole list before items are added", size=spec["size"]["maximum"])
        count = sum(len(items_at(page.answer, spec["items"]) or ()) for page in whole.pages)
        size = max(1, min(spec["size"]["maximum"], math.ceil(count / 6)))
        orders = sort_orders(operation)

        async def add(path: str = operation.path) -> int:
            if context.hook.present or context.fixtures is None:
                return await context.hook.act("items", context.target.tenant("primary"), 3)
            return await context.fixtures.add(path)

        for sort in (None, *orders):
            await walk(context, operation, "the whole list while items are added", size=size, sort=sort, between=add)
        await walk(context, operation, "the whole list after items were added", size=spec["size"]["maximum"])
        if spec["style"] == "cursor":
            await _ask_expired(context, operation, spec)


async def walk(
    context: DriverContext,
    operation: Operation,
    purpose: str,
    *,
    size: int | None = None,
    sort: str | None = None,
    chosen: Mapping[str, str] | None = None,
    tenant: str = "primary",
    between: Callable[[], Awaitable[int]] | None = None,
) -> Walk:
    """Follow the pages of a list to its end and keep the walk."""
    spec = operation.annotations["x-pagination"]
    query = list_query(context, operation, size=size, sort=sort, chosen=chosen)
    pages: list[Exchange] = []
    seen: set[str] = set()
    added, mark, complete = 0, None, False
    while len(pages) < MOST_PAGES:
        page = await context.wire.ask(operation, {**query, **_position(spec, mark)}, purpose=purpose, tenant=tenant, expected="accepted")
        pages.append(page)
        mark = _next(spec, pages)
        if not page.answer.succeeded:
            break
        if mark is None:
            complete = True
            break
        if mark in seen:
            break
        seen.add(mark)
        if between is not None and not _is_short(spec, page, size):
            added += await between()
    return context.journal.add(
        Walk(
            id=context.journal.name("walk-"),
            subject=operation.id,
            purpose=purpose,
            pages=tuple(pages),
            tenant=tenant,
            size=size,
            sort=sort,
            filter=tuple((chosen or {}).items()),
            added=added,
            complete=complete,
        )
    )


async def _walk_changing_sizes(context: DriverContext, operation: Operation, spec: Mapping[str, Any], count: int) -> None:
    """A walk on which every other page has another size, unless a cursor is bound to its size; kept unless a changed size is refused."""
    size, cursor = spec["size"], spec.get("cursor", {})
    small = max(size["minimum"], min(size["maximum"] // 2, math.ceil(count / 9)))
    if size["parameter"] in cursor.get("binds", ()) or small * 2 > size["maximum"] or count <= small:
        return
    purpose = "a list whose page size changes from page to page"
    pages: list[Exchange] = []
    mark: str | None = None
    while len(pages) < MOST_PAGES and (not pages or mark is not None):
        query = list_query(context, operation, size=small * (1 + len(pages) % 2))
        page = await context.wire.ask(operation, {**query, **_position(spec, mark)}, purpose=purpose)
        pages.append(page)
        following = _next(spec, pages)
        if not page.answer.succeeded and (len(pages) == 1 or "binds" not in cursor):
            return
        if not page.answer.succeeded or following == mark:
            break
        mark = following
    context.journal.add(
        Walk(
            id=context.journal.name("walk-"),
            subject=operation.id,
            purpose=purpose,
            pages=tuple(pages),
            tenant="primary",
            complete=mark is None,
        )
    )


def _is_short(spec: Mapping[str, Any], page: Exchange, size: int | None) -> bool:
    """Whether a list by offset ends with a page: what is added now would stand on one more page, and so on without end."""
    items = items_at(page.answer, spec["items"]) or ()
    return spec["style"] == "offset" and len(items) < (size or spec["size"]["default"])


def _position(spec: Mapping[str, Any], mark: str | None) -> dict[str, Any]:
    return {} if mark is None else {spec[spec["style"]]["parameter"]: mark}


def _next(spec: Mapping[str, Any], pages: list[Exchange]) -> str | None:
    body = pages[-1].answer.json
    if spec["style"] == "cursor":
        found = at(body, spec["cursor"]["next"])
        return found if isinstance(found, str) else None
    if not items_at(pages[-1].answer, spec["items"]):
        return None
    return str(sum(len(items_at(page.answer, spec["items"]) or ()) for page in pages))


async def _walk_small_pages(context: DriverContext, operation: Operation, spec: Mapping[str, Any], whole: Walk, count: int) -> Walk:
    """Pages of few items, over a part of the list where the whole would take too many."""
    chosen, left = _small_selection(operation, spec, whole, count)
    result = whole
    for size in sorted({1, 2, 3, 7}):
        if size < spec["size"]["minimum"] or left / size > 40:
            continue
        result = await walk(context, operation, f"a list in pages of {size}", size=size, chosen=chosen)
    if left > 40 or not result.pages[1:]:
        size = max(spec["size"]["minimum"], math.ceil(left / 12))
        result = await walk(context, operation, "a list in a dozen pages", size=min(size, spec["size"]["maximum"]), chosen=chosen)
    return result


def _small_selection(operation: Operation, spec: Mapping[str, Any], whole: Walk, count: int) -> tuple[dict[str, str], int]:
    """The filter whose list is best read in small pages: the longest one of at most forty items."""
    fields = operation.annotations.get("x-filter", {}).get("fields", {})
    members = {name: field["selects"] for name, field in fields.items() if "selects" in field}
    if count <= 40 or not members:
        return {}, count
    items = [item for page in whole.pages for item in items_at(page.answer, spec["items"]) or ()]
    found: Counter[tuple[tuple[str, str], ...]] = Counter()
    for item in items:
        values = {name: str(item.get(member)) for name, member in members.items()}
        found.update(((name, value),) for name, value in values.items())
        found[tuple(values.items())] += 1
    fitting = [(number, chosen) for chosen, number in found.items() if number <= 40]
    if not fitting:
        number, chosen = min((number, chosen) for chosen, number in found.items())
        return dict(chosen), number
    number, chosen = max(fitting)
    return dict(chosen), number


async def _ask_again(context: DriverContext, operation: Operation, spec: Mapping[str, Any], read: Walk) -> None:
    """Pages of a walk asked for a second time."""
    for page in (*read.pages[:3], *read.pages[-2:]):
        again = await context.wire.send(operation.id, page.request, purpose="a page asked for again", expected="accepted")
        context.journal.add(
            SamePage(
                id=context.journal.name("same-page-"), subject=operation.id, purpose="the same cursor asked twice", first=page, again=again
            )
        )


async def _ask_sizes(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    size = spec["size"]
    for value in (size["minimum"], size["maximum"]):
        await context.wire.ask(
            operation, list_query(context, operation, size=value), purpose="a page size at its bound", expected="accepted"
        )
    for first, second in ((size["minimum"], size["maximum"]), (size["maximum"], size["maximum"] * 10)):
        for values in ([first, second], [second, first]):
            await context.wire.ask(
                operation, list_query(context, operation) | {size["parameter"]: values}, purpose="two page sizes at once"
            )
    if "invalid" not in size:
        return
    wrong = {
        "page-size/below": [size["minimum"] - 1, -1],
        "page-size/above": [size["maximum"] + 1, size["maximum"] * 10, 999_999_999],
        "page-size/no-number": ["many", "1.5"],
    }
    for rule, values in wrong.items():
        for value in values:
            query = {**allowed_query(context, operation), size["parameter"]: value}
            await refuse(context, operation, query, rule, (size["invalid"],), (size["parameter"],))


async def _ask_empty(context: DriverContext, operation: Operation) -> None:
    if "x-tenancy" not in operation.annotations:
        return
    orders = sort_orders(operation)
    for sort in (None, *orders):
        await context.wire.ask(
            operation, list_query(context, operation, sort=sort), purpose="a list without items", tenant="empty", expected="accepted"
        )


async def _first_cursor(context: DriverContext, operation: Operation, spec: Mapping[str, Any], query: Mapping[str, Any]) -> str | None:
    page = await context.wire.ask(operation, query, purpose="a page with a cursor to misuse", expected="accepted")
    found = at(page.answer.json, spec["cursor"]["next"])
    return found if isinstance(found, str) else None


async def _ask_cursors(context: DriverContext, operation: Operation, spec: Mapping[str, Any], count: int) -> None:
    """Cursors that nobody issued, and issued ones in the wrong place."""
    cursor = spec["cursor"]
    if "invalid" not in cursor:
        return
    parameter, codes = cursor["parameter"], (cursor["invalid"],)
    size = max(spec["size"]["minimum"], min(spec["size"]["maximum"], count // 4))
    query = list_query(context, operation, size=size)
    issued = await _first_cursor(context, operation, spec, query)

    async def misuse(value: str, rule: str, query: Mapping[str, Any], tenant: str = "primary") -> None:
        await refuse(context, operation, {**query, parameter: value}, rule, codes, (parameter,), tenant=tenant)

    await misuse("Zm9yZ2VkLWN1cnNvci1vZi1uby1zZXJ2ZXI", "cursor/forged", query)
    await misuse("0000000000000000", "cursor/forged", query)
    if issued is None:
        return
    for value in {issued[: len(issued) // 2], issued[:-4], issued[4:]}:
        await misuse(value, "cursor/truncated", query)
    for place in sorted({2, len(issued) // 3, len(issued) // 2, 2 * len(issued) // 3}):
        await misuse(_flipped(issued, place), "cursor/altered", query)
    await misuse(issued[::-1], "cursor/altered", query)
    binds = set(cursor.get("binds", ()))
    tenancy = operation.annotations.get("x-tenancy", {}).get("parameter")
    if tenancy in binds:
        await misuse(issued, "cursor/other-tenant", query, "other")
        await misuse(issued, "cursor/other-tenant", query, "empty")
    order = operation.annotations.get("x-order", {})
    if order.get("parameter") in binds:
        for sort in order["orders"]:
            if sort != order["default"]:
                await misuse(issued, "cursor/other-sort", {**query, order["parameter"]: sort})
                sorted_query = list_query(context, operation, size=size, sort=sort)
                other = await _first_cursor(context, operation, spec, sorted_query)
                if other is not None:
                    await misuse(other, "cursor/other-sort", {**query, order["parameter"]: order["default"]})
    narrowing = operation.annotations.get("x-filter", {})
    if narrowing.get("parameter") in binds:
        await _misuse_filters(context, operation, spec, issued, query, misuse)
    for name in binds - {tenancy, order.get("parameter"), narrowing.get("parameter")}:
        await _misuse_parameter(context, operation, codes, (parameter, issued), query, name)


async def _misuse_parameter(
    context: DriverContext, operation: Operation, codes: tuple[str, ...], cursor: tuple[str, str], query: Mapping[str, Any], name: str
) -> None:
    """Send a cursor with another value of a parameter of the path, the window or any other kind."""
    bound = operation.parameter(name)
    if name in moments_of(context.contract, operation):
        moved = await _other_moment(context, operation, query, name)
    else:
        moved = other_value(context, operation, bound, query.get(name))
    if moved is None:
        return
    sent = {**query, cursor[0]: cursor[1]}
    path = {name: str(moved[name])} if bound.location == "path" else None
    rule = f"cursor/other-{name}"
    exchange = await context.wire.ask(
        operation,
        sent if path else {**sent, **moved},
        purpose=f"breaks {rule}",
        path=path,
        expected="refused",
        codes=codes,
    )
    keep_refusal(context, exchange, rule, codes, (cursor[0],))


async def _other_moment(context: DriverContext, operation: Operation, query: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """A moment that the operation itself states now; None where it states none."""
    pointer = operation.annotations.get("x-freshness", {}).get("deltaAsOf")
    answer = await context.wire.ask(operation, query, purpose="a moment that a response states", expected="accepted")
    stated = at(answer.answer.json, pointer) if pointer is not None else None
    return {name: stated} if isinstance(stated, str) else None


async def _misuse_filters(
    context: DriverContext,
    operation: Operation,
    spec: Mapping[str, Any],
    issued: str,
    query: Mapping[str, Any],
    misuse: Callable[[str, str, Mapping[str, Any]], Awaitable[None]],
) -> None:
    for name, field in operation.annotations["x-filter"]["fields"].items():
        first, *rest = field["values"]
        await misuse(issued, "cursor/other-filter", {**query, **narrowed(operation, {name: first})})
        for value in field["values"]:
            query_of_value = list_query(context, operation, size=spec["size"]["minimum"], chosen={name: value})
            mark = await _first_cursor(context, operation, spec, query_of_value)
            if mark is None:
                continue
            await misuse(mark, "cursor/other-filter", list_query(context, operation, size=spec["size"]["minimum"]))
            other = next((item for item in (first, *rest) if item != value), None)
            if other is not None:
                moved = list_query(context, operation, size=spec["size"]["minimum"], chosen={name: other})
                await misuse(mark, "cursor/other-filter", moved)
            break


async def _ask_expired(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    if "invalid" not in spec["cursor"]:
        return
    parameter = spec["cursor"]["parameter"]
    query = list_query(context, operation, size=spec["size"]["minimum"])
    issued = await _first_cursor(context, operation, spec, query)
    if issued is None or not await context.hook.fault("cursors-expire", seconds=10):
        return
    try:
        codes = (spec["cursor"]["invalid"],)
        await refuse(context, operation, {**query, parameter: issued}, "cursor/expired", codes, (parameter,))
    finally:
        await context.hook.clear()


async def refuse(
    context: DriverContext,
    operation: Operation,
    query: Mapping[str, Any],
    rule: str,
    codes: tuple[str, ...],
    fields: tuple[str, ...] = (),
    *,
    tenant: str | None = "primary",
    credential: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Refusal:
    """Break one rule, and keep that it should be refused and how."""
    purpose = f"breaks {rule}"
    exchange = await context.wire.ask(
        operation, query, purpose=purpose, tenant=tenant, credential=credential, headers=headers, expected="refused", codes=codes
    )
    return keep_refusal(context, exchange, rule, codes, fields)


def keep_refusal(context: DriverContext, exchange: Exchange, rule: str, codes: tuple[str, ...], fields: tuple[str, ...] = ()) -> Refusal:
    """Keep a request that breaks one rule."""
    return context.journal.add(
        Refusal(
            id=context.journal.name("refusal-"),
            subject=exchange.subject,
            purpose=exchange.purpose,
            exchange=exchange,
            rule=rule,
            codes=codes,
            fields=fields,
        )
    )


def _flipped(text: str, place: int) -> str:
    """The text with another letter at one place."""
    return text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]
