"""How one visitor goes through the funnel, and what an outage does to it.

A journey starts with a view, advances through steps, may stumble over validation, may submit, may need
a retry, may fail afterwards. Chances are those of a busy lead funnel, not of anybody's real one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay_server.reliability.store import Channel, Component, ErrorClass, Fact, RetryOutcome

CHANNELS: tuple[Channel, ...] = ("web", "mobile", "partner", "call_center")
COMPONENTS: tuple[Component, ...] = (
    "application_form",
    "lead_router",
    "credit_check",
    "pricing_engine",
    "submission_api",
)
ERROR_CLASSES: tuple[ErrorClass, ...] = (
    "validation_error",
    "timeout",
    "upstream_error",
    "rate_limited",
    "duplicate_lead",
    "unknown",
)

_CHANNEL_SHARES = (55, 30, 10, 5)
_STEPS = (("property", 0.85), ("income", 0.8), ("contact", 0.75))
_ASYNC_COMPONENTS: tuple[Component, ...] = COMPONENTS[1:]
_ASYNC_ERRORS: tuple[ErrorClass, ...] = ERROR_CLASSES[1:]
_RETRIED: tuple[RetryOutcome, ...] = ("none", "succeeded", "failed")
"""How retries of a failure after a submission end, in turn."""
_ASYNC_SHARES = (40, 25, 15, 12, 8)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant's name, its share of the traffic, and how well its funnel runs."""

    name: str
    share: float
    conversion: float
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Outage:
    """A component of a tenant that fails for a while."""

    tenant: str
    component: Component
    start: datetime
    end: datetime
    failures_a_minute: float


class Journeys:
    """Makes journeys; the same seed makes the same ones."""

    __slots__ = ("_count", "_prefix", "_random")

    def __init__(self, prefix: str, chance: random.Random) -> None:
        self._prefix = prefix
        self._random = chance
        self._count = 0

    def journey(self, tenant: Tenant, start: datetime) -> Iterator[Fact]:
        """Yield the facts of one visitor who arrives at `start`, in order of time."""
        chance = self._random.random
        channel = self._random.choices(CHANNELS, _CHANNEL_SHARES)[0]
        journey = f"req-{self._prefix}-{self._count:x}"
        moment = start
        yield Fact(tenant.name, self._id(), moment, "funnel_view", channel, "application_form", correlation_id=journey)
        for step, advances in _STEPS:
            moment += timedelta(microseconds=int(self._random.expovariate(1 / 9e6)) + 500_000)
            if chance() < 0.06:
                yield Fact(
                    tenant.name, self._id(), moment, "validation_failed", channel, "application_form",
                    "validation_error", correlation_id=journey, step=step,
                )  # fmt: skip
                moment += timedelta(seconds=1 + chance() * 5)
            if chance() > advances:
                return
            yield Fact(
                tenant.name, self._id(), moment, "step_advanced", channel, "application_form",
                correlation_id=journey, step=step,
            )  # fmt: skip
        if chance() < tenant.conversion:
            yield from self._submit(tenant, channel, journey, moment + timedelta(seconds=1 + chance() * 6))

    def _submit(self, tenant: Tenant, channel: Channel, journey: str, moment: datetime) -> Iterator[Fact]:
        chance = self._random.random
        latency = self._random.lognormvariate(0, 0.5) * tenant.latency_ms
        error: ErrorClass | None = None
        outcome = "none"
        if chance() < 0.09:
            error = self._random.choice(ERROR_CLASSES)
            outcome = "succeeded" if chance() < 0.7 else "failed"
            latency *= 2.5
        yield Fact(
            tenant.name, self._id(), moment, "lead_submitted", channel, "submission_api", error,
            "succeeded" if outcome == "succeeded" else "failed" if outcome == "failed" else "none",
            int(latency), journey, step="submit",
        )  # fmt: skip
        if chance() < 0.12:
            yield Fact(
                tenant.name, self._id(), moment + timedelta(seconds=1 + chance() * 20), "async_failure", channel,
                self._random.choice(_ASYNC_COMPONENTS), self._random.choices(_ASYNC_ERRORS, _ASYNC_SHARES)[0],
                _RETRIED[self._count % len(_RETRIED)], correlation_id=journey,
            )  # fmt: skip

    def outage(self, outage: Outage) -> Iterator[Fact]:
        """Yield the failures of one outage, in order of time."""
        moment = outage.start
        while True:
            moment += timedelta(seconds=self._random.expovariate(outage.failures_a_minute / 60))
            if moment >= outage.end:
                return
            yield Fact(
                outage.tenant, self._id(), moment, "async_failure", self._random.choices(CHANNELS, _CHANNEL_SHARES)[0],
                outage.component, self._random.choices(_ASYNC_ERRORS, _ASYNC_SHARES)[0],
                correlation_id=f"req-{self._prefix}-{self._count:x}",
            )  # fmt: skip

    def _id(self) -> str:
        self._count += 1
        return f"evt-{self._prefix}-{self._count:08x}"
