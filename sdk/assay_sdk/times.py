"""Times that are written as they were read, to the last digit, though Python's `datetime` ends at microseconds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime as _AwareDatetime
from pydantic import PlainSerializer, SerializationInfo, Strict, WrapValidator
from pydantic_core import PydanticCustomError


class ReadTime(datetime):
    """A time with the string that it was read from, where that says more than the time does."""

    wire: str


def _read(value: Any, read: Any) -> Any:
    # Read without strictness, since a string of JSON is a plain string here; numbers are no times in a contract.
    if not isinstance(value, str | datetime):
        raise PydanticCustomError("datetime_type", "Input should be a valid datetime")
    found: datetime = read(value)
    if not isinstance(value, str) or _plain(found) == value:
        return found
    kept = ReadTime(
        found.year, found.month, found.day, found.hour, found.minute, found.second, found.microsecond, found.tzinfo, fold=found.fold
    )
    kept.wire = value
    return kept


def _written(value: datetime, info: SerializationInfo) -> str | datetime:
    if not info.mode_is_json():
        return value
    return value.wire if isinstance(value, ReadTime) else _plain(value)


def _plain(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


if TYPE_CHECKING:
    AwareDatetime = datetime
else:
    AwareDatetime = Annotated[_AwareDatetime, Strict(strict=False), WrapValidator(_read), PlainSerializer(_written)]
