"""The funnel's figures, derived from sums that add up and a sketch that merges."""

from __future__ import annotations

from dataclasses import dataclass, field

from .sketch import Sketch


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted in a bucket; everything shown is derived from it."""

    starts: int = 0
    submissions: int = 0
    retried: int = 0
    latency: Sketch = field(default_factory=Sketch)
    failures: int = 0

    def metrics(self) -> Metrics:
        """Return the figures of this tally; a rate without a denominator is 0."""
        return Metrics(
            starts=self.starts,
            submissions=self.submissions,
            conversion_rate=self.submissions / self.starts if self.starts else 0.0,
            retry_rate=self.retried / self.submissions if self.submissions else 0.0,
            p95_submit_latency_ms=self.latency.quantile(0.95),
            failures=self.failures,
        )


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures of the funnel."""

    starts: int
    submissions: int
    conversion_rate: float
    retry_rate: float
    p95_submit_latency_ms: float
    failures: int = 0

    @property
    def failure_density(self) -> float:
        """Failures by starts; 0 without starts."""
        return self.failures / self.starts if self.starts else 0.0
