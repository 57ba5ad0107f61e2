"""In-toto statements in files, bare or in a DSSE envelope."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import Any

from assay_contracts.json_types import is_mapping


def unwrapped(value: Any) -> Any:
    """The statement of a JSON value: the payload where it is a DSSE envelope, else the value itself.

    Signatures are not checked. An envelope whose payload is not JSON in base64 gives None.
    """
    if not is_mapping(value) or "payload" not in value or "signatures" not in value:
        return value
    try:
        return json.loads(base64.b64decode(value["payload"], validate=True))
    except (binascii.Error, TypeError, ValueError, RecursionError):
        return None


def part_of(value: Any, name: str) -> dict[str, Any]:
    """The object of that name in a statement or a part of it; empty where there is none."""
    found = value.get(name) if is_mapping(value) else None
    return found if is_mapping(found) else {}


def moment_of(value: Any) -> dt.datetime | None:
    """The time that a statement names, in UTC where it names no zone; None where it names none.

    >>> moment_of("2026-11-30T12:00:00Z").hour, moment_of("soon"), moment_of(7)
    (12, None, None)
    """
    try:
        found = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
