"""JSON Pointer (RFC 6901): escape, split, join and follow; and `*` for every item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from assay_contracts.json_types import is_list, is_mapping

MISSING: Any = object()
"""What a pointer leads to when there is nothing: compare with `is`."""


def escape(key: str) -> str:
    """Write one key as a token of a pointer.

    >>> escape("/a~b")
    '~1a~0b'
    """
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def unescape(token: str) -> str:
    """Read one token of a pointer as the key it stands for.

    >>> unescape("~01")
    '~1'
    """
    return token.replace("~1", "/").replace("~0", "~") if "~" in token else token


def split(pointer: str) -> tuple[str, ...]:
    """Split a pointer into its keys; `split(join(*keys)) == keys` for all keys.

    A pointer in the form of a URI fragment starts with `#`, and its percent escapes are undone.

    >>> split("/paths/~1orders/get"), split("#/a%20b"), split(""), split("/")
    (('paths', '/orders', 'get'), ('a b',), (), ('',))
    """
    if pointer.startswith("#"):
        pointer = unquote(pointer[1:])
    if not pointer:
        return ()
    return tuple(unescape(token) for token in pointer.removeprefix("/").split("/"))


def join(*keys: str | int) -> str:
    """Write keys as a pointer.

    >>> join("paths", "/orders", 0), join()
    ('/paths/~1orders/0', '')
    """
    return "".join(f"/{escape(str(key))}" for key in keys)


def last(pointer: str) -> str:
    """The last key of a pointer; of the whole document the empty string.

    >>> last("/paths/~1orders"), last("")
    ('/orders', '')
    """
    return unescape(pointer.rpartition("/")[2])


def step(value: Any, key: str) -> Any:
    """The property of an object or the item of an array that one key names, or `MISSING`."""
    if is_mapping(value):
        return value.get(key, MISSING)
    if is_list(value) and key.isascii() and key.isdecimal() and (key == "0" or key[0] != "0"):
        index = int(key) if len(key) < 10 else len(value)
        return value[index] if index < len(value) else MISSING
    return MISSING


def follow(value: Any, pointer: str) -> Any:
    """The value that a pointer leads to, or `MISSING`.

    >>> follow({"a": [1, {"": 2}]}, "/a/1/")
    2
    """
    for key in split(pointer):
        value = step(value, key)
        if value is MISSING:
            return MISSING
    return value


def matches(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every pointer and value that a pattern leads to, in which `*` stands for each item of an array or object.

    >>> list(matches({"list": [{"x": 1}, {"x": 2}]}, "/list/*/x"))
    [('/list/0/x', 1), ('/list/1/x', 2)]
    """
    places: list[tuple[str, Any]] = [("", value)]
    for key in split(pointer):
        below: list[tuple[str, Any]] = []
        for place, here in places:
            if key == "*" and is_list(here):
                below.extend((f"{place}/{index}", item) for index, item in enumerate(here))
            elif key == "*" and is_mapping(here) and "*" not in here:
                below.extend((place + join(name), item) for name, item in here.items())
            else:
                child = step(here, key)
                if child is not MISSING:
                    below.append((place + join(key), child))
        places = below
    yield from places
