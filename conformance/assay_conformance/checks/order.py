"""Order: how the items of a list stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from assay_contracts import Contract

from assay_conformance.body_values import instant, items_at
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check
from assay_conformance.checks.pagination import Named, earlier, expect_refusal, identities, is_shifted
from assay_conformance.evidence import Evidence, Exchange, Refusal, Walk
from assay_conformance.exchange_views import annotation, exchanges_of, operation_of, success_of


def _expect_ordered(walk: Walk, order: Mapping[str, Any], named: str) -> None:
    keys = _keys(walk.pages, order, named)
    if len(set(keys)) < 2 or len(walk.pages) < 2:
        raise NotReached("no list in this order had different values and a second page")
    _expect_in_order(keys, order["orders"][named], walk.purpose)


def _keys(pages: Iterable[Exchange], order: Mapping[str, Any], named: str) -> list[Any]:
    rule = order["orders"][named]
    return [_key(item.get(rule["by"]), rule) for page in pages for item in items_at(success_of(page), order["items"]) or ()]


def _expect_in_order(keys: list[Any], rule: Mapping[str, Any], purpose: str) -> None:
    for place, (one, two) in enumerate(pairwise(keys)):
        if one != two and (one < two) is not (rule["direction"] == "asc"):
            raise Violation(
                f"{rule['by']} {rule['direction']}ending",
                f"{brief(one)} before {brief(two)}",
                f"items {place} and {place + 1} of {purpose}",
            )


def _whole_lists(evidence: Evidence, contract: Contract, subject: str) -> Iterator[Exchange]:
    """The answers of an operation without pages that were not asked for in an order of their own."""
    operation, order = contract.operation(subject), annotation(contract, subject, "x-order")
    if "x-pagination" in operation.annotations:
        return
    for exchange in exchanges_of(evidence, subject):
        requested = exchange.request.parameter(order["parameter"]) if "parameter" in order else None
        if requested is None and exchange.answer.succeeded and items_at(exchange.answer, order["items"]) is not None:
            yield exchange


@check("ORD-001", kills={"the-order-is-reversed", "items-are-sorted-within-a-page-only", "two-neighbours-change-places"})
def items_stand_in_the_order_asked_for(walk: Walk, contract: Contract, subject: str) -> None:
    """Over all pages of the walk, each item stands where the order says."""
    order = annotation(contract, subject, "x-order")
    if is_shifted(walk, operation_of(contract, subject).annotations.get("x-pagination", {})):
        raise NotConcerned
    _expect_ordered(walk, order, walk.sort or order["default"])


@check("ORD-001", kills=())
def every_order_is_seen_over_pages(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each order was read over several pages."""
    order = annotation(contract, subject, "x-order")
    seen = {walk.sort or order["default"] for walk in evidence.of(Walk) if walk.subject == subject and len(walk.pages) > 1}
    missing = [name for name in order["orders"] if name not in seen] if "parameter" in order else []
    if missing:
        raise NotReached(f"no list of several pages was read in the order {', '.join(missing)}")


@check("ORD-001", kills={"ties-stand-differently-in-pages-of-another-size"})
def an_order_is_the_same_in_pages_of_any_size(evidence: Evidence, contract: Contract, subject: str) -> None:
    """What two walks in one order have in common stands in the same sequence in both."""
    spec, order = annotation(contract, subject, "x-pagination"), annotation(contract, subject, "x-order")
    first: dict[tuple[Any, ...], tuple[Walk, list[Any]]] = {}
    for walk in evidence.of(Walk):
        if walk.subject != subject or not walk.complete or is_shifted(walk, spec):
            continue
        names = identities(walk, spec)
        known, sequence = first.setdefault((walk.tenant, walk.filter, walk.sort or order["default"]), (walk, names))
        if known is walk:
            continue
        here, there = set(names), set(sequence)
        one, two = [name for name in sequence if name in here], [name for name in names if name in there]
        if one != two:
            place = next((place for place, pair in enumerate(zip(one, two, strict=False)) if pair[0] != pair[1]), 0)
            raise Violation(f"{brief(one[place])} at place {place}", brief(two[place] if place < len(two) else None), walk.purpose)


@check("ORD-002", kills={"the-default-order-is-reversed"})
def the_default_order_is_the_documented_one(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A list asked for without an order stands in the default one, over all its pages or, without pages, as a whole."""
    order, reached = annotation(contract, subject, "x-order"), False
    for walk in evidence.of(Walk):
        if (
            walk.subject == subject
            and walk.sort is None
            and not is_shifted(walk, operation_of(contract, subject).annotations.get("x-pagination", {}))
        ):
            keys = _keys(walk.pages, order, order["default"])
            _expect_in_order(keys, order["orders"][order["default"]], walk.purpose)
            reached = reached or (len(set(keys)) > 1 and len(walk.pages) > 1)
    for exchange in _whole_lists(evidence, contract, subject):
        keys = _keys((exchange,), order, order["default"])
        _expect_in_order(keys, order["orders"][order["default"]], exchange.purpose)
        reached = reached or len(set(keys)) > 1
    if not reached:
        raise NotReached("no list in the default order had different values and, where it has pages, a second page")


@check("ORD-003", kills={"an-unknown-order-is-ignored"})
def an_unknown_order_is_refused(refusal: Refusal, contract: Contract, subject: str) -> None:
    """An order that the contract does not name is refused with its code."""
    expect_refusal(refusal, contract, "order/")


@check("ORD-004", kills={"one-order-lacks-an-item"})
def every_order_lists_the_same_items(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A list read in one order has every item that an earlier walk in any other order gave."""
    spec, order = annotation(contract, subject, "x-pagination"), annotation(contract, subject, "x-order")
    compared: dict[str, int] = defaultdict(int)
    names = Named(spec)
    for walk in evidence.of(Walk):
        if walk.subject != subject or not walk.pages:
            continue
        named = walk.sort or order["default"]
        found: set[Any] | None = None
        for before in earlier(evidence, walk, spec):
            if (before.sort or order["default"]) != named:
                found = set(names.of(walk)) if found is None else found
                known = names.of(before)
                missing = [name for name in known if name not in found]
                if missing:
                    raise Violation(
                        f"all {len(known)} items of the order {before.sort}", f"{brief(missing[:3])} missing", f"the order {named}"
                    )
                compared[named] += bool(known)
    if not any(compared.values()):
        raise NotReached("no list with items was read in two orders")


@check("ORD-005", kills={"ties-stand-the-other-way-round"})
def ties_are_broken_as_documented(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Neighbours that are equal in an order stand as its tie-breaks have them."""
    order, reached = annotation(contract, subject, "x-order"), False
    pagination = operation_of(contract, subject).annotations.get("x-pagination", {})
    walks = [walk for walk in evidence.of(Walk) if walk.subject == subject and not is_shifted(walk, pagination)]
    lists = [(walk.sort or order["default"], walk.pages) for walk in walks]
    lists += [(order["default"], (exchange,)) for exchange in _whole_lists(evidence, contract, subject)]
    for named, pages in lists:
        rule = order["orders"].get(named, {})
        ties = rule.get("ties", ())
        items = [item for page in pages for item in items_at(success_of(page), order["items"]) or ()] if ties else []
        for one, two in pairwise(items):
            if _key(one.get(rule["by"]), rule) == _key(two.get(rule["by"]), rule):
                reached = _expect_broken(one, two, ties, named) or reached
    if not reached:
        raise NotReached("no two neighbours were equal in an order with tie-breaks")


def _expect_broken(one: Mapping[str, Any], two: Mapping[str, Any], ties: Iterable[Mapping[str, Any]], named: str) -> bool:
    """Hold two items to the first tie-break in which they differ; whether there is one."""
    for tie in ties:
        first, second = _key(one.get(tie["by"]), tie), _key(two.get(tie["by"]), tie)
        if first != second:
            if (first < second) is not (tie["direction"] == "asc"):
                raise Violation(
                    f"{tie['by']} {tie['direction']}ending", f"{brief(first)} before {brief(second)}", f"ties of the order {named}"
                )
            return True
    return False


def _key(value: Any, rule: Mapping[str, Any]) -> Any:
    if rule.get("type") == "date-time":
        moment = instant(value)
        if moment is None:
            raise Violation(f"a time at {rule['by']}", brief(value))
        return moment
    if rule.get("type") == "number":
        if not isinstance(value, int | float):
            raise Violation(f"a number at {rule['by']}", brief(value))
        return value
    if not isinstance(value, str):
        raise Violation(f"text at {rule['by']}", brief(value))
    return value
