"""JSON as few write it: members in another order each time, white space everywhere, numbers with exponents, nothing but ASCII."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Any, cast


def text(value: Any, depth: int = 0) -> str:
    """The value as JSON."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        pad = "\n" + "\t" * depth
        written = (f"{pad}\t{json.dumps(name)} : {text(members[name], depth + 1)}" for name in random.sample(list(members), len(members)))
        return "{" + ",".join(written) + pad + "}"
    if isinstance(value, list):
        return "[ " + ", ".join(text(item, depth + 1) for item in value) + " ]"
    if isinstance(value, float):
        return f"{value:.17E}" if value else "0"
    return json.dumps(value)


def body(value: Any) -> bytes:
    """The value as the body of an answer."""
    return (text(value) + "\r\n").encode("ascii")


def stamp(moment: dt.datetime) -> str:
    """A moment with as many digits of a second as it needs."""
    whole = moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{moment.microsecond:06d}".rstrip("0")
    return f"{whole}.{digits}Z" if digits else f"{whole}Z"


def padded(moment: dt.datetime) -> str:
    """The same moment always with three digits or six."""
    return (
        moment.astimezone(dt.UTC).isoformat(timespec="microseconds" if moment.microsecond % 1000 else "milliseconds").replace("+00:00", "Z")
    )
