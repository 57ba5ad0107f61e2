"""The strings that values become on the wire: every value that a model gives is one that an argument takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from typing import Any, TypeGuard
from uuid import UUID

from pydantic import AnyUrl, BaseModel, RootModel

from assay_sdk.errors import ArgumentError

_LARGEST_PLAIN = 1e15


def wire_string(argument: str, value: Any) -> str:
    """A scalar as a string; anything else raises `ArgumentError`, naming the argument."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_PLAIN:
        # `3.0` is an integer, and every number may be written without its empty fraction.
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return _timestamp(argument, value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, UUID | IPv4Address | IPv6Address | AnyUrl):
        return str(value)
    raise ArgumentError(argument, expected="a string, a number, a boolean or a time", actual=type(value).__name__)


def plain(value: Any) -> Any:
    """A model as the JSON that it stands for; any other value as it is."""
    if isinstance(value, RootModel):
        root: Any = value.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return root
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return value


def is_object(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is written as an object."""
    return isinstance(value, Mapping)


def is_listed(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a value is written as an array."""
    return isinstance(value, Sequence | Set) and not isinstance(value, str | bytes | bytearray)


def is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    """Whether a value is a tuple."""
    return isinstance(value, tuple)


def properties_of(argument: str, value: Any, names: Mapping[str, str] | None, *, extra: bool) -> dict[str, Any]:
    """An object's properties by their names on the wire, without those that are None.

    `names` maps what the caller writes to the name on the wire; with `extra`, other keys are taken as they are.
    """
    if not is_object(value):
        raise ArgumentError(argument, expected="a mapping", actual=type(value).__name__)
    known = {**{wire: wire for wire in (names or {}).values()}, **(names or {})}
    found: dict[str, Any] = {}
    for key, item in value.items():
        if names is not None and key not in known and not extra:
            raise ArgumentError(argument, expected=f"properties out of {', '.join(names)}", actual=repr(key))
        if item is not None:
            found[known.get(key, str(key))] = item
    return found


def _timestamp(argument: str, value: datetime) -> str:
    if value.tzinfo is None:
        raise ArgumentError(argument, expected="a time with its zone, such as datetime(..., tzinfo=UTC)", actual="one without")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _duration(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    seconds = f"{value.seconds}.{value.microseconds:06d}".rstrip("0") if value.microseconds else str(value.seconds)
    return f"{sign}P{value.days}DT{seconds}S" if value.days else f"{sign}PT{seconds}S"
