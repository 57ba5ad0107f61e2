"""Cursors: a place in a list, signed together with the question that it belongs to.

What a cursor is bound to is part of what is signed and not of what is sent, so a cursor that is moved to another
tenant, filter or sort is as wrong as a forged one. A cursor keeps the moment at which its walk began: the same
cursor asked twice gives the same page to the last byte, and a walk as a whole grows old.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from datetime import datetime

import msgspec

from assay_server.store import FailurePosition


class BadCursor(Exception):
    """The cursor was not issued here, not for this question, or too long ago."""


class _Place(msgspec.Struct, array_like=True):
    walk_began: float
    event_time: datetime
    error_class: str
    event_id: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Place).decode


class Cursors:
    """Issues cursors and opens them again."""

    __slots__ = ("_key", "_seconds")

    def __init__(self, key: bytes, seconds: float) -> None:
        self._key = key
        self._seconds = seconds

    def issue(self, position: FailurePosition, bound: Sequence[str], walk_began: float) -> str:
        """A cursor for the items after a position."""
        place = _Place(walk_began, position.event_time, position.error_class, position.event_id)
        text = base64.urlsafe_b64encode(_encode(place)).decode().rstrip("=")
        return f"{text}.{self._sign(text, bound)}"

    def open(self, cursor: str, bound: Sequence[str], *, not_before: float = 0.0) -> tuple[FailurePosition, float]:
        """The position, and when the walk began; raises BadCursor."""
        text, _, signature = cursor.partition(".")
        # The signature is compared as text and made over text: base64 has many spellings, one of them was issued.
        if not hmac.compare_digest(signature.encode(), self._sign(text, bound).encode()):
            raise BadCursor("the cursor was not issued for this tenant, filter and sort")
        try:
            place = _decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, msgspec.MsgspecError) as error:
            raise BadCursor("the cursor was made by another version") from error
        if place.walk_began < max(not_before, time.time() - self._seconds):
            raise BadCursor("the cursor has expired; start again from the first page")
        return FailurePosition(place.event_time, place.error_class, place.event_id), place.walk_began

    def _sign(self, text: str, bound: Sequence[str]) -> str:
        message = msgspec.json.encode([text, *bound])
        digest = hmac.digest(self._key, message, hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:18]).decode()
