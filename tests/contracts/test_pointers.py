"""Pointers: RFC 6901, and `*` for every item."""

from __future__ import annotations

import pytest
from assay_contracts import pointers

VALUE = {"a/b": 1, "m~n": 2, "list": [{"x": 1}, {"x": 2}, {"y": 3}], "": 4, "per cent": 5, "map": {"k": {"x": 6}}}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", VALUE),
        ("/a~1b", 1),
        ("#/a~1b", 1),
        ("/m~0n", 2),
        ("#/per%20cent", 5),
        ("#/a%2Fb", pointers.MISSING),
        ("/list/1/x", 2),
        ("/list/01/x", pointers.MISSING),
        ("/list/-", pointers.MISSING),
        ("/list/99999999999999999999", pointers.MISSING),
        ("/a~1b/c", pointers.MISSING),
    ],
)
def test_a_pointer_leads_to_its_value(pointer: str, value: object) -> None:
    """Escapes are undone, indices are plain numbers, and what is not there is missing."""
    assert value == pointers.follow(VALUE, pointer)


def test_join_and_split_are_inverse() -> None:
    """Whatever the keys, writing and reading a pointer gives them back."""
    keys = ("paths", "/a/{b}", "x~y", "0")

    assert keys == pointers.split(pointers.join(*keys))


def test_a_star_stands_for_every_item() -> None:
    """Items of a list and members of a mapping, with the pointer of each."""
    assert list(pointers.matches(VALUE, "/list/*/x")) == [("/list/0/x", 1), ("/list/1/x", 2)]
    assert list(pointers.matches(VALUE, "/map/*/x")) == [("/map/k/x", 6)]
