"""Times that are written as they were read, to the last digit, though Python's `datetime` ends at microseconds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, SupportsIndex

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

# What Python writes of a time again as it is: no fraction or six digits that are not all 0, no offset of 0 but Z.
_FRACTION: Final = "|".join(rf"[0-9]{{{5 - zeros}}}[1-9]{'0' * zeros}" for zeros in range(6))
_OFFSET: Final = "(?:0[1-9]|1[0-9]|2[0-3]):[0-5][0-9]|00:(?:0[1-9]|[1-5][0-9])"
_PLAIN: Final = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.(?:{_FRACTION}))?(?:Z|[+-](?:{_OFFSET}))$"


class ReadTime(datetime):
    """A time with the string that it was read from, where that says more than the time does; a time computed from it has none."""

    wire: str | None = None

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[Any, ...]:
        # A copy is the same time; without this it would lose the string.
        return (*super().__reduce_ex__(protocol), vars(self))


class _WithWire:
    """Reads a time from a string, and keeps the string where Python would write another one."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        # Read without strictness, since a string of JSON is a plain string here.
        time = core_schema.datetime_schema(tz_constraint="aware", strict=False)
        plain = core_schema.chain_schema([core_schema.str_schema(pattern=_PLAIN), time])
        return core_schema.union_schema(
            # Most strings need no look by Python.
            [plain, core_schema.no_info_wrap_validator_function(_read, time)],
            mode="left_to_right",
            custom_error_type="time_with_offset",
            custom_error_message="Input should be a time with an offset, such as 2026-01-31T12:00:00Z",
            serialization=core_schema.plain_serializer_function_ser_schema(_written, info_arg=True),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


def _read(value: Any, read: Any) -> Any:
    # Numbers are no times in a contract, nor are the digits of one in a string, which pydantic takes for seconds since 1970.
    if not isinstance(value, str | datetime) or (isinstance(value, str) and ":" not in value):
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
    return value.wire if isinstance(value, ReadTime) and value.wire is not None else _plain(value)


def _plain(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


if TYPE_CHECKING:
    AwareDatetime = datetime
else:
    AwareDatetime = Annotated[datetime, _WithWire()]
