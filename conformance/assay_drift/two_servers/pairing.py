"""Three answers laid side by side: of the first server, of the second, and of the first again.

What differs between the first server's own two answers moves: a number of the second then only has to lie between them. What the first
server has both times and the second has not is missing; what neither of its answers has is extra.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assay_conformance.body_values import instant
from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_drift.two_servers.alignment import Alignment

_GONE: Any = object()
_NAMES = ("id", "key", "code", "name", "start", "from", "at", "date", "day", "hour")
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing that was compared: `number` and `time` by distance, `text` and `type` by equality, `missing` and `extra` by presence.

    `low` and `high` are the first server's two values in order; for what is no number they and `value` are None, and `same` tells.
    """

    pointer: str
    kind: str
    low: float | None = None
    high: float | None = None
    value: float | None = None
    same: bool = True
    moving: bool = False

    @property
    def reference(self) -> float:
        """The value between the first server's two that is nearest to the second's."""
        assert self.low is not None
        assert self.high is not None
        assert self.value is not None
        return min(max(self.value, self.low), self.high)


def pairs(alignment: Alignment, first: Any, second: Any, again: Any, pointer: str = "") -> Iterator[Pair]:
    """Everything in which two servers can be compared, by pointer."""
    if pointer in alignment.ignored:
        return
    if all(is_mapping(value) for value in (first, second, again)):
        yield from _members(alignment, first, second, again, pointer)
    elif all(is_list(value) for value in (first, second, again)):
        yield from _items(alignment, first, second, again, pointer)
    elif _is_number(first) and _is_number(second) and _is_number(again):
        yield Pair(pointer, "number", min(first, again), max(first, again), second, moving=first != again)
    elif (times := [_moment(value) for value in (first, second, again)]) and None not in times:
        one, two, three = (time or 0.0 for time in times)
        yield Pair(pointer, "time", min(one, three), max(one, three), two, moving=one != three)
    else:
        moving = first != again
        kind = "text" if type(first) is type(second) else "type"
        yield Pair(pointer, kind, same=moving or (kind == "text" and second == first), moving=moving)


def _members(alignment: Alignment, first: Any, second: Any, again: Any, pointer: str) -> Iterator[Pair]:
    for name in dict.fromkeys((*first, *second, *again)):
        place = pointer + pointers.join(name)
        yield from _present(alignment, [value.get(name, _GONE) for value in (first, second, again)], place, "member")


def _present(alignment: Alignment, values: list[Any], place: str, what: str, *, lenient: bool = False) -> Iterator[Pair]:
    """One member or item that at least one of the three answers has."""
    there = [value is not _GONE for value in values]
    if place in alignment.ignored:
        return
    if all(there):
        yield from pairs(alignment, values[0], values[1], values[2], place)
    elif there[0] != there[2]:
        yield Pair(place, f"missing {what}" if not there[1] else f"extra {what}", moving=True)
    elif not lenient:
        yield Pair(place, f"extra {what}" if there[1] else f"missing {what}", same=False)


def _items(alignment: Alignment, first: list[Any], second: list[Any], again: list[Any], pointer: str) -> Iterator[Pair]:
    below = f"{pointer}/*"
    identity = alignment.identities.get(pointer) or _identity(first, second, again)
    if identity is None:
        if not len(first) == len(second) == len(again):
            yield Pair(
                f"{pointer}/length",
                "number",
                min(len(first), len(again)),
                max(len(first), len(again)),
                len(second),
                moving=len(first) != len(again),
            )
        for values in zip(first, second, again, strict=False):
            yield from pairs(alignment, *values, below)
        return
    named = [_named(items, identity) for items in (first, second, again)]
    common = named[0].keys() & named[1].keys() & named[2].keys()
    behind = _behind(named, common) if common and pointer in alignment.cut else frozenset[Any]()
    for key in dict.fromkeys(key for items in named for key in items):
        yield from _present(alignment, [items.get(key, _GONE) for items in named], below, "item", lenient=key in behind)


def _behind(lists: list[dict[Any, Any]], common: set[Any]) -> frozenset[Any]:
    """What lies behind the last common item of lists that were not read to their end: it may be on a page that was not asked for."""
    found: set[Any] = set()
    for keys in (list(items) for items in lists):
        last = max((number for number, key in enumerate(keys) if key in common), default=-1)
        found |= set(keys[last + 1 :])
    return frozenset(found - common)


def _named(items: list[Any], identity: tuple[str, ...]) -> dict[Any, Any]:
    """The items of a list by what tells them apart; of several that nothing tells apart the first, the second and so on."""
    found: dict[Any, Any] = {}
    times: Counter[Any] = Counter()
    for item in items:
        key = tuple(_plain(item.get(name)) for name in identity) if is_mapping(item) else _plain(item)
        found[key, times[key]] = item
        times[key] += 1
    return found


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) or value is None else repr(value)


def _identity(*lists: list[Any]) -> tuple[str, ...] | None:
    """A member that tells the items of each list apart, where one looks like it; None when items are told apart by their place."""
    items = [item for items in lists for item in items]
    if not items or not all(is_mapping(item) for item in items):
        return None
    names = [
        name for name in items[0] if all(isinstance(item.get(name), str | int) and not isinstance(item.get(name), bool) for item in items)
    ]
    for suffix in _NAMES:
        for name in names:
            if name.lower().endswith(suffix) and all(len({item[name] for item in items}) == len(items) for items in lists):
                return (str(name),)
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _moment(value: Any) -> float | None:
    """Seconds since 1970 of a time as text."""
    if not isinstance(value, str) or len(value) < 19 or "T" not in value.upper():
        return None
    found = instant(value)
    return None if found is None else found / _MICRO
