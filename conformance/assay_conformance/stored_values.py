"""Whether a value that was sent is the one that is read afterwards.

A server may write a value in another way: letters in another case, spaces trimmed, the same instant in another zone, a number
with fewer digits, a list in another order, a secret masked, an empty value left out. What is no more than that is the same value.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at, instant
from assay_conformance.evidence import Request, Response

_SECOND = 1_000_000
_NEAR = 3600 * _SECOND
"""A time so near to the response may be one that the server sets."""
_ROUNDING, _PRECISION, _LARGEST_EXACT = 0.01, 1e-6, 2**53
_MASKS = ("**", "\u2022\u2022", "xxxx", "XXXX", "...", "\u2026")


def sent_object(request: Request, pointer: str) -> dict[str, Any]:
    """The object at a pointer of a request's JSON body; empty where there is none."""
    try:
        found = at(orjson.loads(request.body or ""), pointer)
    except orjson.JSONDecodeError:
        return {}
    return found if is_mapping(found) else {}


def read_object(response: Response | None, pointer: str) -> dict[str, Any]:
    """The object at a pointer of a successful response's JSON body; empty where there is none."""
    found = at(response.json, pointer) if response is not None and response.succeeded else None
    return found if is_mapping(found) else {}


def lost_values(
    sent: Mapping[str, Any], read: Mapping[str, Any], names: Iterable[str], *, before: Mapping[str, Any], moment: int | None
) -> list[str]:
    """The names of those properties that are read with another value than was sent.

    `before` are their values before the request. `moment` is the time of the response in microseconds since 1970, None when unknown.
    """
    return [
        name
        for name in sorted(names)
        if name in sent
        and not is_kept(sent[name], read.get(name, MISSING), moment=moment)
        and not is_counter(before.get(name), read.get(name))
    ]


def is_kept(sent: Any, read: Any, *, moment: int | None = None) -> bool:
    """Whether what is read may be what was sent. A value of another JSON type says nothing.

    >>> is_kept(" Ada@X.org", "ada@x.org"), is_kept(1.5, 1.50), is_kept(["b", "a"], ["a", "b"]), is_kept("red", "blue")
    (True, True, True, False)
    """
    if sent is None:
        return True
    if read is MISSING or read is None:
        return not sent
    if isinstance(sent, bool) or isinstance(read, bool):
        return sent is read or not (isinstance(sent, bool) and isinstance(read, bool))
    if isinstance(sent, int | float) and isinstance(read, int | float):
        return _same_number(sent, read)
    if isinstance(sent, str) and isinstance(read, str):
        return _same_string(sent, read, moment)
    if is_mapping(sent) and is_mapping(read):
        return all(is_kept(value, read[name], moment=moment) for name, value in sent.items() if name in read)
    if is_list(sent) and is_list(read):
        return _same_list(sent, read, moment)
    return True


def _same_number(sent: float, read: float) -> bool:
    if isinstance(sent, int) and isinstance(read, int) and abs(sent) <= _LARGEST_EXACT:
        return sent == read
    return abs(sent - read) <= max(_ROUNDING, _PRECISION * abs(sent))


def _same_string(sent: str, read: str, moment: int | None) -> bool:
    if _letters(sent) == _letters(read) or any(mask in read for mask in _MASKS):
        return True
    one, two = instant(sent), instant(read)
    if one is not None and two is not None and not sent.isdecimal():
        return abs(one - two) <= _SECOND or (moment is not None and abs(two - moment) <= _NEAR)
    return _is_same_decimal(sent, read)


def _letters(text: str) -> str:
    """The letters and digits of a string, without case and without what is a matter of writing."""
    plain = unicodedata.normalize("NFKC", html.unescape(text)).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def _is_same_decimal(sent: str, read: str) -> bool:
    try:
        return Decimal(sent) == Decimal(read)
    except InvalidOperation:
        return False


def _same_list(sent: list[Any], read: list[Any], moment: int | None) -> bool:
    """Whether every scalar that was sent is there; of objects only that some are."""
    if any(is_mapping(item) or is_list(item) for item in sent):
        return bool(read) or not sent
    return all(any(is_kept(item, other, moment=moment) for other in read) for item in sent)


def is_counter(before: Any, read: Any) -> bool:
    """Whether a number went on by one, as a version that the server counts."""
    return isinstance(before, int) and isinstance(read, int) and not isinstance(read, bool) and read == before + 1
