"""How much one subject, one tenant, and one subject on one route may ask: token buckets, and headers that say so (IETF httpapi draft)."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass

from assay_server.http.errors import Refusal
from assay_server.settings import RateTerms

_BUCKETS = 30_000


@dataclass(frozen=True, slots=True)
class _State:
    """A bucket after a request: its policy, what is left, and in how many seconds there is more."""

    policy: str
    quota: float
    left: float
    wait: float


class Limiter:
    """Lends tokens; a bucket holds a whole quota and fills evenly. The oldest of too many buckets are forgotten."""

    __slots__ = ("_buckets", "_quotas", "_seconds")

    def __init__(self, terms: RateTerms) -> None:
        self._quotas = {"default": terms.quota, "tenant": terms.tenant_quota, "route": terms.route_quota}
        self._seconds = terms.seconds
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, subject: str, tenant: str = "", route: str = "") -> dict[str, str]:
        """Take one token of each bucket and return the headers that say what is left; raises Refusal when there is none in one of them.

        The headers are those of the bucket that has the least left.
        """
        now = time.monotonic()
        names = {"default": subject, "tenant": tenant, "route": f"{route} {subject}" if route else ""}
        keys = [(policy, name) for policy, name in names.items() if name and self._quotas[policy]]
        states = [self._state(key, now) for key in keys]
        tightest = min(states, key=lambda state: state.left)
        if tightest.left < 1.0:
            raise self.refusal(tightest.wait, tightest.policy)
        for key, state in zip(keys, states, strict=True):
            self._buckets.pop(key, None)
            self._buckets[key] = (state.left - 1.0, now)
        while len(self._buckets) > _BUCKETS:
            self._buckets.popitem(last=False)
        return self._headers(
            tightest.policy, int(tightest.left - 1.0), (tightest.quota - tightest.left + 1.0) / self._fills(tightest.policy)
        )

    def _state(self, key: tuple[str, str], now: float) -> _State:
        policy, quota = key[0], float(self._quotas[key[0]])
        left, then = self._buckets.get(key, (quota, now))
        left = min(quota, left + (now - then) * self._fills(policy))
        return _State(policy, quota, left, (1.0 - left) / self._fills(policy))

    def _fills(self, policy: str) -> float:
        """How many tokens a bucket gets in a second."""
        return self._quotas[policy] / self._seconds

    def refusal(self, wait: float, policy: str = "default") -> Refusal:
        """What is said to a subject when a bucket is empty for `wait` more seconds."""
        seconds = min(3600, max(1, math.ceil(wait)))
        return Refusal(
            "RATE_LIMITED",
            f"too many requests; come back in {seconds} s",
            component="api",
            headers={"Retry-After": str(seconds), **self._headers(policy, 0, seconds)},
        )

    def _headers(self, policy: str, left: int, wait: float) -> dict[str, str]:
        """The quota, what is left of it, and in how many seconds there is more."""
        return {
            "RateLimit-Policy": f'"{policy}";q={self._quotas[policy]};w={self._seconds}',
            "RateLimit": f'"{policy}";r={left};t={max(1, math.ceil(wait))}',
        }
