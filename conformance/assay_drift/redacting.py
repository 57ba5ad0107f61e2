"""What may be shown of traffic: types instead of values, names only where they look like names."""

from __future__ import annotations

import re
from typing import Any

from assay_conformance.schema_kinds import kind_of
from assay_contracts.json_types import is_list, is_mapping

_FORMATS = (
    ("date-time", re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("uri", re.compile(r"[a-z][a-z0-9+.-]*://\S+")),
    ("digits", re.compile(r"\d+")),
)
_NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_.$@:-]{0,63}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,63}")
_SEGMENT = re.compile(r"v\d+|[A-Za-z_.][A-Za-z_.-]{0,40}")
_OPAQUE = re.compile(r"[0-9a-fA-F]{16,}|[A-Za-z0-9]{33,}")
HIDDEN = "{…}"


def type_of(value: Any) -> str:
    """The type of a value, with the format that a text seems to have."""
    if isinstance(value, str):
        found = next((name for name, pattern in _FORMATS if pattern.fullmatch(value)), None)
        return "string" if found is None else f"string ({found})"
    if is_list(value):
        return f"array of {type_of(value[0])}" if value else "empty array"
    is_json = value is None or isinstance(value, bool | int | float) or is_mapping(value)
    return kind_of(value) if is_json else "unknown"


def shown_name(name: str) -> str:
    """The name of a member, unless it looks like a value that serves as a key."""
    if _NAME.fullmatch(name) and not re.search(r"\d{4,}|@.+\.|[0-9a-f]{16,}", name):
        return name
    return HIDDEN


def shown_code(value: Any) -> str:
    """An error code or a kind of message, which are names; anything else only by its type."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) and not _OPAQUE.search(value) else f"({type_of(value)})"


def shown_path(path: str) -> str:
    """A path whose segments are shown where they look like words of an API."""
    return "/".join(part if not part or _SEGMENT.fullmatch(part) else HIDDEN for part in path.split("/"))
