"""What a JSON body says at a pointer, read so that a missing or foreign value is a value too and never an exception."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import MISSING

from assay_conformance.evidence import Response

SECONDS = {"W": 604_800, "D": 86_400, "H": 3600, "M": 60, "S": 1}
"""The seconds of each unit of an ISO 8601 duration."""
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@lru_cache(maxsize=512)
def _keys(pointer: str) -> tuple[str, ...]:
    return pointers.split(pointer)


def at(value: Any, pointer: str | None) -> Any:
    """The value that a pointer leads to, or MISSING."""
    if pointer is None:
        return MISSING
    for key in _keys(pointer):
        value = pointers.step(value, key)
        if value is MISSING:
            return MISSING
    return value


def spread(value: Any, pointer: str) -> list[tuple[tuple[int, ...], Any]]:
    """Every value that a pointer leads to, each with the indexes for which `*` stood."""
    found: list[tuple[tuple[int, ...], Any]] = [((), value)]
    for key in _keys(pointer):
        if key == "*":
            found = [((*where, index), item) for where, here in found if is_list(here) for index, item in enumerate(here)]
        else:
            found = [(where, below) for where, here in found if (below := pointers.step(here, key)) is not MISSING]
    return found


def at_indexes(value: Any, pointer: str, indexes: tuple[int, ...]) -> Any:
    """The value that a pointer leads to with these indexes for its `*`, or MISSING."""
    number = 0
    for key in _keys(pointer):
        if key == "*" and number < len(indexes):
            value = value[indexes[number]] if is_list(value) and indexes[number] < len(value) else MISSING
            number += 1
        else:
            value = pointers.step(value, key)
        if value is MISSING:
            break
    return value


def shown(value: Any) -> Any:
    """A value as a finding shows it."""
    return "nothing" if value is MISSING else value


def items_at(answer: Response, pointer: str) -> list[dict[str, Any]] | None:
    """The objects of the list at a pointer; None where there is no such list."""
    found = at(answer.json, pointer)
    if not is_list(found) or not all(type(item) is dict for item in found):
        return None
    return found


def number_at(value: Any, pointer: str) -> int | float | None:
    """The number at a pointer; None where there is none."""
    found = at(value, pointer)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def numbers_at(answer: Response, targets: Iterable[str]) -> dict[str, int | float]:
    """The numbers of an answer by their pointers, those that are there."""
    found = {pointer: number_at(answer.json, pointer) for pointer in targets}
    return {pointer: value for pointer, value in found.items() if value is not None}


def instant(value: Any) -> int | None:
    """Microseconds since 1970 of an RFC 3339 time or of Unix seconds; None when it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value * 1_000_000
    if not isinstance(value, str):
        return None
    return _instant(value)


@lru_cache(maxsize=65536)
def _instant(text: str) -> int | None:
    if text.isdecimal() and text.isascii():
        return int(text) * 1_000_000
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def written(moment: int, kind: str) -> str:
    """An instant as a window parameter has it: RFC 3339 in UTC, or Unix seconds."""
    if kind == "unix-seconds":
        return str(moment // 1_000_000)
    time = EPOCH + dt.timedelta(microseconds=moment)
    text = time.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{time.microsecond:06d}Z" if time.microsecond else f"{text}Z"


@lru_cache(maxsize=64)
def duration(text: str) -> int:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds in microseconds.

    >>> duration("P1DT2M"), duration("PT0.25S")
    (86520000000, 250000)
    """
    parts = re.findall(r"([0-9]+(?:[.][0-9]+)?)([WDHMS])", text)
    return sum(round(Decimal(number) * SECONDS[unit] * 1_000_000) for number, unit in parts)


def without(value: Any, dropped: Iterable[str]) -> Any:
    """A copy of a JSON value without the members at these pointers."""
    for pointer in dropped:
        value = _without(value, _keys(pointer))
    return value


def _without(value: Any, keys: tuple[str, ...]) -> Any:
    if not keys:
        return value
    key, *rest = keys
    if is_list(value):
        return [_without(item, tuple(rest)) if key in ("*", str(index)) else item for index, item in enumerate(value)]
    if not is_mapping(value):
        return value
    if not rest:
        return {name: item for name, item in value.items() if name != key}
    return {name: _without(item, tuple(rest)) if name == key else item for name, item in value.items()}


def differing(one: Any, two: Any, place: str = "") -> tuple[str, ...]:
    """The pointers of the members in which two JSON values differ, as deep as both have them."""
    if is_mapping(one) and is_mapping(two):
        return tuple(
            found
            for name in {**one, **two}
            for found in differing(one.get(name, MISSING), two.get(name, MISSING), place + pointers.join(name))
        )
    if is_list(one) and is_list(two) and len(one) == len(two):
        return tuple(
            found for index, pair in enumerate(zip(one, two, strict=True)) for found in differing(*pair, place + pointers.join(index))
        )
    return () if one == two else (place,)
