"""Parts of a figure: rounded, they still add up."""

from __future__ import annotations

from decimal import Decimal

from assay_server.executive import DIMENSIONS, Part, breakdown, money
from assay_server.executive.breakdown import MOST, REST
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = st.sampled_from(["North", "South", "East", REST])
AMOUNTS = st.decimals(-(10**9), 10**9, places=5)


@settings(deadline=None)
@given(st.dictionaries(st.builds(Part, NAMES, NAMES), AMOUNTS, min_size=1))
def test_parts_add_up_to_the_stated_figure(parts: dict[Part, Decimal]) -> None:
    """In every dimension to the cent, and none is a cent from what it is."""
    total = money(sum(parts.values(), Decimal(0)))
    listed = breakdown(parts, total)

    for dimension in DIMENSIONS:
        values = {part.name: Decimal(str(part.value)) for part in listed if part.dimension == dimension}
        assert sum(values.values()) == Decimal(str(total))
        for name, value in values.items():
            exact = sum((amount for part, amount in parts.items() if getattr(part, dimension) == name), Decimal(0))
            assert abs(value - exact) < Decimal("0.01")


def test_amounts_in_cents_stay_as_they_are() -> None:
    """The largest first, ties by name."""
    parts = {Part("South", "Core"): Decimal("0.10"), Part("North", "Core"): Decimal("0.10"), Part("East", "Core"): Decimal("0.20")}

    assert [(part.name, part.value, part.share) for part in breakdown(parts, 0.40) if part.dimension == "region"] == [
        ("East", 0.2, 0.5),
        ("North", 0.1, 0.25),
        ("South", 0.1, 0.25),
    ]


def test_many_parts_are_the_largest_and_the_rest() -> None:
    """No more than the contract allows, and they still add up."""
    parts = {Part(f"region-{number:03d}", "Core"): Decimal(number) for number in range(MOST + 50)}
    total = money(sum(parts.values(), Decimal(0)))
    regions = [part for part in breakdown(parts, total) if part.dimension == "region"]

    assert len(regions) == MOST
    assert {part.name: part.value for part in regions}[REST] == sum(range(51))
    assert sum(part.value for part in regions) == total


def test_without_data_there_are_no_parts() -> None:
    """Nothing is divided by the zero total."""
    assert breakdown({}, 0.0) == []
    assert [part.share for part in breakdown({Part("North", "Core"): Decimal(0)}, 0.0)] == [0, 0]
