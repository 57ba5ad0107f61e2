"""Each package of the data layer has one door, in order."""

from __future__ import annotations

import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "faults",
        "feed",
        "operations",
        "postgres",
        "reliability.routes",
        "reliability.sample",
        "reliability.store",
        "rollups",
        "executive",
        "executive.store",
    ],
)
def test_a_door_names_what_it_offers(name: str) -> None:
    """Everything in `__all__` exists, once, sorted."""
    door = importlib.import_module(f"assay_server.{name}")

    assert len(set(door.__all__)) == len(door.__all__)
    assert sorted(door.__all__, key=lambda word: (word[0].islower(), not word.isupper(), word)) == door.__all__
    assert all(hasattr(door, word) for word in door.__all__)
