"""Several workers that answer on one socket: prepared once, started together, started again when one ends, stopped together.

What they must agree on is in the database or in memory that they share. One that is killed takes its open requests and sessions with it,
and nothing else: connections that nobody has taken yet wait for the others.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory

from prometheus_client import multiprocess

from assay_server.contract_room import Sample
from assay_server.logs import Log
from assay_server.metrics import SHARED_FOLDER
from assay_server.serving import (
    Plan,
    ServedRoom,
    address_of,
    check_plan,
    listen,
    open_database,
    open_rooms,
    run_loop,
    stop_on_signals,
    until_stopped,
    write_manifest,
)
from assay_server.worker import WorkerTask

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0
_STOP_SECONDS = 10.0
"""How long workers may take to stop; they drain for three seconds."""


class WorkerFailed(Exception):
    """A worker ended before it answered for the first time; the log says why."""


def supervise(plan: Plan, log_level: str, log: Log, say: Callable[[str], None], ready: Callable[[str], None]) -> None:
    """Serve with several workers until SIGTERM, SIGINT or SIGHUP; raises `Unservable` before anything is started."""
    run_loop(_supervise(plan, check_plan(plan), log_level, log, say, ready))


async def _supervise(
    plan: Plan, contracts: list[ServedRoom], log_level: str, log: Log, say: Callable[[str], None], ready: Callable[[str], None]
) -> None:
    stopping = stop_on_signals()
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen(plan.host, plan.port))
        dsn, cluster = await open_database(plan, stack, say)
        samples = await _prepare(plan, contracts, dsn, say)
        folder = stack.enter_context(TemporaryDirectory(prefix="assay-figures-"))
        crew = _Crew(replace(plan, dsn=dsn, data=None, target=None), samples, listener, log_level, folder, log)
        stack.push_async_callback(crew.stop)
        await crew.start()
        write_manifest(plan, contracts, samples, address_of(plan, listener))
        ready(address_of(plan, listener))
        await until_stopped(stopping, cluster)
        say("stopping")


async def _prepare(plan: Plan, contracts: list[ServedRoom], dsn: str, say: Callable[[str], None]) -> dict[str, Sample]:
    """Bring the tables up to date and load the sample data, once for all workers."""
    async with AsyncExitStack() as stack:
        opened = await open_rooms(plan, contracts, dsn, stack, say)
        return {name: sample for name, (_, sample) in opened.items()}


@dataclass(slots=True)
class _Worker:
    number: int
    answering: asyncio.Event
    process: Process | None = None
    keeper: asyncio.Task[None] | None = None


class _Crew:
    """The workers, each with a task that keeps it."""

    def __init__(self, plan: Plan, samples: Mapping[str, Sample], listener: socket.socket, log_level: str, folder: str, log: Log) -> None:
        self._plan = plan
        self._samples = samples
        self._listener = listener.fileno()
        self._log_level = log_level
        self._folder = folder
        self._log = log
        self._stopping = False
        self._workers = [_Worker(number, asyncio.Event()) for number in range(1, plan.workers + 1)]

    async def start(self) -> None:
        """Return once every worker answers; raises `WorkerFailed`."""
        for worker in self._workers:
            worker.keeper = asyncio.create_task(self._keep(worker))
        for worker in self._workers:
            assert worker.keeper is not None
            answering = asyncio.create_task(worker.answering.wait())
            await asyncio.wait((answering, worker.keeper), return_when=asyncio.FIRST_COMPLETED)
            answering.cancel()
            if worker.keeper.done():
                worker.keeper.result()

    async def stop(self) -> None:
        """Ask every worker to stop, and kill those that do not."""
        self._stopping = True
        for worker in self._workers:
            if worker.process is None and worker.keeper is not None:
                worker.keeper.cancel()
            self._signal(worker, signal.SIGTERM)
        keepers = [worker.keeper for worker in self._workers if worker.keeper is not None]
        if keepers:
            await asyncio.wait(keepers, timeout=_STOP_SECONDS)
        for worker in self._workers:
            self._signal(worker, signal.SIGKILL)
        await asyncio.gather(*keepers, return_exceptions=True)

    @staticmethod
    def _signal(worker: _Worker, number: signal.Signals) -> None:
        if worker.process is not None:
            with suppress(ProcessLookupError):
                worker.process.send_signal(number)

    async def _keep(self, worker: _Worker) -> None:
        """Have the worker run, again and again."""
        wait = _FIRST_WAIT
        while not self._stopping:
            answered, code = await self._run(worker)
            if self._stopping:
                return
            if not worker.answering.is_set():
                raise WorkerFailed(f"worker {worker.number} ended with exit code {code} before it answered; the log says why")
            wait = _FIRST_WAIT if answered else min(wait * 2, _LONGEST_WAIT)
            self._log.error("worker", number=worker.number, exit_code=code, again_in_seconds=wait)
            await asyncio.sleep(wait)

    async def _run(self, worker: _Worker) -> tuple[bool, int]:
        """Run one process to its end; return whether it answered, and its exit code."""
        memory = self._plan.settings.memory.descriptor
        assert memory is not None
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "assay_server.worker"),
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=(self._listener, memory),
            env=os.environ | {SHARED_FOLDER: self._folder},
        )
        worker.process = process
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            task = WorkerTask(worker.number, self._plan, self._samples, self._listener, self._log_level)
            with suppress(ConnectionError):
                process.stdin.write(pickle.dumps(task))
                await process.stdin.drain()
            answered = bool(await process.stdout.readline())
            if answered:
                worker.answering.set()
            return answered, await process.wait()
        finally:
            worker.process = None
            # Of gauges, only living processes count.
            multiprocess.mark_process_dead(process.pid, self._folder)  # type: ignore[no-untyped-call]  # pyright: ignore[reportUnknownMemberType]
