"""How much one subject may ask: a token bucket each, and the headers that say so (IETF httpapi draft)."""

from __future__ import annotations

import math
import time
from collections import OrderedDict

from assay_server.http.errors import Refusal
from assay_server.settings import RateTerms

_SUBJECTS = 10_000


class Limiter:
    """Lends tokens; a bucket holds a whole quota and fills evenly."""

    __slots__ = ("_buckets", "_fills", "_quota", "_seconds")

    def __init__(self, terms: RateTerms) -> None:
        self._quota = float(terms.quota)
        self._seconds = terms.seconds
        self._fills = terms.quota / terms.seconds
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, subject: str) -> dict[str, str]:
        """Take one token and return the headers that say what is left; raises Refusal when there is none."""
        now = time.monotonic()
        left, then = self._buckets.pop(subject, (self._quota, now))
        left = min(self._quota, left + (now - then) * self._fills)
        allowed = left >= 1.0
        self._buckets[subject] = (left - 1.0 if allowed else left, now)
        if len(self._buckets) > _SUBJECTS:
            self._buckets.popitem(last=False)
        if not allowed:
            raise self.refusal((1.0 - left) / self._fills)
        return self._headers(int(left - 1.0), (self._quota - left + 1.0) / self._fills)

    def refusal(self, wait: float) -> Refusal:
        """What is said to a subject whose bucket is empty for `wait` more seconds."""
        seconds = min(3600, max(1, math.ceil(wait)))
        return Refusal(
            "RATE_LIMITED",
            f"too many requests; come back in {seconds} s",
            component="api",
            headers={"Retry-After": str(seconds), **self._headers(0, seconds)},
        )

    def _headers(self, left: int, wait: float) -> dict[str, str]:
        """The quota, what is left of it, and in how many seconds there is more."""
        return {
            "RateLimit-Policy": f'"default";q={self._quota:.0f};w={self._seconds}',
            "RateLimit": f'"default";r={left};t={max(1, math.ceil(wait))}',
        }
