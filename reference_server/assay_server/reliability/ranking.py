"""The ranking of tenants: the same numbers as each tenant's own funnel and failures, in a stated order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RankedTenant:
    """The numbers of one tenant in a window; one without events has zeros."""

    tenant: str
    starts: int = 0
    submissions: int = 0
    failures: int = 0
    p95_submit_latency_ms: float = 0

    @property
    def conversion_rate(self) -> float:
        """Submissions by starts; 0 without starts."""
        return self.submissions / self.starts if self.starts else 0.0

    @property
    def failure_density(self) -> float:
        """Failures by starts; 0 without starts."""
        return self.failures / self.starts if self.starts else 0.0


_KEYS: Mapping[str, Callable[[RankedTenant], float]] = {
    "conversionRate": lambda ranked: ranked.conversion_rate,
    "failureDensity": lambda ranked: ranked.failure_density,
    "p95SubmitLatencyMs": lambda ranked: ranked.p95_submit_latency_ms,
}


def rank(tenants: Iterable[RankedTenant], sort: str) -> list[RankedTenant]:
    """The tenants in an order such as `conversionRate:desc`; ties are in the order of their names."""
    name, _, direction = sort.partition(":")
    sign = -1 if direction == "desc" else 1
    return sorted(tenants, key=lambda ranked: (sign * _KEYS[name](ranked), ranked.tenant))
