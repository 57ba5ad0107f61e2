"""When a call is tried again: by the category of its failure, within bounds, with jitter, as the server asks."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from assay_sdk.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often each kind of failure is tried, and how long the pauses are, in seconds.

    The kinds are those of a contract's taxonomy: `none` is never tried again, `bounded` a few times, `backoff` with growing
    pauses, `optional` as often as the application decides, which is once unless it says otherwise.
    """

    bounded_attempts: int = 3
    backoff_attempts: int = 5
    optional_attempts: int = 1
    first_pause: float = 0.2
    longest_pause: float = 20.0
    longest_retry_after: float = 60.0

    def __post_init__(self) -> None:
        for name in ("bounded_attempts", "backoff_attempts", "optional_attempts"):
            if getattr(self, name) < 1:
                raise ArgumentError(name, expected="at least 1 attempt", actual=str(getattr(self, name)))

    def attempts(self, kind: str) -> int:
        """How often a call may be tried in all."""
        counts = {
            "bounded": self.bounded_attempts,
            "backoff": self.backoff_attempts,
            "optional": self.optional_attempts,
        }
        return counts.get(kind, 1)

    def pause(
        self,
        kind: str,
        attempt: int,
        retry_after: float | None = None,
        chance: Callable[[], float] = random.random,
    ) -> float | None:
        """Seconds before the attempt after this one, or None when there is none."""
        if attempt >= self.attempts(kind):
            return None
        if retry_after is not None and retry_after > self.longest_retry_after:
            return None
        return (retry_after or 0.0) + jittered(attempt, self.first_pause, self.longest_pause, chance)


NO_RETRY = RetryPolicy(bounded_attempts=1, backoff_attempts=1, optional_attempts=1)


def jittered(attempt: int, first: float, longest: float, chance: Callable[[], float] = random.random) -> float:
    """A pause that doubles with each attempt up to the longest, of which a random half is left out.

    Half of it always stays, so that attempts spread out and still never come at once.
    """
    whole: float = min(longest, first * 2.0 ** min(attempt - 1, 30))
    return whole * (0.5 + 0.5 * chance())


def read_retry_after(value: str | None, now: float) -> float | None:
    """The seconds of a `Retry-After` header, which has a number or a date (RFC 9110)."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None
