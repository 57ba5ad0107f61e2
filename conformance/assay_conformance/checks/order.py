"""Order: how the items of a list stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from assay_contracts import Contract

from assay_conformance.body_values import instant, items_at
from assay_conformance.check import NotReached, Violation, brief, check
from assay_conformance.checks.pagination import Named, earlier, expect_refusal, identities
from assay_conformance.evidence import Evidence, Refusal, Walk
from assay_conformance.exchange_views import annotation, success_of


def _expect_ordered(walk: Walk, order: Mapping[str, Any], named: str) -> None:
    rule = order["orders"][named]
    keys: list[Any] = []
    for page in walk.pages:
        keys.extend(_key(item.get(rule["by"]), rule) for item in items_at(success_of(page), order["items"]) or ())
    if len(set(keys)) < 2 or len(walk.pages) < 2:
        raise NotReached("no list in this order had different values and a second page")
    for place, (one, two) in enumerate(pairwise(keys)):
        if one != two and (one < two) is not (rule["direction"] == "asc"):
            raise Violation(
                f"{rule['by']} {rule['direction']}ending",
                f"{brief(one)} before {brief(two)}",
                f"items {place} and {place + 1} of {walk.purpose}",
            )


@check("ORD-001", kills={"the-order-is-reversed", "items-are-sorted-within-a-page-only", "two-neighbours-change-places"})
def items_stand_in_the_order_asked_for(walk: Walk, contract: Contract, subject: str) -> None:
    """Over all pages of the walk, each item stands where the order says."""
    order = annotation(contract, subject, "x-order")
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
        if walk.subject != subject or not walk.complete:
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
def the_default_order_is_the_documented_one(walk: Walk, contract: Contract, subject: str) -> None:
    """A list asked for without an order stands in the default one."""
    order = annotation(contract, subject, "x-order")
    if walk.sort is not None:
        raise NotReached("the list was requested in an order")
    _expect_ordered(walk, order, order["default"])


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
