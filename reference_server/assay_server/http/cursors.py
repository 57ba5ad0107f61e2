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
from typing import Any, Generic, TypeVar

import msgspec

Keys = TypeVar("Keys", bound=tuple[Any, ...])
"""The sort keys of the last item of a page: what the next page begins after."""


class BadCursor(Exception):
    """The cursor was not issued here, not for this question, or too long ago."""


_encode = msgspec.msgpack.Encoder().encode


class Cursors(Generic[Keys]):
    """Issues cursors and opens them again. Servers with the same `key` open each other's; `keys` is the type of the sort keys."""

    __slots__ = ("_decoder", "_key", "_seconds")

    def __init__(self, key: bytes, seconds: float, keys: object) -> None:
        self._key = key
        self._seconds = seconds
        self._decoder: msgspec.msgpack.Decoder[tuple[float, Keys]] = msgspec.msgpack.Decoder(tuple[float, keys])  # type: ignore[valid-type]  # pyright: ignore[reportInvalidTypeForm]

    def issue(self, keys: Keys, bound: Sequence[str], walk_began: float) -> str:
        """A cursor for the items after those keys."""
        text = base64.urlsafe_b64encode(_encode((walk_began, keys))).decode().rstrip("=")
        return f"{text}.{self._sign(text, bound)}"

    def open(self, cursor: str, bound: Sequence[str], *, not_before: float = 0.0) -> tuple[Keys, float]:
        """The keys, and when the walk began; raises BadCursor."""
        text, _, signature = cursor.partition(".")
        # The signature is compared as text and made over text: base64 has many spellings, one of them was issued.
        if not hmac.compare_digest(signature.encode(), self._sign(text, bound).encode()):
            raise BadCursor("the cursor was not issued for this tenant, filter and sort")
        try:
            walk_began, keys = self._decoder.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, msgspec.MsgspecError) as error:
            raise BadCursor("the cursor was made by another version") from error
        if walk_began < max(not_before, time.time() - self._seconds):
            raise BadCursor("the cursor has expired; start again from the first page")
        return keys, walk_began

    def _sign(self, text: str, bound: Sequence[str]) -> str:
        message = msgspec.json.encode([text, *bound])
        digest = hmac.digest(self._key, message, hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:18]).decode()
