"""Between which numbers a percentile must lie when some of its values are unknown."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from assay_conformance.percentile_terms import Source, Stated, bounds, sources_of, stated_percentiles
from hypothesis import given
from hypothesis import strategies as st

VALUE = st.integers(-1000, 1000)


def exact(rule: dict[str, Any], values: list[int]) -> float:
    """The percentile by its definition, written another way than in the kit."""
    ordered = sorted(values)
    if rule["definition"] == "nearest-rank":
        share: int = rule["rank"]
        return next(value for place, value in enumerate(ordered, start=1) if place * 100 >= share * len(ordered))
    if len(ordered) == 1:
        return ordered[0]
    hundredths: list[float] = statistics.quantiles(ordered, n=100, method="inclusive")
    place: int = rule["rank"]
    return hundredths[place - 1]


@pytest.mark.parametrize("definition", ["nearest-rank", "linear"])
@given(st.lists(VALUE, max_size=40), st.lists(VALUE, min_size=1, max_size=40), st.sampled_from([1, 25, 50, 90, 95, 99]))
def test_the_true_percentile_is_never_outside(definition: str, unknown: list[int], known: list[int], rank: int) -> None:
    """Whatever the unknown values are."""
    rule = {"at": "/p", "rank": rank, "definition": definition}
    before = Stated({}, len(unknown), exact(rule, unknown) if unknown else None)

    low, high = bounds(rule, before, known)

    assert low - 1e-6 <= exact(rule, [*unknown, *known]) <= high + 1e-6
    assert unknown or low == high


def test_nothing_known_of_the_values_before_bounds_nothing() -> None:
    """A percentile that is not stated could be anything."""
    rule = {"at": "/p", "rank": 95, "definition": "nearest-rank"}

    assert bounds(rule, Stated({}, 40, None), [5]) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("source", "item", "body", "expected"),
    [
        (Source("log", "/v"), {}, {"v": 3}, [3]),
        (Source("log", "/v"), {}, {"v": True}, []),
        (Source("log", "/m/{name}"), {"name": "a/b"}, {"m": {"a/b": 3, "c": 4}}, [3]),
        (Source("log", "/m/{name}"), {}, {"m": {"a": 3}}, []),
        (
            Source("log", "/list/*/v", (("kind", "/list/*/k"),)),
            {"kind": "x"},
            {"list": [{"v": 1, "k": "x"}, {"v": 2, "k": "y"}, {"v": 3, "k": "x"}]},
            [1, 3],
        ),
        (Source("log", "/list/*/v", (("shop", "/shop"),)), {"shop": "s"}, {"shop": "s", "list": [{"v": 1}]}, [1]),
        (Source("log", "/v", (("shop", "/shop"),)), {}, {"v": 1}, [1]),
    ],
)
def test_a_body_carries_the_values_of_an_item(source: Source, item: dict[str, Any], body: Any, expected: list[float]) -> None:
    """Its own by its properties; a `*` in both pointers stands for the same item."""
    assert source.values(item, body) == expected


def test_one_source_and_several_are_written_alike() -> None:
    """A single one needs no list."""
    one = {"operation": "log", "at": "/v"}

    assert sources_of({"values": one}) == sources_of({"values": [one]}) == (Source("log", "/v"),)
    assert sources_of({}) == ()


def test_percentiles_are_known_by_the_properties_that_choose_their_values() -> None:
    """Their order in the response is nothing; one without a count states none."""
    rule = {"at": "/gates/*/p", "count": "/gates/*/n", "values": {"operation": "log", "at": "/{name}"}}
    body = {"gates": [{"name": "a", "n": 2, "p": 1}, {"name": "b", "n": "many"}]}

    found = stated_percentiles(rule, body)

    assert {key: (item.count, item.value if "p" in item.item else None) for key, item in found.items()} == {
        ("a",): (2, 1),
        ("b",): (None, None),
    }
