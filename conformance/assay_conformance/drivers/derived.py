"""Asks other operations for the numbers that a derived number rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_values import at
from assay_conformance.derivations import Derived, Source, derived_numbers, is_local, parameters, sources_of
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Derivation, Exchange, SourcePages
from assay_conformance.request_plans import allowed_query, annotated, other_value

MOST_PAGES, MOST_NUMBERS, MOST_QUESTIONS = 100, 20, 12


async def drive(context: DriverContext) -> None:
    """Ask each operation whose numbers rest on others, then the others, then it again."""
    for operation, rules in annotated(context.contract, "x-derived"):
        await _ask_elsewhere(context, operation, rules)
        elsewhere = [place for place, rule in enumerate(rules) if not is_local(rule)]
        for query in _questions(context, operation)[:MOST_QUESTIONS] if elsewhere else ():
            answer = await context.wire.ask(operation, query, purpose="a number that rests on others", expected="accepted")
            for place in elsewhere if answer.answer.succeeded else ():
                for derived in list(derived_numbers(answer.answer.json, rules[place]))[:MOST_NUMBERS]:
                    await _derive(context, operation, query, answer, place, derived)


async def _ask_elsewhere(context: DriverContext, operation: Operation, rules: Sequence[Mapping[str, Any]]) -> None:
    """Ask about another thing than the target names where a rule speaks of zero: it may be one about which there is nothing."""
    if not any("zeroWhen" in rule or "ratio" in rule for rule in rules):
        return
    for parameter in operation.parameters:
        moved = other_value(context, operation, parameter, None) if parameter.location == "path" else None
        if moved is not None:
            path = {parameter.name: str(moved[parameter.name])}
            await context.wire.ask(operation, allowed_query(context, operation), purpose="another thing", path=path, expected="any")


async def _derive(
    context: DriverContext, operation: Operation, query: Mapping[str, Any], answer: Exchange, place: int, derived: Derived
) -> None:
    rule = operation.annotations["x-derived"][place]
    pages = [
        await _pages(context, operation, query, answer, source, parameters(source, answer.answer.json, rule, derived))
        for source in sources_of(rule)
        if source.operation is not None
    ]
    again = await context.wire.ask(operation, query, purpose="a number that rests on others, again", expected="accepted")
    context.journal.add(
        Derivation(
            id=context.journal.name("derivation-"),
            subject=operation.id,
            purpose=f"what {rule['value']} rests on",
            rule=place,
            indexes=derived.indexes,
            answer=answer,
            again=again,
            sources=tuple(pages),
        )
    )


async def _pages(
    context: DriverContext,
    operation: Operation,
    query: Mapping[str, Any],
    answer: Exchange,
    source: Source,
    stated: Mapping[str, Any],
) -> SourcePages:
    """All pages of the operation of a source, with what the rule states and otherwise as the first operation was asked."""
    other = context.contract.operation(str(source.operation))
    names = {parameter.name: parameter.location for parameter in other.parameters}
    sent: dict[str, Any] = {**allowed_query(context, other), **{name: value for name, value in query.items() if name in names}}
    sent |= _same_window(operation, other, answer)
    path = {name: str(value) for name, value in stated.items() if names.get(name) == "path"}
    sent |= {name: value for name, value in stated.items() if names.get(name) == "query"}
    paging: Mapping[str, Any] = other.annotations.get("x-pagination", {})
    if paging:
        sent[paging["size"].get("parameter", "")] = paging["size"]["maximum"]
        sent.pop("", None)
    pages: list[Exchange] = []
    complete = False
    while not complete and len(pages) < MOST_PAGES:
        page = await context.wire.ask(other, sent, purpose=f"the numbers of {source.at}", path=path, expected="accepted")
        pages.append(page)
        following = at(page.answer.json, paging["cursor"]["next"]) if "cursor" in paging else None
        complete = not isinstance(following, str) or not page.answer.succeeded
        if "cursor" in paging:
            sent[paging["cursor"]["parameter"]] = following
    return context.journal.add(
        SourcePages(
            id=context.journal.name("source-"),
            subject=other.id,
            purpose=f"the numbers of {source.at}",
            place=source.place,
            pages=tuple(pages),
            complete=complete,
        )
    )


def _same_window(operation: Operation, other: Operation, answer: Exchange) -> dict[str, Any]:
    """The window that an answer states, as the other operation takes it; nothing where one of both has none."""
    one, two = operation.annotations.get("x-window", {}), other.annotations.get("x-window", {})
    if "echo" not in one or not two or one["type"] != two["type"]:
        return {}
    stated = {two[edge]: at(answer.answer.json, one["echo"][edge]) for edge in ("from", "to")}
    rolling = {two["rolling"]["parameter"]: None} if "rolling" in two else {}
    return {**stated, **rolling} if all(isinstance(value, str | int) for value in stated.values()) else {}


def _questions(context: DriverContext, operation: Operation) -> list[dict[str, Any]]:
    """The shortest question, and one for each value of each parameter that has a list of values."""
    plain = allowed_query(context, operation)
    found = [plain]
    window = operation.annotations.get("x-window", {})
    rolling = window.get("rolling", {}).get("parameter")
    for parameter in operation.parameters:
        # A rolling window stands instead of both edges.
        edges = {window[edge]: None for edge in ("from", "to")} if parameter.name == rolling else {}
        values = parameter.schema.get("enum", ()) if parameter.location == "query" and parameter.name not in plain else ()
        found += [{**plain, **edges, parameter.name: value} for value in values]
    return found
