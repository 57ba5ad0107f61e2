"""Work that goes on after the response: followed to its end, with progress, a time limit and a way to cancel it.

    poll -> status -> pause -> poll -> ... -> a final state -> result | JobFailed

The pauses grow, and are never shorter than the server asks for by `Retry-After`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from assay_sdk.caller import Caller
from assay_sdk.declarations import Operation
from assay_sdk.driving import run
from assay_sdk.errors import JobFailed, JobTimeout
from assay_sdk.retry import read_retry_after
from assay_sdk.views import Wanted, wanting

A = TypeVar("A")
R = TypeVar("R")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0


@dataclass(frozen=True, slots=True)
class JobTerms(Generic[A, R]):
    """How a contract states a job: `argument` names it in every operation, `read_...` pick facts from what `poll` returns."""

    poll: Operation[A]
    argument: str
    read_state: Callable[[A], str] = field(repr=False)
    final: frozenset[str]
    succeeded: frozenset[str]
    read_progress: Callable[[A], float | None] | None = field(default=None, repr=False)
    read_phase: Callable[[A], str | None] | None = field(default=None, repr=False)
    cancel: Operation[Any] | None = None
    result: Operation[R] | None = None


@dataclass(frozen=True, slots=True)
class JobStatus(Generic[A]):
    """Where a job stands: `percent` is 0 to 100 and never goes back, `phase` is what it does now; None where nothing states them."""

    state: str
    final: bool
    percent: float | None
    phase: str | None
    value: A


class AsyncJob(Generic[A, R]):
    """A job followed by a task; `async for` gives its status until it has ended."""

    __slots__ = ("_arguments", "_caller", "_percent", "_terms", "_wait", "id")

    def __init__(self, caller: Caller, terms: JobTerms[A, R], arguments: Mapping[str, Any]) -> None:
        self.id = str(arguments[terms.argument])
        self._caller = caller
        self._terms = terms
        self._arguments = arguments
        self._percent: float | None = None
        self._wait = 0.0

    async def status(self) -> JobStatus[A]:
        """Ask once where the job stands."""
        terms, clock = self._terms, self._caller.clock
        with wanting(Wanted()) as view:
            value = await self._caller.fetch(terms.poll, self._arguments)
        headers: Mapping[str, str] = view.exchange.headers if view.exchange is not None else {}
        self._wait = read_retry_after(headers.get("retry-after"), clock.now().timestamp()) or 0.0
        percent = terms.read_progress(value) if terms.read_progress is not None else None
        if percent is not None and (self._percent is None or percent > self._percent):
            self._percent = percent
        state = terms.read_state(value)
        phase = terms.read_phase(value) if terms.read_phase is not None else None
        return JobStatus(state, state in terms.final, self._percent, phase, value)

    async def statuses(self, within: float | None = None) -> AsyncIterator[JobStatus[A]]:
        """The status each time it is asked for, up to the final one, or `JobTimeout` after so many seconds."""
        clock = self._caller.clock
        deadline = None if within is None else clock.monotonic() + within
        pause = FIRST_PAUSE
        while True:
            status = await self.status()
            yield status
            if status.final:
                return
            wait = max(self._wait, pause * (0.5 + 0.5 * self._caller.settings.chance()))
            if deadline is not None and clock.monotonic() + wait > deadline:
                raise JobTimeout(
                    f"job {self.id}: {status.state} after {within:g} s; expected it to end by then; wait longer or cancel it",
                    job=self.id,
                    state=status.state,
                    status=status.value,
                )
            await clock.sleep(wait)
            pause = min(LONGEST_PAUSE, 2 * pause)

    def __aiter__(self) -> AsyncIterator[JobStatus[A]]:
        return self.statuses()

    async def wait(self, within: float | None = None, on_progress: Callable[[JobStatus[A]], object] | None = None) -> A:
        """What `poll` returns for the job once it has succeeded; `JobFailed` or `JobTimeout` otherwise."""
        async for status in self.statuses(within):
            if on_progress is not None:
                on_progress(status)
            if status.final and status.state not in self._terms.succeeded:
                raise JobFailed(
                    f"job {self.id}: ended as {status.state}; expected {' or '.join(sorted(self._terms.succeeded))}; see `status` for why",
                    job=self.id,
                    state=status.state,
                    status=status.value,
                )
            if status.final:
                return status.value
        raise AssertionError("a job that is followed ends or raises")

    async def result(self, within: float | None = None, on_progress: Callable[[JobStatus[A]], object] | None = None) -> R:
        """What the job made, once it has succeeded; `JobFailed` or `JobTimeout` otherwise."""
        operation = self._terms.result
        if operation is None:
            raise TypeError(f"{self._terms.poll.id}: the contract names no operation that fetches the result; use wait()")
        await self.wait(within, on_progress)
        return await self._caller.fetch(operation, self._arguments)

    async def cancel(self) -> None:
        """End the job; ending one that has ended is no error."""
        operation = self._terms.cancel
        if operation is None:
            raise TypeError(f"{self._terms.poll.id}: the contract names no operation that cancels a job")
        await self._caller.fetch(operation, self._arguments)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"


class Job(Generic[A, R]):
    """A job followed by a thread; `for` gives its status until it has ended."""

    __slots__ = ("_job",)

    def __init__(self, job: AsyncJob[A, R]) -> None:
        self._job = job

    @property
    def id(self) -> str:
        """What names the job."""
        return self._job.id

    def status(self) -> JobStatus[A]:
        """Ask once where the job stands."""
        return run(self._job.status())

    def statuses(self, within: float | None = None) -> Iterator[JobStatus[A]]:
        """The status each time it is asked for, up to the final one, or `JobTimeout` after so many seconds."""
        statuses = self._job.statuses(within)
        while True:
            try:
                yield run(_next(statuses))
            except StopAsyncIteration:
                return

    def __iter__(self) -> Iterator[JobStatus[A]]:
        return self.statuses()

    def wait(self, within: float | None = None, on_progress: Callable[[JobStatus[A]], object] | None = None) -> A:
        """What `poll` returns for the job once it has succeeded; `JobFailed` or `JobTimeout` otherwise."""
        return run(self._job.wait(within, on_progress))

    def result(self, within: float | None = None, on_progress: Callable[[JobStatus[A]], object] | None = None) -> R:
        """What the job made, once it has succeeded; `JobFailed` or `JobTimeout` otherwise."""
        return run(self._job.result(within, on_progress))

    def cancel(self) -> None:
        """End the job; ending one that has ended is no error."""
        run(self._job.cancel())

    def __repr__(self) -> str:
        return repr(self._job).removeprefix("Async")


async def _next(statuses: AsyncIterator[JobStatus[A]]) -> JobStatus[A]:
    return await anext(statuses)
