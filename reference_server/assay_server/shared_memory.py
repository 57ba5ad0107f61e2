"""Memory that the workers of one server share: counters, token buckets and one document, behind one lock.

A server of one process has such memory for itself, and then the lock costs nothing. What is in here is small and may be lost: it lives as
long as the server. A worker that is killed holds no lock any more, and leaves no document half written.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import tempfile
import zlib
from typing import Self

_COUNTER = struct.Struct("=Q")
_COUNTERS = 1 << 14

_BUCKET = struct.Struct("=16sdd")
_SETS, _WAYS = 1 << 12, 8
"""A bucket has its place in one of so many sets, and a set has room for so many; the one that was used longest ago makes room."""

_LENGTH = struct.Struct("=I")
DOCUMENT_BYTES = 128 * 1024

_BUCKETS_AT = _COUNTERS * _COUNTER.size
_GENERATION_AT = _BUCKETS_AT + _SETS * _WAYS * _BUCKET.size
_DOCUMENTS_AT = _GENERATION_AT + _COUNTER.size
_SIZE = _DOCUMENTS_AT + 2 * (_LENGTH.size + DOCUMENT_BYTES)

_FREE = bytes(16)


class SharedMemory:
    """Memory behind a file descriptor, or without one for this process alone.

    Hold the lock (`with memory:`) from reading to writing, and not within itself.
    """

    __slots__ = ("_map", "descriptor")

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = descriptor
        self._map = mmap.mmap(-1 if descriptor is None else descriptor, _SIZE)

    @classmethod
    def shareable(cls) -> SharedMemory:
        """Fresh memory whose descriptor processes can inherit."""
        with tempfile.TemporaryFile() as file:
            file.truncate(_SIZE)
            return cls(os.dup(file.fileno()))

    def __reduce__(self) -> tuple[type[SharedMemory], tuple[int]]:
        if self.descriptor is None:
            raise ValueError("expected memory that can be shared; make it with SharedMemory.shareable()")
        return SharedMemory, (self.descriptor,)

    def __enter__(self) -> Self:
        if self.descriptor is not None:
            fcntl.lockf(self.descriptor, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        if self.descriptor is not None:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN)

    def count(self, name: str) -> int:
        """How often a counter was increased. Names share a fixed number of counters."""
        return int(_COUNTER.unpack_from(self._map, _counter_at(name))[0])

    def increase(self, name: str) -> None:
        """Increase a counter."""
        with self:
            _COUNTER.pack_into(self._map, _counter_at(name), self.count(name) + 1)

    def bucket(self, name: str) -> tuple[float, float] | None:
        """What is left in a token bucket, and when that was; None for one that is not known."""
        key = _key_of(name)
        for place in _places(key):
            found, left, then = _BUCKET.unpack_from(self._map, place)
            if found == key:
                return left, then
        return None

    def fill_bucket(self, name: str, left: float, then: float) -> None:
        """Note what is left in a token bucket at a moment."""
        key = _key_of(name)
        oldest, since = 0, float("inf")
        for place in _places(key):
            found, _, used = _BUCKET.unpack_from(self._map, place)
            if found == key:
                oldest = place
                break
            used = float("-inf") if found == _FREE else used
            if used < since:
                oldest, since = place, used
        _BUCKET.pack_into(self._map, oldest, key, left, then)

    @property
    def generation(self) -> int:
        """How often the document was written."""
        return int(_COUNTER.unpack_from(self._map, _GENERATION_AT)[0])

    def read_document(self) -> tuple[int, bytes]:
        """The generation of the document and the document, which is empty before the first was written. It needs no lock."""
        while True:
            generation = self.generation
            place = self._document_at(generation)
            (length,) = _LENGTH.unpack_from(self._map, place)
            document = self._map[place + _LENGTH.size : place + _LENGTH.size + length]
            # Its place is written again only after the generation went on.
            if self.generation == generation:
                return generation, document

    def write_document(self, document: bytes) -> None:
        """Replace the document, which has at most `DOCUMENT_BYTES`; call it with the lock."""
        if len(document) > DOCUMENT_BYTES:
            raise ValueError(f"expected at most {DOCUMENT_BYTES} bytes, got {len(document)}")
        generation = self.generation + 1
        # The new one stands beside the old one until its number makes it the document.
        place = self._document_at(generation)
        _LENGTH.pack_into(self._map, place, len(document))
        self._map[place + _LENGTH.size : place + _LENGTH.size + len(document)] = document
        _COUNTER.pack_into(self._map, _GENERATION_AT, generation)

    @staticmethod
    def _document_at(generation: int) -> int:
        return _DOCUMENTS_AT + generation % 2 * (_LENGTH.size + DOCUMENT_BYTES)


def _counter_at(name: str) -> int:
    return zlib.crc32(name.encode()) % _COUNTERS * _COUNTER.size


def _key_of(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


def _places(key: bytes) -> range:
    """Where the buckets of one set are."""
    first = _BUCKETS_AT + int.from_bytes(key[:4], "big") % _SETS * _WAYS * _BUCKET.size
    return range(first, first + _WAYS * _BUCKET.size, _BUCKET.size)
