"""How often the facts of targets changed under this server: an answer of an older version is not given again."""

from __future__ import annotations

import zlib

_SLOTS = 1 << 14


class TargetVersions:
    """Counts changes. Targets share a fixed number of counters, so that no crowd of them takes memory."""

    __slots__ = ("_counters",)

    def __init__(self) -> None:
        self._counters = [0] * _SLOTS

    def of(self, target: str) -> int:
        """The version of a target's facts."""
        return self._counters[zlib.crc32(target.encode()) % _SLOTS]

    def bump(self, target: str) -> None:
        """The facts of a target changed."""
        self._counters[zlib.crc32(target.encode()) % _SLOTS] += 1
