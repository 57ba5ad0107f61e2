"""Starts jobs and follows each to its end: left alone, cancelled, and asked for by somebody else."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from assay_contracts import Operation

from assay_conformance.body_plans import renewed, starting_requests
from assay_conformance.body_values import at
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, ForeignJob, JobRun, Request
from assay_conformance.job_terms import is_final, job_in, life_cycle

LONGEST_SECONDS = 45.0
"""A job may take so long."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.03, 1.0
LONG_TAIL = 4
"""So many letters and digits are enough to tell jobs apart."""
CANCELLED_JOBS = 4
"""So many jobs are cancelled: the first may be over before the request to cancel it comes."""


async def drive_changing(context: DriverContext) -> None:
    """Every life cycle of the contract."""
    for operation in context.contract.operations:
        spec = operation.annotations.get("x-job")
        if spec is not None and spec["role"] == "start":
            roles = life_cycle(context.contract, operation)
            if "poll" in roles:
                await _Jobs(context, operation, spec, roles).drive()


@dataclasses.dataclass(frozen=True, slots=True)
class _Jobs:
    """The jobs of one operation."""

    context: DriverContext
    operation: Operation
    spec: Mapping[str, Any]
    roles: Mapping[str, Operation]

    async def drive(self) -> None:
        requests = starting_requests(self.context, self.operation)
        run = await self._start_any(requests)
        if run is None:
            return
        await self._ask_as_other(run)
        await self._finish(run)
        if await self.context.hook.fault("job-fails", operation=self.operation.id, seconds=LONGEST_SECONDS):
            try:
                failing = await self._start_any(requests)
                if failing is not None:
                    await self._finish(failing)
            finally:
                await self.context.hook.clear()
        if "cancel" in self.roles:
            for _ in range(CANCELLED_JOBS):
                begun = await self._start_any(requests)
                if begun is None or await self._cancel(begun):
                    break

    async def _start_any(self, requests: Iterable[Request]) -> JobRun | None:
        """A job of the first request that starts one; None where none does."""
        for request in requests:
            request = renewed(self.context, self.operation, request)
            start = await self.context.send(self.operation.id, request, purpose="start a job", expected="accepted")
            if start.answer.succeeded and job_in(self.spec, start.answer) is not None:
                name = self.context.journal.name("job-")
                return JobRun(id=name, subject=self.operation.id, purpose="a job from start to end", start=start, polls=())
        return None

    def _request(self, role: str, job: str, credential: str = "primary") -> Request:
        operation = self.roles[role]
        name = operation.annotations.get("x-job", {}).get("parameter") or self.spec.get("parameter", "")
        path = {name: job} if any(item.name == name and item.location == "path" for item in operation.parameters) else None
        query = None if path else {name: job}
        return self.context.wire.request(operation, query, path=path, credential=credential)

    async def _ask(self, role: str, job: str, purpose: str, *, credential: str = "primary", expected: str = "any") -> Exchange:
        request = self._request(role, job, credential)
        return await self.context.wire.send(self.roles[role].id, request, purpose=purpose, expected=expected)

    async def _follow(self, run: JobRun) -> JobRun:
        """The job with every state that was read until a final one came, or the time was over."""
        job, polls = job_in(self.spec, run.start.answer) or "", list(run.polls)
        began, pause, ended = self.context.journal.now(), SHORTEST_PAUSE, False
        while not ended and self.context.journal.now() - began < LONGEST_SECONDS:
            polls.append(await self._ask("poll", job, "the state of a job", expected="accepted"))
            ended = not polls[-1].answer.succeeded or is_final(self.spec, at(polls[-1].answer.json, self.spec.get("state")))
            if not ended:
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 1.3)
        return dataclasses.replace(run, polls=tuple(polls), ended=ended, waited=self.context.journal.now() - began)

    async def _finish(self, run: JobRun) -> None:
        """Follow a job, and read what it names."""
        run = await self._follow(run)
        job = job_in(self.spec, run.start.answer) or ""
        location = run.start.answer.header(self.spec["location"]) if "location" in self.spec else None
        named = at(run.polls[-1].answer.json, self.spec.get("result")) if run.polls else None
        result = await self._ask("result", job, "the result of a job") if "result" in self.roles else None
        self.context.journal.add(
            dataclasses.replace(
                run,
                located=await self._read(self.roles["poll"], location, "what Location names"),
                named=await self._read(self.roles.get("result", self.operation), named, "the result that a job names"),
                result=result,
            )
        )

    async def _read(self, operation: Operation, address: object, purpose: str) -> Exchange | None:
        """Read an address of the target; None where it is none, or another server's."""
        if not isinstance(address, str) or not address:
            return None
        parts, own = urlsplit(address), urlsplit(self.context.target.http)
        if parts.netloc and parts.netloc != own.netloc:
            return None
        path = parts.path.removeprefix(own.path)
        path = quote(unquote(path), safe="/:@!$&'()*+,;=-._~")
        if not path.startswith("/"):
            path = f"{operation.path.rpartition('/{')[0]}/{path}"
        pairs = tuple((name, value) for name, _, value in (pair.partition("=") for pair in parts.query.split("&") if pair))
        return await self.context.wire.send(operation.id, Request("GET", path, pairs), purpose=purpose)

    async def _cancel(self, run: JobRun) -> bool:
        """Cancel a job, and once more when it has ended; gives whether it was under way when it was cancelled."""
        job = job_in(self.spec, run.start.answer) or ""
        before = await self._ask("poll", job, "the state of a job before it is cancelled", expected="accepted")
        first = await self._ask("cancel", job, "cancel a job")
        run = await self._follow(dataclasses.replace(run, polls=(before,)))
        second = await self._ask("cancel", job, "cancel a job again")
        after = await self._ask("poll", job, "the state of a job that was cancelled twice", expected="any")
        result = await self._ask("result", job, "the result of a cancelled job") if "result" in self.roles else None
        polls = (*run.polls, after) if after.answer.succeeded else run.polls
        self.context.journal.add(
            dataclasses.replace(run, purpose="a job that is cancelled", polls=polls, cancels=(first, second), cancelled_at=1, result=result)
        )
        return at(polls[-1].answer.json, self.spec.get("state")) not in self.spec.get("succeeded", ())

    async def _ask_as_other(self, run: JobRun) -> None:
        """Ask for a job, and for one that does not exist, as somebody else; then read it as its owner."""
        job, other = job_in(self.spec, run.start.answer) or "", self.context.target.has_credential("other")
        unknown = another_job(job)
        for role in ("poll", "result", "cancel") if other else ():
            if role not in self.roles or not self.roles[role].secured:
                continue
            foreign = await self._ask(role, job, f"{role} a job of somebody else", credential="other", expected="refused")
            again = await self._ask(role, job, f"{role} a job of somebody else", credential="other", expected="refused")
            missing = await self._ask(role, unknown, f"{role} a job that does not exist", credential="other", expected="refused")
            own = await self._ask("poll", job, "the state of a job that somebody else asked for", expected="accepted")
            self.context.journal.add(
                ForeignJob(
                    id=self.context.journal.name("foreign-job-"),
                    subject=self.roles[role].id,
                    purpose=f"{role} a job of somebody else",
                    foreign=foreign,
                    again=again,
                    unknown=missing,
                    own=own,
                    job=job,
                    unknown_job=unknown,
                )
            )


def another_job(job: str) -> str:
    """An identifier of the same form that names no job: the letters and digits of its end are others.

    What stands before the last separator stays, such as the kind of the identifier or the version of a UUID.
    """
    swap = {"0": "1", "a": "b", "A": "B"}
    tail = re.split(r"[^0-9A-Za-z]", job)[-1]
    kept = len(job) - len(tail) if LONG_TAIL <= len(tail) < len(job) else 0 if len(job) < 3 else 1
    moved = "".join(
        (swap.get(char, "0" if char.isdigit() else "a" if char.islower() else "A" if char.isupper() else char)) for char in job[kept:]
    )
    return job[:kept] + moved
