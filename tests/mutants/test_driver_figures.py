"""Figures of drivers: those come first that alone kill most a second."""

from __future__ import annotations

from assay_mutants.driver_figures import DriverFigures, summed


def test_contracts_add_up() -> None:
    """Kills are added; the longest time counts."""
    found = summed([DriverFigures("walk", 1.0, 4, 2), DriverFigures("walk", 3.0, 5, 1)])

    assert found == (DriverFigures("walk", 3.0, 9, 3),)


def test_the_order_is_by_what_a_driver_alone_kills_a_second() -> None:
    """A driver that kills much, but nothing that others miss, comes after one that kills something of its own."""
    found = summed(
        [
            DriverFigures("idle", 0.0, 0, 0),
            DriverFigures("wide", 1.0, 400, 0),
            DriverFigures("slow", 30.0, 70, 2),
            DriverFigures("own", 2.0, 9, 8),
        ]
    )

    assert [row.driver for row in found] == ["own", "slow", "wide", "idle"]
