"""Jobs over a real Postgres: one pair of hands each, whatever happens to the hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from assay_server.jobs import Job, JobCancelled, JobFailure, JobStore, JobTaken, NewJob, Report, Worker
from assay_server.postgres.connections import Connections, Limits
from assay_server.postgres.store_errors import StoreTimeout

LEASE = timedelta(seconds=30)
OVER = timedelta(seconds=-1)


@pytest.fixture
async def jobs(dsn: str) -> AsyncIterator[JobStore]:
    """A store of jobs over a fresh database."""
    connections = Connections(dsn, Limits(acquire_seconds=30, statement_seconds=30))
    await connections.open()
    yield await JobStore.open(connections)
    await connections.close()


def question(text: str = "what", owner: str = "ann") -> NewJob:
    """A job of a kind."""
    return NewJob("sum", owner, {"text": text}, text)


async def state(jobs: JobStore, job: Job) -> Job:
    """A job of Ann as it stands."""
    found = await jobs.get("sum", job.id, "ann")
    assert found is not None
    return found


async def test_one_question_of_one_owner_is_one_job_while_it_is_under_way(jobs: JobStore) -> None:
    """Another question, another owner and a question asked after the end are jobs of their own."""
    first, again = await jobs.start(question()), await jobs.start(question())
    other, foreign = await jobs.start(question("else")), await jobs.start(question(owner="bob"))
    await jobs.cancel("sum", first.id, "ann")
    later = await jobs.start(question())

    assert first.id == again.id
    assert len({first.id, other.id, foreign.id, later.id}) == 4


async def test_a_job_belongs_to_its_owner_and_its_kind(jobs: JobStore) -> None:
    """Nobody else reads or cancels it, or learns that it exists."""
    job = await jobs.start(question())

    assert await jobs.get("sum", job.id, "bob") is None
    assert await jobs.get("product", job.id, "ann") is None
    assert not await jobs.cancel("sum", job.id, "bob")
    assert (await state(jobs, job)).status == "queued"


async def test_many_workers_take_each_job_once(jobs: JobStore) -> None:
    """Two at a time, until none is left."""
    started = {(await jobs.start(question(str(number)))).id for number in range(40)}

    async def drain() -> list[str]:
        taken: list[str] = []
        while (job := await jobs.take(["sum"], LEASE)) is not None:
            taken.append(job.id)
        return taken

    taken = [id for ids in await asyncio.gather(*(drain() for _ in range(6))) for id in ids]

    assert sorted(taken) == sorted(started)


async def test_a_dead_workers_job_goes_to_another_and_the_dead_one_changes_nothing(jobs: JobStore) -> None:
    """Progress does not go back, and what the first attempt still writes is dropped."""
    job = await jobs.start(question())
    dead = await jobs.take(["sum"], LEASE)
    assert dead is not None
    await jobs.report(dead, 60, 2, OVER)
    heir = await jobs.take(["sum"], LEASE)
    assert heir is not None

    assert (heir.id, heir.attempt) == (job.id, 2)
    assert not await jobs.report(dead, 90, 3, LEASE)
    assert not await jobs.complete(dead, b"wrong", 4)
    assert await jobs.report(heir, 10, 0, LEASE)
    assert ((await state(jobs, job)).progress, (await state(jobs, job)).phase) == (60, 2)
    assert await jobs.complete(heir, b"right", 4)
    assert await jobs.result("sum", job.id, "ann") == b"right"
    assert await jobs.result("sum", job.id, "bob") is None


async def test_a_job_is_kept_for_a_day_after_its_end(jobs: JobStore) -> None:
    """Not shorter, however long it was under way."""
    job = await jobs.start(question())
    taken = await jobs.take(["sum"], LEASE)
    assert taken is not None
    await jobs.complete(taken, b"", 4)
    done = await state(jobs, job)

    assert (done.status, done.progress, done.is_over) == ("complete", 100, True)
    assert done.expires_at - datetime.now(UTC) > timedelta(hours=23, minutes=59)
    assert await jobs.prune() == 0


async def test_a_cancelled_job_says_so_and_a_complete_one_stays(jobs: JobStore) -> None:
    """Cancelling what is over is no error."""
    cancelled, complete = await jobs.start(question("one")), await jobs.start(question("two"))
    assert await jobs.cancel("sum", cancelled.id, "ann")
    taken = await jobs.take(["sum"], LEASE)
    assert taken is not None
    await jobs.complete(taken, b"", 4)

    assert await jobs.cancel("sum", complete.id, "ann")
    assert (await state(jobs, complete)).status == "complete"
    found = await state(jobs, cancelled)
    assert found.failure is not None
    assert (found.status, found.failure.code) == ("failed", "CANCELLED")


async def test_a_worker_retries_what_the_store_refused_and_gives_up_at_last(jobs: JobStore) -> None:
    """A dead letter keeps its reason; a job that succeeds in between is complete."""
    attempts: dict[str, int] = {}

    async def perform(taken: JobTaken, report: Report) -> bytes:
        await report(50, 1)
        attempts[taken.id] = taken.attempt
        if taken.question["text"] == "never" or taken.attempt < 3:
            raise StoreTimeout("slow")
        return b"done"

    never, late = await jobs.start(question("never")), await jobs.start(question("late"))
    worker = Worker(jobs, {"sum": perform}, last_phase=4, first_wait=0.0)
    await worker.work()

    assert (attempts[never.id], attempts[late.id]) == (5, 3)
    assert await jobs.result("sum", late.id, "ann") == b"done"
    found = await state(jobs, never)
    assert found.failure is not None
    assert (found.status, found.failure.code, found.failure.retryable) == ("failed", "UPSTREAM_TIMEOUT", True)


async def test_a_cancelled_job_stops_at_its_next_report(jobs: JobStore) -> None:
    """Nothing is written after it, and a defect ends one job and not the others."""
    seen: list[str] = []

    async def perform(taken: JobTaken, report: Report) -> bytes:
        if taken.question["text"] == "defect":
            raise ZeroDivisionError
        await jobs.cancel("sum", taken.id, "ann")
        with pytest.raises(JobCancelled):
            await report(10, 1)
        seen.append(taken.id)
        raise JobCancelled

    cancelled = await jobs.start(question("cancelled"))
    defect = await jobs.start(question("defect"))
    with pytest.raises(ZeroDivisionError):
        await Worker(jobs, {"sum": perform}, last_phase=4).work()

    assert seen == [cancelled.id]
    assert (await state(jobs, cancelled)).failure == JobFailure(
        "CANCELLED", "the job was cancelled", "start it again if its result is needed", retryable=True
    )
    assert (await state(jobs, defect)).status == "failed"
