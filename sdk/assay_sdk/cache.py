"""Answers that carry an entity tag are kept, and asked after with `If-None-Match`: 304 costs no body and no parsing."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer and the tag that it came with."""

    etag: str
    answer: Any


class AnswerCache:
    """The answers used last, up to a number of them; nothing is served from here that the server did not confirm."""

    __slots__ = ("_kept", "_lock", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()

    def get(self, key: tuple[str, ...]) -> Kept | None:
        """What is kept under a key."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[str, ...], kept: Kept) -> None:
        """Keep an answer, and let go of the one that was not used for longest."""
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return f"AnswerCache({len(self)} of {self._size})"
