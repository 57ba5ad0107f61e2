"""How two values, two sets of named things, or two schemas differ, one change a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.site.members import Member, read_members
from assay_contracts.site.wording import in_line, say

Status = Literal["added", "removed", "changed", "reworded"]
_WORDS = {"title", "summary", "description", "examples", "example"}
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference at one place; `before` and `after` are what is said there, where that helps."""

    status: Status
    place: str
    before: str = ""
    after: str = ""


def compare_values(place: str, was: Any, now: Any, *, wording: bool = False) -> Iterator[Change]:
    """Two JSON values, value by value; lists of plain values as what came and what went."""
    if _same(was, now):
        return
    if is_mapping(was) and is_mapping(now):
        for key in (*now, *(key for key in was if key not in now)):
            yield from compare_values(_within(place, key), was.get(key, _ABSENT), now.get(key, _ABSENT), wording=wording or key in _WORDS)
        return
    if is_list(was) and is_list(now):
        yield from _lists(place, was, now, wording=wording)
        return
    status: Status = "reworded" if wording else "added" if was is _ABSENT else "removed" if now is _ABSENT else "changed"
    yield Change(status, place or "the whole", _shown(was), _shown(now))


def compare_named(
    place: str, was: Mapping[str, Any], now: Mapping[str, Any], within: Callable[[str, Any, Any], Iterator[Change]] = compare_values
) -> Iterator[Change]:
    """Two sets of named things: what was added, removed, and changed within."""
    for name, value in now.items():
        if name not in was:
            yield Change("added", f"{place}{name}")
        else:
            yield from within(f"{place}{name}", was[name], value)
    for name in was:
        if name not in now:
            yield Change("removed", f"{place}{name}")


def compare_members(place: str, was: Any, now: Any) -> Iterator[Change]:
    """Two schemas, member by member; what lies within an added or removed member is not listed again."""
    if _same(was, now):
        return
    before, after = _by_path(was), _by_path(now)
    for one, other, status in ((after, before, "added"), (before, after, "removed")):
        gone: list[str] = []
        for (path, turn), member in one.items():
            if (path, turn) in other:
                if status == "added":
                    yield from _member(_within(place, path), other[path, turn], member)
            elif not any(path.startswith((f"{each}.", f"{each}[", f"{each}|")) for each in gone):
                gone.append(path)
                said = f"{'required ' if member.required else ''}{member.label}"
                if status == "added":
                    yield Change("added", _within(place, path), after=said)
                else:
                    yield Change("removed", _within(place, path), before=said)


def _member(place: str, was: Member, now: Member) -> Iterator[Change]:
    place = place or "the value itself"
    if was.label != now.label:
        yield Change("changed", f"{place}: type", was.label, now.label)
    if was.required != now.required:
        words = {True: "required", False: "optional"}
        yield Change("changed", place, words[was.required], words[now.required])
    yield from _facts(place, dict(was.facts), dict(now.facts))
    for what, old, new in (("title", was.title, now.title), ("description", was.description, now.description)):
        if old != new:
            yield Change("reworded", f"{place}: {what}", old, new)
    yield from compare_values(f"{place}: examples", list(was.examples), list(now.examples), wording=True)


def _facts(place: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for keyword in (*now, *(each for each in was if each not in now)):
        old, new = was.get(keyword, _ABSENT), now.get(keyword, _ABSENT)
        words = say(keyword, old if new is _ABSENT else new).words
        if _same(old, new):
            continue
        if is_list(old) and is_list(new):
            yield from _lists(f"{place}: {words}", old, new, wording=False)
        else:
            status: Status = "added" if old is _ABSENT else "removed" if new is _ABSENT else "changed"
            yield Change(status, f"{place}: {words}", _shown(old), _shown(new))


def _lists(place: str, was: list[Any], now: list[Any], *, wording: bool) -> Iterator[Change]:
    if any(is_mapping(each) or is_list(each) for each in (*was, *now)):
        for index in range(max(len(was), len(now))):
            sides = [side[index] if index < len(side) else _ABSENT for side in (was, now)]
            yield from compare_values(_within(place, str(index + 1)), *sides, wording=wording)
        return
    came = [each for each in now if not _holds(was, each)]
    went = [each for each in was if not _holds(now, each)]
    if (not came and not went) or wording:
        yield Change("reworded" if wording else "changed", place, _shown(was), _shown(now))
        return
    for each in came:
        yield Change("added", place, after=in_line(each))
    for each in went:
        yield Change("removed", place, before=in_line(each))


def _by_path(schema: Any) -> dict[tuple[str, int], Member]:
    found: dict[tuple[str, int], Member] = {}
    for member in read_members(schema):
        turn = 0
        while (member.path, turn) in found:
            turn += 1
        found[member.path, turn] = member
    return found


def _holds(values: list[Any], wanted: Any) -> bool:
    return any(_same(each, wanted) for each in values)


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON values: `1` is not `true`, though Python says so; the order of members means nothing."""
    if is_mapping(one) and is_mapping(other):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(_same, one, other))
    return one is other or (type(one) is type(other) and bool(one == other))


def _within(place: str, key: str) -> str:
    return f"{place} › {key}" if place and key else place or key


def _shown(value: Any) -> str:
    return "" if value is _ABSENT else in_line(value)
