"""Filters: what narrows an answer, and by how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from assay_contracts import Contract

from assay_conformance.body_values import items_at, number_at
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.checks.pagination import expect_refusal, identities
from assay_conformance.evidence import Evidence, Exchange, ListPair, ListPartition, NumberPair, NumberPartition, Refusal, Walk
from assay_conformance.exchange_views import annotation, succeeded, success_of, summarize


@check("FIL-001", kills={"a-filter-is-ignored", "a-second-filter-is-ignored"})
def a_filtered_list_holds_only_what_was_asked_for(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The named member of each item has the value that was asked for."""
    spec = annotation(contract, subject, "x-filter")
    if "items" not in spec:
        return
    requested = _requested_fields(exchange, spec)
    items = items_at(succeeded(exchange), spec["items"])
    if not requested or not items:
        raise NotReached("no filtered list had items")
    for name, value in requested.items():
        member = spec["fields"].get(name, {}).get("selects")
        if member is not None:
            others = [item.get(member) for item in items if item.get(member) != value]
            expect(others[:3], equals=[], about=f"other values of {member} where {value} was asked for")


@check("FIL-002", kills={"a-value-is-counted-with-another", "a-filter-is-ignored"})
def the_values_of_a_filter_are_the_whole(evidence: Evidence, contract: Contract, subject: str) -> None:
    """For each partitioning field, its values together list each item, or add up to each number, once."""
    spec = annotation(contract, subject, "x-filter")
    fields = [name for name, field in spec["fields"].items() if "partitions" in field]
    reached = {
        part.field
        for part in evidence.of(ListPartition)
        if part.subject == subject and part.field in fields and _lists_add_up(part, contract, subject)
    } | {
        part.field
        for part in evidence.of(NumberPartition)
        if part.subject == subject and part.field in fields and _numbers_add_up(part, spec)
    }
    missing = [name for name in fields if name not in reached]
    if missing or not fields:
        raise NotReached(f"no facts with two values of {', '.join(missing)}")


@check("FIL-003", kills={"an-unknown-filter-value-is-ignored", "an-unknown-filter-field-is-ignored"})
def an_unknown_filter_is_refused(refusal: Refusal, contract: Contract, subject: str) -> None:
    """A value or a field that the contract does not name is refused with its code."""
    expect_refusal(refusal, contract, "filter/")


@check("FIL-004", kills={"a-second-filter-is-ignored", "two-filters-give-what-either-allows"})
def two_filters_give_what_both_allow(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A list holds what stands in both lists; a number is at most either, and over the values of one field adds up to the other alone."""
    spec = annotation(contract, subject, "x-filter")
    if len(spec["fields"]) < 2:
        return
    reached = 0
    for pair in evidence.of(ListPair):
        if pair.subject == subject:
            reached += _lists_intersect(pair, contract, subject)
    for numbers in evidence.of(NumberPair):
        if numbers.subject == subject:
            _numbers_intersect(numbers, spec)
    for part in evidence.of(NumberPartition):
        if part.subject == subject and part.within is not None and "partitions" in spec["fields"][part.field]:
            reached += _numbers_add_up(part, spec, one_is_enough=True)
    if not reached:
        raise NotReached("no facts that two filters select")


@check("FIL-005", kills={"a-filter-raises-a-number", "the-filter-of-one-field-is-ignored"})
def a_filter_never_raises_a_number(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A filtered list is no longer, and a filtered number no larger, than without the filter; nor are all values of one field together."""
    spec = annotation(contract, subject, "x-filter")
    reached = 0
    for lists in evidence.of(ListPartition):
        if lists.subject == subject:
            length = _length(lists.whole, contract, subject)
            listed = sum(_length(walk, contract, subject) for walk in lists.parts)
            expect(listed, at_most=length, about=f"items of all values of {lists.field}")
            reached += length > 0
    for part in evidence.of(NumberPartition):
        if part.subject != subject:
            continue
        for pointer in _pointers(spec, part.field):
            whole = _number(part.whole, pointer)
            values = [_number(item, pointer) for item in part.parts]
            for value in values:
                expect(value, at_most=whole, about=f"{pointer} with one value of {part.field}")
            expect(sum(values), at_most=whole, about=f"{pointer} over all values of {part.field}: a fact has one")
            reached += whole > 0
    if not reached:
        raise NotReached("nothing was there to be narrowed")


@check("FIL-006", kills={"a-value-is-counted-with-another"})
def a_filtered_list_has_every_item_with_the_value(part: ListPartition, contract: Contract, subject: str) -> None:
    """Each item of the unfiltered list stands in the list that is filtered by its own value."""
    spec, pages = annotation(contract, subject, "x-filter"), annotation(contract, subject, "x-pagination")
    selects = spec["fields"][part.field].get("selects")
    if selects is None:
        raise NotConcerned
    parts = {dict(walk.filter).get(part.field): set(identities(walk, pages)) for walk in part.parts if walk.complete}
    reached = False
    for page in part.whole.pages:
        for item in items_at(success_of(page), spec["items"]) or ():
            filtered = parts.get(item.get(selects))
            if filtered is not None:
                reached = True
                if item.get(pages["identity"]) not in filtered:
                    about = f"the list filtered by {part.field} {brief(item.get(selects))}"
                    raise Violation(f"the item {brief(item.get(pages['identity']))}", "a list without it", about)
    if not reached:
        raise NotReached("no item had a value that was filtered by")


def _lists_add_up(part: ListPartition, contract: Contract, subject: str) -> bool:
    spec = annotation(contract, subject, "x-pagination")
    whole = identities(part.whole, spec)
    parts = [identities(walk, spec) for walk in part.parts]
    counted = Counter(name for names in parts for name in names)
    twice = [name for name, number in counted.items() if number > 1]
    expect(twice[:3], equals=[], about=f"items that two values of {part.field} list")
    known = set(whole)
    expect([name for name in whole if name not in counted][:3], equals=[], about=f"items that no value of {part.field} lists")
    expect([name for name in counted if name not in known][:3], equals=[], about=f"items that are in no list without {part.field}")
    return sum(1 for names in parts if names) > 1


def _numbers_add_up(part: NumberPartition, spec: Mapping[str, Any], *, one_is_enough: bool = False) -> bool:
    reached = False
    pointers = spec["fields"][part.field].get("partitions", ())
    for pointer in pointers if pointers != "items" else ():
        values = [_number(item, pointer) for item in part.parts]
        expect(round(sum(values), 6), equals=round(_number(part.whole, pointer), 6), about=f"{pointer} over all values of {part.field}")
        reached = reached or sum(1 for value in values if value > 0) > (0 if one_is_enough else 1)
    return reached


def _lists_intersect(pair: ListPair, contract: Contract, subject: str) -> bool:
    spec = annotation(contract, subject, "x-pagination")
    first, second, both = (identities(walk, spec) for walk in (pair.first, pair.second, pair.both))
    common = set(first) & set(second)
    if set(both) != common:
        odd = sorted(map(str, set(both) ^ common))
        raise Violation(
            f"the {len(common)} items of both lists", f"{len(both)} items, {brief(odd[:3])} being in one of the two", pair.purpose
        )
    return bool(common) and len(common) < len(first)


def _numbers_intersect(pair: NumberPair, spec: Mapping[str, Any]) -> None:
    for name in spec["fields"]:
        for pointer in _pointers(spec, name):
            expect(
                _number(pair.both, pointer),
                at_most=min(_number(pair.first, pointer), _number(pair.second, pointer)),
                about=f"{pointer} under {pair.purpose}",
            )


def _pointers(spec: Mapping[str, Any], name: str) -> list[str]:
    field = spec["fields"][name]
    partitions = field.get("partitions", [])
    return [*field.get("narrows", ()), *(partitions if partitions != "items" else ())]


def _number(exchange: Exchange, pointer: str) -> int | float:
    value = number_at(success_of(exchange).json, pointer)
    if value is None:
        raise Violation(f"a number at {pointer}", summarize(exchange), exchange.purpose)
    return value


def _length(walk: Walk, contract: Contract, subject: str) -> int:
    return len(identities(walk, annotation(contract, subject, "x-pagination")))


def _requested_fields(exchange: Exchange, spec: Mapping[str, Any]) -> dict[str, str]:
    start = spec["parameter"] + "["
    return {name[len(start) : -1]: value for name, value in exchange.request.query if name.startswith(start) and name.endswith("]")}
