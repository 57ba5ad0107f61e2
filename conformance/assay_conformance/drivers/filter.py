"""Asks for every value of every filter, for pairs of filters, and for values and fields that do not exist."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_values import at, items_at
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.pagination import refuse, walk
from assay_conformance.evidence import Exchange, ListPair, ListPartition, NumberPair, NumberPartition, Walk
from assay_conformance.request_plans import allowed_query, annotated, narrowed


async def drive(context: DriverContext) -> None:
    """Ask operation by operation: lists by walking them, numbers by asking for them."""
    for operation, spec in annotated(context.contract, "x-filter"):
        if "items" in spec and "x-pagination" in operation.annotations:
            await _drive_list(context, operation, spec)
        else:
            await _drive_numbers(context, operation, spec)
        await _drive_unknown(context, operation, spec)


async def _drive_list(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    size = operation.annotations["x-pagination"]["size"]

    async def read(chosen: Mapping[str, str], most: int) -> Walk:
        return await walk(context, operation, f"the list where {_described(chosen)}", size=most, chosen=chosen)

    whole = await read({}, size["maximum"])
    count = sum(len(items_at(page.answer, spec["items"]) or ()) for page in whole.pages)
    lists: dict[tuple[str, str], Walk] = {}
    for name, field in spec["fields"].items():
        # Small enough that most filtered lists have a second page, which must be filtered too.
        few = max(size["minimum"], min(size["maximum"], count // (2 * len(field["values"]))))
        parts = await asyncio.gather(*(read({name: value}, few) for value in field["values"]))
        lists.update({(name, value): part for value, part in zip(field["values"], parts, strict=True)})
        context.journal.add(
            ListPartition(
                id=context.journal.name("partition-"),
                subject=operation.id,
                purpose=f"the list by {name}",
                field=name,
                whole=whole,
                parts=tuple(parts),
            )
        )
    for one, two in combinations(spec["fields"], 2):
        for first, second in _pairs(spec, one, two, lists):
            both = await read({one: first, two: second}, max(size["minimum"], min(size["maximum"], count // 50)))
            context.journal.add(
                ListPair(
                    id=context.journal.name("pair-"),
                    subject=operation.id,
                    purpose=f"two filters, {one} and {two}",
                    first=lists[one, first],
                    second=lists[two, second],
                    both=both,
                )
            )


def _pairs(spec: Mapping[str, Any], one: str, two: str, lists: Mapping[tuple[str, str], Walk]) -> list[tuple[str, str]]:
    """Four pairs of values: the longest lists with each other and with shorter ones."""
    size = {key: sum(len(items_at(page.answer, spec["items"]) or ()) for page in found.pages) for key, found in lists.items()}
    first = sorted(spec["fields"][one]["values"], key=lambda value: -size[one, value])
    second = sorted(spec["fields"][two]["values"], key=lambda value: -size[two, value])
    return list(dict.fromkeys([(first[0], second[0]), (first[0], second[-1]), (first[-1], second[0]), (first[1 % len(first)], second[0])]))


async def _drive_numbers(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    plain = allowed_query(context, operation)

    async def ask(chosen: Mapping[str, str]) -> Exchange:
        query = {**plain, **narrowed(operation, chosen)}
        return await context.wire.ask(operation, query, purpose=f"the numbers where {_described(chosen)}", expected="accepted")

    whole = await ask({})
    single: dict[tuple[str, str], Exchange] = {}
    for name, field in spec["fields"].items():
        parts = await asyncio.gather(*(ask({name: value}) for value in field["values"]))
        single.update({(name, value): part for value, part in zip(field["values"], parts, strict=True)})
        _keep_partition(context, operation, name, whole, parts, None)
    for one, two in combinations(spec["fields"], 2):
        for inner, outer in ((one, two), (two, one)):
            counted = _counted(spec, outer) + _counted(spec, inner)
            values = sorted(spec["fields"][outer]["values"], key=lambda value: -sum(_number(single[outer, value], p) for p in counted))[:3]
            for value in values:
                both = await asyncio.gather(*(ask({outer: value, inner: item}) for item in spec["fields"][inner]["values"]))
                _keep_partition(context, operation, inner, single[outer, value], both, outer)
                for item, pair in zip(spec["fields"][inner]["values"], both, strict=True):
                    context.journal.add(
                        NumberPair(
                            id=context.journal.name("pair-"),
                            subject=operation.id,
                            purpose=f"two filters, {outer} and {inner}",
                            first=single[outer, value],
                            second=single[inner, item],
                            both=pair,
                        )
                    )


def _keep_partition(
    context: DriverContext, operation: Operation, name: str, whole: Exchange, parts: list[Exchange], within: str | None
) -> None:
    context.journal.add(
        NumberPartition(
            id=context.journal.name("partition-"),
            subject=operation.id,
            purpose=f"the numbers by {name}",
            field=name,
            whole=whole,
            parts=tuple(parts),
            within=within,
        )
    )


async def _drive_unknown(context: DriverContext, operation: Operation, spec: Mapping[str, Any]) -> None:
    if "invalid" not in spec:
        return
    parameter, codes = spec["parameter"], (spec["invalid"],)
    plain = allowed_query(context, operation)
    for name, field in spec["fields"].items():
        value: str = field["values"][0]
        for wrong in ("no-such-value", value.upper(), f"{value}x", ""):
            if wrong not in field["values"]:
                query = {**plain, parameter: {name: wrong}}
                await refuse(context, operation, query, "filter/unknown-value", codes, (parameter, f"{parameter}[{name}]", name))
    for wrong in ("nosuchfield", next(iter(spec["fields"])).upper()):
        if wrong not in spec["fields"]:
            query = {**plain, parameter: {wrong: "anything"}}
            await refuse(context, operation, query, "filter/unknown-field", codes, (parameter, f"{parameter}[{wrong}]", wrong))


def _counted(spec: Mapping[str, Any], name: str) -> list[str]:
    field = spec["fields"][name]
    found: Any = field.get("partitions") or field.get("narrows") or ()
    return [] if found == "items" else [str(pointer) for pointer in found]


def _number(exchange: Exchange, pointer: str) -> float:
    value = at(exchange.answer.json, pointer)
    return value if isinstance(value, int | float) else 0


def _described(chosen: Mapping[str, str]) -> str:
    return " and ".join(f"{name} is {value}" for name, value in chosen.items()) or "nothing is filtered"
