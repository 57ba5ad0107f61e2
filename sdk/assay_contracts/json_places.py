"""Where pointers are written in a JSON text, found in one pass.

What no pointer leads into is skipped as a whole by the standard library's parser, so that a few places in megabytes cost little.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from assay_contracts import pointers

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],]')
_SPACE = re.compile(r"\s*")
# Digits stay text: Python makes no number of thousands of them.
_VALUE = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)


@dataclass(slots=True)
class _Node:
    """A step of the pointers that are looked for."""

    below: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    at: int = -1


def json_places(text: str, wanted: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Line and column, counted from 1, of each pointer: of its key where it has one, else of the item, else of what is nearest above."""
    root, remaining = _Node(at=0), set(wanted)
    for pointer in remaining:
        node = root
        for token in pointers.split(pointer):
            node = node.below.setdefault(token, _Node())
    _scan(text, root)
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    found: dict[str, tuple[int, int]] = {}
    for pointer in remaining:
        node, at = root, 0
        for token in pointers.split(pointer):
            node = node.below[token]
            if node.at < 0:
                break
            at = node.at
        line = bisect_right(starts, at)
        found[pointer] = line, at - starts[line - 1] + 1
    return found


def _scan(text: str, root: _Node) -> None:
    """Note where each step stands."""
    holders: list[tuple[_Node, bool, int]] = []
    node: _Node | None = None
    pending: _Node | None = root
    keyed, index, position = False, 0, 0
    while (found := _TOKEN.search(text, position)) is not None:
        position, mark = found.end(), text[found.start()]
        if mark == '"':
            if keyed and node is not None:
                raw = found.group()
                pending = node.below.get(json.loads(raw) if "\\" in raw else raw[1:-1])
                if pending is not None:
                    pending.at = found.start()
                keyed = False
        elif mark in "{[":
            if pending is None or not pending.below:
                position = _after(text, found.start())
                pending = None
                continue
            if node is not None:
                holders.append((node, keyed, index))
            node, keyed, index = pending, mark == "{", 0 if mark == "[" else -1
            pending = None if keyed else _item(text, position, node, 0)
        elif mark == ",":
            if node is not None and index >= 0:
                index += 1
                pending = _item(text, position, node, index)
            else:
                keyed, pending = True, None
        elif not holders:
            return
        else:
            node, keyed, index = holders.pop()
            pending = None


def _item(text: str, position: int, node: _Node, index: int) -> _Node | None:
    """The step to an item of a list, its place noted."""
    item = node.below.get(str(index))
    space = _SPACE.match(text, position)
    if item is not None and space is not None and text[space.end() : space.end() + 1] != "]":
        item.at = space.end()
    return item


def _after(text: str, start: int) -> int:
    """Where the value ends that opens here."""
    return _VALUE.raw_decode(text, start)[1]
