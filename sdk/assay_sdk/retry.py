"""When a call is tried again: by the category of its failure, within bounds, with jitter, as the server asks.

What a request that changes something may do depends on whether its fate is known:

    never connected                     sent again
    429, or 503 with a retryable code   the server says that it did nothing: sent again when the taxonomy says so
    anything else, or a timeout         its fate is open: never sent again, unless it carries an idempotency key
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from assay_sdk.declarations import Declared
from assay_sdk.errors import ApiError, ArgumentError


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
        """Seconds before the attempt after this one, never less than the server asks for, or None when there is none."""
        if attempt >= self.attempts(kind):
            return None
        if retry_after is not None and retry_after > self.longest_retry_after:
            return None
        return (retry_after or 0.0) + jittered(attempt, self.first_pause, self.longest_pause, chance)


NO_RETRY = RetryPolicy(bounded_attempts=1, backoff_attempts=1, optional_attempts=1)


def jittered(attempt: int, first: float, longest: float, chance: Callable[[], float] = random.random) -> float:
    """A pause anywhere between nothing and a bound that doubles with each attempt up to the longest, in seconds.

    The whole range is used, so that clients that failed at one moment do not come back at one moment.
    """
    return min(longest, first * 2.0 ** min(attempt - 1, 30)) * chance()


# Without a taxonomy the status alone says whether another attempt may help.
_PASSING_STATUS = frozenset({429, 502, 503, 504})


def retry_kind(contract: Declared, error: ApiError, *, repeatable: bool) -> str:
    """The kind of retry for an error: that of its category, `none` where the error or the fate of the request forbids it."""
    if error.retryable is False:
        return "none"
    if not contract.retries:
        return "backoff" if repeatable and error.status in _PASSING_STATUS else "none"
    kind = contract.retries.get(error.category, "optional")
    if repeatable or kind == "none" or error.status == 429:
        return kind
    # A declared code of a 503 says that the server did nothing; without one the fate of the request is open.
    rejected = error.status == 503 and (error.retryable is True or (error.code in contract.errors and kind in ("bounded", "backoff")))
    return kind if rejected else "none"


def read_retry_after(value: str | None, now: float) -> float | None:
    """The seconds of a `Retry-After` header, which has a number or a date (RFC 9110); `now` is a time of day in seconds."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:18])
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError):
        return None
