"""Pointers: RFC 6901, and `*` for every item."""

from __future__ import annotations

import doctest

import pytest
from assay_contracts import pointers
from hypothesis import given
from hypothesis import strategies as some

VALUE = {"a/b": 1, "m~n": 2, "list": [{"x": 1}, {"x": 2}, {"y": 3}], "": 4, "per cent": 5, "map": {"k": {"x": 6}}}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", VALUE),
        ("#", VALUE),
        ("/", 4),
        ("#/", 4),
        ("//", pointers.MISSING),
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


@pytest.mark.parametrize(
    ("pointer", "keys"),
    [("", ()), ("#", ()), ("/", ("",)), ("//", ("", "")), ("/a/", ("a", "")), ("/~01", ("~1",)), ("#/~1%25", ("/%",)), ("/%25", ("%25",))],
)
def test_a_pointer_is_split_into_its_keys(pointer: str, keys: tuple[str, ...]) -> None:
    """An empty token is the empty key, and only the fragment form has percent escapes."""
    assert keys == pointers.split(pointer)


@given(some.lists(some.text() | some.text("~/01%#*"), max_size=6))
def test_join_and_split_are_inverse(keys: list[str]) -> None:
    """Whatever the keys, writing and reading a pointer gives them back."""
    assert tuple(keys) == pointers.split(pointers.join(*keys))


@given(some.text() | some.text("~/01%#"))
def test_a_key_survives_its_token(key: str) -> None:
    """A token has no slash in it, and reading it gives the key back."""
    token = pointers.escape(key)

    assert ("/" in token, key) == (False, pointers.unescape(token))


@given(some.lists(some.text("~/01a"), min_size=1, max_size=5))
def test_what_is_nested_under_keys_is_reached_by_their_pointer(keys: list[str]) -> None:
    """A pointer leads through any keys to the value below them, and to nothing past it."""
    value: object = 7
    for key in reversed(keys):
        value = {key: value}
    pointer = pointers.join(*keys)

    assert (pointers.follow(value, pointer), pointers.follow(value, f"{pointer}/")) == (7, pointers.MISSING)
    assert keys[-1] == pointers.last(pointer)


def test_the_doctests_hold() -> None:
    """The examples in the docstrings give what they show."""
    assert doctest.testmod(pointers).failed == 0


def test_a_star_stands_for_every_item() -> None:
    """Items of a list and members of a mapping, with the pointer of each."""
    assert list(pointers.matches(VALUE, "/list/*/x")) == [("/list/0/x", 1), ("/list/1/x", 2)]
    assert list(pointers.matches(VALUE, "/map/*/x")) == [("/map/k/x", 6)]
