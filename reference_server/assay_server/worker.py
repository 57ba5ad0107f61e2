"""One worker of several: a process that answers on the socket of its supervisor, until it is told to stop or the supervisor is gone.

Run as `python -m assay_server.worker`. The task comes on standard input, which then stays open for as long as the supervisor lives; the
number of the worker goes to standard output once it answers.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from assay_server.contract_room import OpenRoom, Sample
from assay_server.log_writer import LogWriter
from assay_server.logs import Log, configure_logs
from assay_server.postgres.store_errors import StoreError
from assay_server.serving import Plan, check_plan, run_application, run_loop, stop_on_signals

_LAST_LINES_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class WorkerTask:
    """What one worker does. `plan` has a DSN, whose tables are up to date; `listener` is the descriptor of the socket."""

    number: int
    plan: Plan
    samples: Mapping[str, Sample]
    listener: int
    log_level: str


def main() -> int:
    """Work until the end; the exit code is 3 when the worker cannot begin."""
    task: WorkerTask = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the supervisor
    output = LogWriter(sys.stderr.fileno(), shared=True)
    log = configure_logs(task.log_level, output, task.number)
    try:
        run_loop(_work(task, log))
    except (StoreError, OSError) as error:
        log.error("worker", error=type(error).__name__, detail=str(error))
        return 3
    finally:
        output.drain(_LAST_LINES_SECONDS)
    return 0


async def _work(task: WorkerTask, log: Log) -> None:
    stopping = stop_on_signals()
    _stop_without_supervisor(stopping)
    plan, contracts = task.plan, check_plan(task.plan)
    assert plan.dsn is not None
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(socket.socket(fileno=task.listener))
        opened: dict[str, tuple[OpenRoom, Sample]] = {}
        for room in {room.contract: room for _, room in contracts}.values():
            open_room = await room.open(plan.dsn, plan.settings)
            stack.push_async_callback(open_room.aclose)
            opened[room.contract] = open_room, task.samples[room.contract]
        await run_application(plan, contracts, opened, plan.dsn, listener, log, stack)
        print(task.number, flush=True)
        await stopping.wait()


def _stop_without_supervisor(stopping: asyncio.Event) -> None:
    loop, pipe = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        if not os.read(pipe, 1):
            loop.remove_reader(pipe)
            stopping.set()

    loop.add_reader(pipe, read)


if __name__ == "__main__":
    sys.exit(main())
