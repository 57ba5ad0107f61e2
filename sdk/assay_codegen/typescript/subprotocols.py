"""The WebSocket subprotocols that a handshake offers, as its document describes the header with them."""

from __future__ import annotations

import re
from typing import Any

from assay_contracts import Channel
from assay_contracts.json_types import is_list, is_mapping

PLACE = "{token}"
_HEADER = "sec-websocket-protocol"
# A character as it is, one behind a backslash, room between two names, and characters of some class: the token.
_PART = re.compile(r"\\(?P<quoted>[^\w\s])|(?P<room>(?: |\\s)[?*]?)|(?P<token>\[[^\]]+\](?:[+*]|\{[0-9,]+\}))|(?P<plain>[\w,!#%&'~`-])")


def subprotocols(channel: Channel) -> tuple[str, ...] | None:
    """What to offer, with `{token}` where a credential goes in base64url.

    Empty where the document names none, None where what it says is not understood.

    >>> names_of_pattern("^feed\\\\.v1, ?bearer\\\\.[A-Za-z0-9_-]+$")
    ('feed.v1', 'bearer.{token}')
    """
    schema = _declared(channel)
    if schema is None:
        return ()
    if isinstance(schema.get("const"), str):
        return _names(schema["const"])
    choices = schema.get("enum")
    if is_list(choices) and choices and isinstance(choices[0], str):
        return _names(choices[0])
    pattern = schema.get("pattern")
    return names_of_pattern(pattern) if isinstance(pattern, str) else None


def names_of_pattern(pattern: str) -> tuple[str, ...] | None:
    """The names that a pattern of a header's value asks for, None for a pattern that says less or more."""
    rest, text = pattern.removeprefix("^").removesuffix("$"), ""
    while rest:
        part = _PART.match(rest)
        if part is None:
            return None
        text += PLACE if part["token"] else " " if part["room"] else part["quoted"] or part["plain"]
        rest = rest[part.end() :]
    found = _names(text)
    example = ", ".join(found).replace(PLACE, "eyJ0b2tlbiI6MX0")
    return found if text.count(PLACE) <= 1 and re.search(pattern, example) else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _declared(channel: Channel) -> Any:
    headers = (channel.handshake.headers or {}).get("properties")
    found = headers.items() if is_mapping(headers) else ()
    return next((schema for name, schema in found if name.lower() == _HEADER and is_mapping(schema)), None)
