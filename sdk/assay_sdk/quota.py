"""How many retries a client may spend: an outage must not be multiplied by those who wait for its end.

A bucket holds ten tokens. Each retry takes one; each success gives a tenth back, and one that needed retries the last of its tokens.
So a hundred calls of a server that is away send at most 110 requests, however often the policy allows each call to be tried.
"""

from __future__ import annotations

from threading import Lock


class RetryQuota:
    """The retries that a client and all that derive from it have left; shared by threads and tasks."""

    __slots__ = ("_capacity", "_left", "_lock", "_refill")

    def __init__(self, capacity: float = 10.0, refill: float = 0.1) -> None:
        self._capacity = capacity
        self._refill = refill
        self._left = capacity
        self._lock = Lock()

    def take(self) -> bool:
        """Take the token of one retry; False when none is left."""
        with self._lock:
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True

    def succeeded(self, attempts: int) -> None:
        """Give back what a call that succeeded earns."""
        if attempts == 1 and self._left >= self._capacity:
            return
        with self._lock:
            self._left = min(self._capacity, self._left + (1.0 if attempts > 1 else self._refill))

    def __repr__(self) -> str:
        return f"RetryQuota({self._left:.1f} of {self._capacity:.0f})"
