"""JSON pointers (RFC 6901): split, join, follow, and fan out over `*`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from assay_contracts.json_types import is_list, is_mapping

MISSING: Any = object()


def escape(token: str) -> str:
    """One token as it is written in a pointer."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def unescape(token: str) -> str:
    """One token as the key it stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def split(pointer: str) -> tuple[str, ...]:
    """The keys of a pointer; a leading `#` and percent escapes of the fragment form are undone."""
    if pointer.startswith("#"):
        pointer = unquote(pointer[1:])
    if pointer in ("", "/"):
        return ()
    return tuple(unescape(token) for token in pointer.removeprefix("/").split("/"))


def join(*tokens: str | int) -> str:
    """The pointer made of these keys."""
    return "".join(f"/{escape(str(token))}" for token in tokens)


def step(value: Any, key: str) -> Any:
    """The member of a mapping or list that one key names, or MISSING."""
    if is_mapping(value):
        return value.get(key, MISSING)
    if is_list(value) and key.isascii() and key.isdecimal() and (key == "0" or key[0] != "0"):
        index = int(key) if len(key) < 10 else len(value)
        return value[index] if index < len(value) else MISSING
    return MISSING


def follow(value: Any, pointer: str) -> Any:
    """The value a pointer leads to, or MISSING."""
    for token in split(pointer):
        value = step(value, token)
        if value is MISSING:
            return MISSING
    return value


def matches(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every place a pointer leads to, where `*` stands for each item of a list or mapping."""
    places: list[tuple[str, Any]] = [("", value)]
    for key in split(pointer):
        found: list[tuple[str, Any]] = []
        for place, here in places:
            if key == "*" and is_list(here):
                found.extend((f"{place}/{index}", item) for index, item in enumerate(here))
            elif key == "*" and is_mapping(here) and "*" not in here:
                found.extend((place + join(name), item) for name, item in here.items())
            else:
                child = step(here, key)
                if child is not MISSING:
                    found.append((place + join(key), child))
        places = found
    yield from places
