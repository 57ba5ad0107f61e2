"""Where the values of a JSON text are written.

JSON is nearly YAML, and a YAML parser would tell the places; but it refuses escaped surrogate pairs, long keys and a few
characters that JSON allows. The text has been read as JSON before, so only well-formed tokens come.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)


@dataclass(slots=True)
class _Node:
    """A value: where it starts, and what it holds by name or by position."""

    start: int
    members: dict[str, tuple[int, _Node]] = field(default_factory=dict[str, "tuple[int, _Node]"])
    items: list[_Node] = field(default_factory=list["_Node"])


class JsonPlaces:
    """The places of one text, as pairs of line and column counted from one."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._root = _parse(text)

    def find(self, keys: tuple[str, ...]) -> tuple[int, int]:
        """Where a pointer is written: its key when it has one, else the nearest place above it."""
        node, found = self._root, self._root.start
        for key in keys:
            if key in node.members:
                found, node = node.members[key]
            elif key.isdecimal() and int(key) < len(node.items):
                node = node.items[int(key)]
                found = node.start
            else:
                break
        line = bisect_right(self._starts, found)
        return line, found - self._starts[line - 1] + 1


def _parse(text: str) -> _Node:
    root = _Node(0)
    open_nodes: list[_Node] = []
    key: tuple[int, Any] | None = None
    tokens = list(_TOKEN.finditer(text))
    for number, match in enumerate(tokens):
        token, start = match.group(), match.start()
        if text[start] in "]}":
            open_nodes.pop()
        elif text[start] not in ":,":
            if token[0] == '"' and number + 1 < len(tokens) and tokens[number + 1].group() == ":":
                key = start, json.loads(token)
                continue
            node = _Node(start)
            if not open_nodes:
                root = node
            elif key is not None:
                open_nodes[-1].members[key[1]] = key[0], node
            else:
                open_nodes[-1].items.append(node)
            key = None
            if text[start] in "[{":
                open_nodes.append(node)
    return root
