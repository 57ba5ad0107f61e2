"""The driver of orders: one list read in each of its orders, and in orders that it does not have."""

from __future__ import annotations

from typing import Any

from assay_conformance.drivers.order import drive
from assay_conformance.evidence import Evidence, Refusal, Walk

from .harbour import contract_of, evidence_of, operation
from .ships import LIST_PARAMETERS, ORDER, PAGES, SHIPS, list_ships


def driven(order: dict[str, Any] = ORDER, **annotations: Any) -> Evidence:
    """What the driver records of the ships."""
    ships = operation("listShips", LIST_PARAMETERS, x_order=order, **({"x_pagination": PAGES} | annotations))
    return evidence_of(drive, contract_of({"/ships": {"get": ships}}), list_ships)


def names(walk: Walk) -> list[str]:
    """The ships of a walk, page by page."""
    return [ship["name"] for page in walk.pages for ship in page.answer.json["ships"]]


def test_every_order_is_walked_in_the_largest_pages_and_in_small_ones() -> None:
    """The default order is one without the parameter."""
    walks = driven().of(Walk)

    assert {(walk.sort, walk.size) for walk in walks} == {(sort, size) for sort in (None, "up", "down") for size in (2, 10)}
    assert all(page.request.parameter("sort") == walk.sort for walk in walks for page in walk.pages)


def test_a_walk_has_the_whole_list_over_several_pages() -> None:
    """An order can be wrong where two pages meet."""
    walks = driven().of(Walk)

    assert {tuple(names(walk)[:: -1 if walk.sort == "down" else 1]) for walk in walks} == {tuple(str(ship["name"]) for ship in SHIPS)}
    assert min(len(walk.pages) for walk in walks) > 1


def test_orders_that_the_contract_does_not_have_are_broken_with_its_code() -> None:
    """None of those sent is an order after all."""
    wrong = driven().of(Refusal)

    assert {(item.rule, item.codes, item.fields) for item in wrong} == {("order/unknown", ("BAD_SORT",), ("sort",))}
    assert {item.exchange.request.parameter("sort") for item in wrong} == {"no-such-member:asc", "UP", "up,up", "upx"}


def test_without_a_parameter_there_is_the_default_order_alone() -> None:
    """Nothing can be asked for, so nothing can be asked for wrongly."""
    evidence = driven({name: value for name, value in ORDER.items() if name != "parameter"})

    assert {walk.sort for walk in evidence.of(Walk)} == {None}
    assert evidence.of(Refusal) == ()


def test_a_list_without_pages_is_left_in_peace() -> None:
    """The driver walks pages; what has none is not walked."""
    bare = contract_of({"/ships": {"get": operation("listShips", LIST_PARAMETERS, x_order=ORDER)}})

    assert evidence_of(drive, bare, list_ships).records == ()
