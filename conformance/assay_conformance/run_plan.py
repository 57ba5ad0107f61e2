"""The plan of a run: which drivers run beside each other, and in which order those follow that change the target.

A driver that is not named here never runs; a test proves that every driver module is named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers import (
    body_times,
    cache,
    channel,
    credentials,
    deletion,
    derived,
    error_codes,
    error_taxonomy,
    faults,
    filter,
    freshness,
    generation_time,
    heartbeat,
    idempotency,
    job,
    near_misses,
    operation,
    order,
    own_clauses,
    pagination,
    percentile,
    persistence,
    progress,
    rate_limit,
    snapshot,
    statuses,
    stream,
    tenancy,
    timestamps,
    window,
    write_errors,
)


class Driver(Protocol):
    """Sends requests to a target and records what it receives; judges nothing."""

    async def __call__(self, context: DriverContext, /) -> None:
        """Drive the target."""


@dataclass(frozen=True, slots=True)
class Step:
    """One driver by the name of its module; `changing` is whether it changes the target."""

    name: str
    drive: Driver
    changing: bool = False

    @property
    def title(self) -> str:
        """The name as progress and errors show it."""
        return f"{self.name}, changing" if self.changing else self.name

    @property
    def name_of_figures(self) -> str:
        """The name in what is measured of drivers: unique, unlike `name`."""
        return f"{self.name} (changing)" if self.changing else self.name


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Five groups of steps.

    `beside`, `long` and `throughout` start together, and `throughout` may last as long as the run.
    `changing_before_stream` follows one by one when `beside` has ended, while `long` may still run.
    `changing_after_stream` follows one by one when everything else has ended.
    """

    beside: tuple[Step, ...] = ()
    long: tuple[Step, ...] = ()
    changing_before_stream: tuple[Step, ...] = ()
    changing_after_stream: tuple[Step, ...] = ()
    throughout: tuple[Step, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in the order of their groups."""
        return (*self.beside, *self.long, *self.throughout, *self.changing_before_stream, *self.changing_after_stream)

    def only(self, names: Collection[str]) -> RunPlan:
        """The same plan with the steps of these names alone."""
        return self._filtered(lambda step: step.name in names)

    def with_figures(self, names: Collection[str]) -> RunPlan:
        """The same plan with the steps of these names alone, where a driver that changes has a name of its own (`job (changing)`)."""
        return self._filtered(lambda step: step.name_of_figures in names)

    def _filtered(self, wanted: Callable[[Step], bool]) -> RunPlan:
        def kept(steps: tuple[Step, ...]) -> tuple[Step, ...]:
            return tuple(step for step in steps if wanted(step))

        groups = (self.beside, self.long, self.changing_before_stream, self.changing_after_stream, self.throughout)
        return RunPlan(*map(kept, groups))


BESIDE = (
    Step("operation", operation.drive),
    Step("statuses", statuses.drive),
    Step("credentials", credentials.drive),
    Step("error_codes", error_codes.drive),
    Step("near_misses", near_misses.drive),
    Step("error_taxonomy", error_taxonomy.drive),
    Step("pagination", pagination.drive),
    Step("order", order.drive),
    Step("filter", filter.drive),
    Step("window", window.drive),
    Step("timestamps", timestamps.drive),
    Step("cache", cache.drive),
    Step("generation_time", generation_time.drive),
    Step("derived", derived.drive),
    Step("own_clauses", own_clauses.drive),
    Step("tenancy", tenancy.drive),
)
"""Drivers that leave the target as it is; they run at once."""
LONG = (Step("stream", stream.drive), Step("channel", channel.drive))
"""Drivers that take long and disturb none of the former; they run beside them."""
CHANGING_BEFORE_STREAM = (
    Step("pagination", pagination.drive_changing, changing=True),
    Step("window", window.drive_changing, changing=True),
    Step("credentials", credentials.drive_changing, changing=True),
    Step("operation", operation.drive_changing, changing=True),
    Step("tenancy", tenancy.drive_changing, changing=True),
    Step("deletion", deletion.drive_changing, changing=True),
    Step("persistence", persistence.drive_changing, changing=True),
    Step("body_times", body_times.drive_changing, changing=True),
    Step("write_errors", write_errors.drive_changing, changing=True),
)
"""Drivers that change the target and disturb no stream."""
CHANGING_AFTER_STREAM = (
    Step("snapshot", snapshot.drive_changing, changing=True),
    Step("freshness", freshness.drive_changing, changing=True),
    Step("percentile", percentile.drive_changing, changing=True),
    Step("idempotency", idempotency.drive_changing, changing=True),
    Step("job", job.drive_changing, changing=True),
    Step("progress", progress.drive_changing, changing=True),
    Step("rate_limit", rate_limit.drive_changing, changing=True),
    Step("faults", faults.drive_changing, changing=True),
)
"""Drivers that change what a stream sends; they wait for its end."""

THROUGHOUT = (Step("heartbeat", heartbeat.drive),)
"""Drivers that only listen, beside all others to the end of the run."""

FULL_PLAN = RunPlan(BESIDE, LONG, CHANGING_BEFORE_STREAM, CHANGING_AFTER_STREAM, THROUGHOUT)
"""The plan of a certification."""
