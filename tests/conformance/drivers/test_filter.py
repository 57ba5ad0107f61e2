"""The driver of filters: every value alone, values of two fields together, and values that do not exist."""

from __future__ import annotations

import functools

from assay_conformance.drivers.filter import drive
from assay_conformance.evidence import Evidence, Exchange, ListPair, ListPartition, NumberPair, NumberPartition, Refusal, Walk

from .harbour import Call, Reply, contract_of, evidence_of, operation
from .ships import FILTER, LIST_PARAMETERS, PAGES, SHIPS, list_ships

NUMBERS = {
    "parameter": "where",
    "fields": {"flag": {"values": ["blue", "red"], "partitions": ["/count"]}, "load": {"values": ["coal", "corn"], "narrows": ["/count"]}},
}


@functools.cache
def of_lists() -> Evidence:
    """What the driver records of the list of ships."""
    ships = operation("listShips", LIST_PARAMETERS, x_filter=FILTER, x_pagination=PAGES)
    return evidence_of(drive, contract_of({"/ships": {"get": ships}}), list_ships)


def count_ships(call: Call) -> Reply:
    """How many ships there are."""
    return Reply({"count": len(list_ships(Call(call.method, call.path, {**call.query, "limit": "99"}, call.headers)).body["ships"])})


@functools.cache
def of_numbers() -> Evidence:
    """What the driver records of the number of ships."""
    count = operation("countShips", LIST_PARAMETERS[-1:], x_filter=NUMBERS)
    return evidence_of(drive, contract_of({"/ships/count": {"get": count}}), count_ships)


def names(walk: Walk) -> set[str]:
    """The ships of a walk."""
    return {ship["name"] for page in walk.pages for ship in page.answer.json["ships"]}


def test_a_list_is_walked_for_each_value_of_each_field() -> None:
    """The parts stand in the order of the values, beside the whole list."""
    partitions = {item.field: item for item in of_lists().of(ListPartition)}

    assert {name: [dict(part.filter)[name] for part in item.parts] for name, item in partitions.items()} == {
        "flag": ["blue", "red"],
        "load": ["coal", "corn", "salt"],
    }
    assert all(names(item.whole) == {ship["name"] for ship in SHIPS} for item in partitions.values())


def test_a_filtered_list_has_a_second_page() -> None:
    """It must be filtered too."""
    assert max(len(part.pages) for item in of_lists().of(ListPartition) for part in item.parts) > 1


def test_two_filters_are_walked_alone_and_together() -> None:
    """Four pairs of values at the most, each with the walks of its two values."""
    pairs = of_lists().of(ListPair)

    assert 1 <= len(pairs) <= 4
    assert all(dict(item.both.filter) == dict(item.first.filter) | dict(item.second.filter) for item in pairs)
    assert all(names(item.both) == names(item.first) & names(item.second) for item in pairs)


def test_numbers_are_requested_for_each_value_and_within_each_other_field() -> None:
    """The exchange that is the whole of a part is the one that was recorded as that part."""
    evidence = of_numbers()
    partitions = evidence.of(NumberPartition)

    assert {(item.field, item.within) for item in partitions} == {("flag", None), ("load", None), ("flag", "load"), ("load", "flag")}
    assert all(item.whole in evidence.of(Exchange) for item in partitions)
    assert [part.request.query for part in next(item for item in partitions if item.field == "flag").parts] == [
        (("where[flag]", "blue"),),
        (("where[flag]", "red"),),
    ]


def test_two_filters_of_numbers_are_requested_alone_and_together() -> None:
    """The pair carries both parameters."""
    pairs = of_numbers().of(NumberPair)

    assert pairs
    assert all(set(item.both.request.query) == {*item.first.request.query, *item.second.request.query} for item in pairs)


def test_values_and_fields_that_do_not_exist_are_broken_with_the_code_of_the_filter() -> None:
    """In another case, with a letter more, and empty; a field in another case as well."""
    wrong = of_lists().of(Refusal)

    assert {item.codes for item in wrong} == {("BAD_WHERE",)}
    assert {item.exchange.request.query[0] for item in wrong if item.rule == "filter/unknown-value"} >= {
        ("where[flag]", "no-such-value"),
        ("where[flag]", "BLUE"),
        ("where[load]", "coalx"),
        ("where[load]", ""),
    }
    assert {item.exchange.request.query[0][0] for item in wrong if item.rule == "filter/unknown-field"} == {
        "where[nosuchfield]",
        "where[FLAG]",
    }


def test_without_a_code_for_a_wrong_filter_none_is_sent() -> None:
    """The contract does not say what becomes of it."""
    assert of_numbers().of(Refusal) == ()
