"""How much one subject, one tenant, and one subject on one route may ask: token buckets, and headers that say so (IETF httpapi draft)."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from assay_server.http.errors import Refusal
from assay_server.settings import RateTerms
from assay_server.shared_memory import SharedMemory


@dataclass(frozen=True, slots=True)
class _State:
    """A bucket after a request: its policy, what is left, and in how many seconds there is more."""

    policy: str
    quota: float
    left: float
    wait: float


class Limiter:
    """Lends tokens; a bucket holds a whole quota and fills evenly. Who shares the memory shares the buckets."""

    __slots__ = ("_memory", "_quotas", "_seconds")

    def __init__(self, terms: RateTerms, memory: SharedMemory | None = None) -> None:
        self._quotas = {"default": terms.quota, "tenant": terms.tenant_quota, "route": terms.route_quota}
        self._seconds = terms.seconds
        self._memory = memory or SharedMemory()

    def take(self, subject: str, tenant: str = "", route: str = "") -> dict[str, str]:
        """Take one token of each bucket and return the headers that say what is left; raises Refusal when there is none in one of them.

        The headers are those of the bucket that has the least left.
        """
        now = time.monotonic()
        names = {"default": subject, "tenant": tenant, "route": f"{route} {subject}" if route else ""}
        keys = [(policy, name) for policy, name in names.items() if name and self._quotas[policy]]
        with self._memory:
            states = [self._state(policy, name, now) for policy, name in keys]
            tightest = min(states, key=lambda state: state.left)
            if tightest.left < 1.0:
                raise self.refusal(tightest.wait, tightest.policy)
            for (policy, name), state in zip(keys, states, strict=True):
                self._memory.fill_bucket(f"{policy} {name}", state.left - 1.0, now)
        return self._headers(
            tightest.policy, int(tightest.left - 1.0), (tightest.quota - tightest.left + 1.0) / self._fills(tightest.policy)
        )

    def _state(self, policy: str, name: str, now: float) -> _State:
        quota = float(self._quotas[policy])
        left, then = self._memory.bucket(f"{policy} {name}") or (quota, now)
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
