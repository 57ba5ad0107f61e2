"""Workers: they take jobs one at a time, report how far they are, try again after a failure, and give up at last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from assay_server.ending import end
from assay_server.postgres.store_errors import StoreError, StoreTimeout

from .store import JobStore
from .values import JobFailure, JobTaken

ATTEMPTS = 5
LEASE = timedelta(seconds=15)
"""How long a worker may be silent before another one takes its job."""
_FIRST_WAIT = 0.5

Report = Callable[[int, int], Awaitable[None]]
"""Takes progress in percent and the number of the phase; raises `JobCancelled` when the job is no longer this worker's."""
Perform = Callable[[JobTaken, Report], Awaitable[bytes]]
"""Does the work of one kind of job and returns its result."""


class JobFailed(Exception):
    """The job cannot be done, and another attempt would not help."""

    def __init__(self, failure: JobFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class JobCancelled(Exception):
    """The job was cancelled, or another worker has it."""


class Worker:
    """Performs jobs; `kinds` says how, and `last_phase` which phase a complete job is in."""

    __slots__ = ("_jobs", "_kinds", "_last_phase", "_wait")

    def __init__(self, jobs: JobStore, kinds: Mapping[str, Perform], last_phase: int, *, first_wait: float = _FIRST_WAIT) -> None:
        self._jobs = jobs
        self._kinds = kinds
        self._last_phase = last_phase
        self._wait = first_wait

    async def work(self) -> None:
        """Perform every job that waits; raises `StoreError` when none can be taken."""
        while (taken := await self._jobs.take(tuple(self._kinds), LEASE)) is not None:
            await self._perform(taken)

    async def _perform(self, taken: JobTaken) -> None:
        async def report(progress: int, phase: int) -> None:
            if not await self._jobs.report(taken, progress, phase, LEASE):
                raise JobCancelled(taken.id)

        alive = asyncio.create_task(self._hold(taken))
        try:
            result = await self._kinds[taken.kind](taken, report)
            await self._jobs.complete(taken, result, self._last_phase)
        except JobCancelled:
            return
        except JobFailed as failed:
            await self._jobs.fail(taken, failed.failure)
        except StoreError as error:
            await self._again(taken, error)
        except Exception:
            # A defect of ours: the job ends with an error that its owner can act on, and the caller logs the defect.
            await self._jobs.fail(taken, JobFailure("UNHANDLED", "the job failed in an unexpected way", "report the job", retryable=False))
            raise
        finally:
            await end((alive,))

    async def _hold(self, taken: JobTaken) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self._jobs.report(taken, 0, 0, LEASE)

    async def _again(self, taken: JobTaken, error: StoreError) -> None:
        if taken.attempt < ATTEMPTS:
            await self._jobs.retry(taken, timedelta(seconds=self._wait * 2 ** (taken.attempt - 1)))
            return
        code = "UPSTREAM_TIMEOUT" if isinstance(error, StoreTimeout) else "SERVICE_UNAVAILABLE"
        message = f"the store did not answer in {ATTEMPTS} attempts"
        await self._jobs.fail(taken, JobFailure(code, message, "start the job again later, or for less", retryable=True))
