"""What the time of one request went into, for the header `Server-Timing` of its response (W3C Server Timing)."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Literal

CacheUse = Literal["hit", "miss", "stale"]


class Timings:
    """What is known of one request so far. Tasks that it starts add to the same."""

    __slots__ = ("cache", "queries", "query_seconds")

    def __init__(self) -> None:
        self.query_seconds = 0.0
        self.queries = 0
        self.cache: CacheUse | None = None

    def header(self, route: str, seconds: float) -> str:
        """The value of the header; durations are in milliseconds.

        >>> timings = Timings()
        >>> timings.cache = "hit"
        >>> timings.header("listFailures", 0.0125)
        'route;desc="listFailures";dur=12.5, cache;desc="hit"'
        """
        parts = [f'route;desc="{route}";dur={round(seconds * 1000, 3)}']
        if self.queries:
            parts.append(f'query;desc="{self.queries}";dur={round(self.query_seconds * 1000, 3)}')
        if self.cache is not None:
            parts.append(f'cache;desc="{self.cache}"')
        return ", ".join(parts)


_current: ContextVar[Timings | None] = ContextVar("timings", default=None)


def begin_timings() -> Timings:
    """The timings of a request that begins here."""
    timings = Timings()
    _current.set(timings)
    return timings


def note_query(seconds: float) -> None:
    """Note how long the request had a connection to the database, with the time that it waited for one."""
    timings = _current.get()
    if timings is not None:
        timings.queries += 1
        timings.query_seconds += seconds


def note_cache(use: CacheUse) -> None:
    """Note whether a kept answer was given."""
    timings = _current.get()
    if timings is not None:
        timings.cache = use
