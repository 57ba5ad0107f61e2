"""Tasks end, also those to which the request to end is lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from assay_server.ending import end


async def test_a_task_that_loses_a_cancellation_is_asked_again() -> None:
    """As one does whose wait was over in the same moment."""
    lost = 0

    async def work() -> None:
        nonlocal lost
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3_600)
        lost += 1
        await asyncio.sleep(3_600)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)

    await asyncio.wait_for(end((task,)), 60)

    assert (lost, task.cancelled()) == (1, True)


async def test_what_tasks_raise_as_they_end_is_dropped() -> None:
    """Whoever ends a task has no use for its failure, and one that ended before is left alone."""

    async def fail() -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            raise ValueError("too late")

    tasks = [asyncio.create_task(fail()), asyncio.create_task(asyncio.sleep(0))]
    await asyncio.sleep(0.01)

    await end(tasks)

    assert [task.done() for task in tasks] == [True, True]
