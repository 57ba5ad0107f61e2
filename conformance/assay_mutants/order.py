"""Wrong in the order of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, pointers

from assay_mutants.answering import careless, code_of, keep_success, spec_of
from assay_mutants.edits import edited
from assay_mutants.model import State, http_mutant


def _order(exchange: Exchange, contract: Contract) -> tuple[Mapping[str, Any] | None, str | None]:
    """The annotation where the answer is a list, and the order that was asked for."""
    spec = spec_of(exchange, contract, "x-order")
    if spec is None or exchange.answer.status != 200 or not isinstance(pointers.follow(exchange.answer.json, spec["items"]), list):
        return None, None
    return spec, exchange.request.parameter(spec["parameter"]) if "parameter" in spec else None


def _rearranged(exchange: Exchange, spec: Mapping[str, Any], change: Callable[[list[Any]], list[Any]]) -> Response:
    return edited(exchange.answer, spec["items"], change)


@http_mutant(breaks={"ORD-001"})
def the_order_is_reversed(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Each page is turned round where an order was asked for."""
    spec, requested = _order(exchange, contract)
    return exchange.answer if spec is None or requested is None else _rearranged(exchange, spec, lambda seen: seen[::-1])


@http_mutant(breaks={"ORD-001"})
def items_are_sorted_within_a_page_only(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Pages are cut before they are sorted: an item of each page stands on the one after it."""
    spec, _ = _order(exchange, contract)
    paging = spec_of(exchange, contract, "x-pagination")
    if spec is None or paging is None or paging["style"] != "cursor":
        return exchange.answer
    items = pointers.follow(exchange.answer.json, spec["items"])
    following = pointers.follow(exchange.answer.json, paging["cursor"]["next"])
    kept = state.get(exchange.request.parameter(paging["cursor"]["parameter"]))
    if isinstance(following, str) and items:
        state[following] = items[0]
    return exchange.answer if kept is None or not items else _rearranged(exchange, spec, lambda seen: [*seen[:-1], kept])


@http_mutant(breaks={"ORD-001"})
def two_neighbours_change_places(exchange: Exchange, contract: Contract, state: State) -> Response:
    """On each page the first two neighbours of different rank change places."""
    spec, requested = _order(exchange, contract)
    if spec is None:
        return exchange.answer
    member = spec["orders"][requested if requested in spec["orders"] else spec["default"]]["by"]

    def swap(seen: list[Any]) -> list[Any]:
        for place in range(len(seen) - 1):
            if seen[place].get(member) != seen[place + 1].get(member):
                return [*seen[:place], seen[place + 1], seen[place], *seen[place + 2 :]]
        return seen

    return _rearranged(exchange, spec, swap)


@http_mutant(breaks={"ORD-001"})
def ties_stand_differently_in_pages_of_another_size(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Items of one rank are turned round on the largest pages."""
    spec, requested = _order(exchange, contract)
    paging = spec_of(exchange, contract, "x-pagination")
    if spec is None or paging is None or exchange.request.parameter(paging["size"]["parameter"]) != str(paging["size"]["maximum"]):
        return exchange.answer
    rule = spec["orders"][requested if requested in spec["orders"] else spec["default"]]
    return _rearranged(
        exchange,
        spec,
        lambda seen: _sorted_backwards(seen, rule),
    )


@http_mutant(breaks={"ORD-005"})
def ties_stand_the_other_way_round(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Items of one rank are turned round on every page."""
    spec, requested = _order(exchange, contract)
    rule: Mapping[str, Any] = (
        dict[str, Any]() if spec is None else spec["orders"][requested if requested in spec["orders"] else spec["default"]]
    )
    if spec is None or "ties" not in rule:
        return exchange.answer

    def turned(seen: list[Any]) -> list[Any]:
        groups = [list(group) for _, group in groupby(seen, key=lambda item: item.get(rule["by"]))]
        return [item for group in groups for item in reversed(group)]

    return _rearranged(exchange, spec, turned)


@http_mutant(breaks={"ORD-002"})
def the_default_order_is_reversed(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Each page is turned round where no order was asked for."""
    spec, requested = _order(exchange, contract)
    return exchange.answer if spec is None or requested is not None else _rearranged(exchange, spec, lambda seen: seen[::-1])


@http_mutant(breaks={"ORD-003"})
def an_unknown_order_is_ignored(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An order that is not known is left aside."""
    keep_success(exchange, contract, state)
    spec = spec_of(exchange, contract, "x-order")
    if spec is None or code_of(exchange, contract) != spec.get("invalid"):
        return exchange.answer
    return careless(exchange, contract, state)


@http_mutant(breaks={"ORD-004"})
def one_order_lacks_an_item(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An index that is not complete: the last order lists everything but one item."""
    spec, requested = _order(exchange, contract)
    if spec is None or requested != list(spec["orders"])[-1]:
        return exchange.answer
    items = pointers.follow(exchange.answer.json, spec["items"])
    if items:
        state.setdefault("missing", items[0])
    return _rearranged(exchange, spec, lambda seen: [item for item in seen if item != state.get("missing")])


def _sorted_backwards(seen: list[Any], rule: Mapping[str, Any]) -> list[Any]:
    """The items in their order, with those of one rank turned round."""
    turned = seen[::-1]
    return sorted(turned, key=lambda item: str(item.get(rule["by"])), reverse=rule["direction"] == "desc")
