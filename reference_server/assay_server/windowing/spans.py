"""Windows in Unix seconds: asked for by name or by their edges, and the steps of a timeline."""

from __future__ import annotations

from dataclasses import dataclass

HOUR, DAY = 3_600, 86_400
LONGEST = 731 * DAY
DETAILED = 180 * DAY
"""How long facts are kept; an older edge is answered by whole hours."""
SPANS: dict[str, int | None] = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY, "1y": 365 * DAY, "all": None}
DEFAULT = "7d"
HOURLY = 2 * DAY
"""The longest window whose timeline has hours."""


class InvalidWindow(ValueError):
    """A window that is empty, reversed, too long, or given in two ways at once; `field` is the parameter to correct."""

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open window `[start, end)`; `name` is the rolling window, or `custom`."""

    name: str
    start: int
    end: int


def resolve_window(
    interval: str | None, start: int | None, end: int | None, *, computed_at: float, first_fact: int | None = None
) -> Window:
    """Return the window that a request asks for.

    `computed_at` is when the numbers are computed, `first_fact` the time of the target's first fact; both in seconds since 1970.
    Raises `InvalidWindow`.
    """
    if start is None and end is None:
        return _rolling(DEFAULT if interval is None else interval, int(computed_at // 1), first_fact)
    if interval is not None:
        raise InvalidWindow("interval", "give a window by name or by its edges, not both")
    if start is None or end is None:
        raise InvalidWindow("startTs" if start is None else "endTs", "startTs and endTs are given together")
    if end <= start:
        raise InvalidWindow("endTs", "the window ends after it starts")
    if end - start > LONGEST:
        raise InvalidWindow("endTs", "a window is at most 731 days long")
    return Window("custom", start, end)


def _rolling(name: str, end: int, first_fact: int | None) -> Window:
    if name not in SPANS:
        raise InvalidWindow("interval", f"expected one of {', '.join(SPANS)}")
    length = SPANS[name]
    if length is not None:
        return Window(name, end - length, end)
    # The first fact may be some minutes ahead of the clock.
    if first_fact is None or first_fact >= end:
        return Window(name, end - DAY, end)
    return Window(name, max(first_fact // HOUR * HOUR, end - LONGEST), end)


def step_of(start: int, end: int) -> int:
    """The length of a timeline's steps, in seconds, by the length of its window."""
    return HOUR if end - start <= HOURLY else DAY


def whole_days(start: int, end: int, hours_from: int) -> tuple[int, int]:
    """The window that can be answered where hours begin at the start of a day: an edge before it goes to the whole day outside it."""
    return (
        start // DAY * DAY if start < hours_from else start,
        -(-end // DAY) * DAY if end < hours_from else end,
    )


def whole_hours(start: int, end: int, now: int) -> tuple[int, int]:
    """The window that can be answered: an edge from before the kept facts goes to the whole hour outside it."""
    detailed_from = now - DETAILED
    return (
        start // HOUR * HOUR if start < detailed_from else start,
        -(-end // HOUR) * HOUR if end < detailed_from else end,
    )
