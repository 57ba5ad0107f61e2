"""Summaries as jobs: started, followed, cancelled and fetched by the subject that started them, and by nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from assay_server.http.calls import Call
from assay_server.http.errors import Refusal
from assay_server.http.replies import Reply
from assay_server.jobs import Job, JobTaken, NewJob, Perform, Report
from assay_server.windowing.bodies import JobBody, SummaryBody, decode_summary, encode
from assay_server.windowing.drilldowns import Metric
from assay_server.windowing.store import EventStore, Question

KIND = "windowing.summary"
_AGAIN_SECONDS = 1
_HELD_SECONDS = 0.1
_STORED_VERSION = "2.0.0"
"""What a stored result states; whoever fetches it gets the version of the request."""


class SummaryJobs:
    """Starts jobs and does their work; `paths` has the path of each operation."""

    def __init__(self, store: EventStore, paths: Mapping[str, str]) -> None:
        self._store = store
        self._paths = paths

    async def start(self, call: Call, question: Question, metrics: tuple[Metric, ...], *, included: bool, preferred: bool) -> Reply:
        """Answer 202 with the job of a question, the same one while it is under way."""
        wanted: dict[str, Any] = {
            "pubkey": question.target,
            "interval": question.interval,
            "startTs": question.start,
            "endTs": question.end,
            "include": [metric.value for metric in metrics] if included else None,
        }
        job = await self._store.jobs.start(NewJob(KIND, call.subject, wanted, msgspec.json.encode(wanted).decode()))
        headers = {"Location": self.path("getJob", job), "Retry-After": str(_AGAIN_SECONDS), "Cache-Control": "no-store"}
        if preferred:
            headers["Preference-Applied"] = "respond-async"
        return Reply(encode(self.body(call, job)), status=202, headers=headers)

    def path(self, operation: str, job: Job) -> str:
        """Where an operation on a job is."""
        return self._paths[operation].replace("{jobId}", job.id)

    def body(self, call: Call, job: Job) -> JobBody:
        """A job as the contract writes it."""
        return JobBody.of(call.schema_version, job, self.path("getJobResult", job))


def summary_work(store: EventStore, is_held: Callable[[], bool]) -> Perform:
    """How a summary job is done; `is_held` says whether a fault holds jobs up."""

    async def perform(taken: JobTaken, report: Report) -> bytes:
        wanted = taken.question
        await report(10, 1)
        while is_held():
            await asyncio.sleep(_HELD_SECONDS)
            await report(10, 1)
        names: list[str] | None = wanted["include"]
        metrics = tuple(Metric(name) for name in names or ())
        question = Question(wanted["pubkey"], wanted["interval"], wanted["startTs"], wanted["endTs"])
        summary = await store.summary(question, metrics)
        await report(80, 2)
        body = SummaryBody.of(_STORED_VERSION, question.target, summary, included=names is not None)
        await report(95, 3)
        return encode(body)

    return perform


class JobRoutes:
    """Answers about jobs."""

    def __init__(self, store: EventStore, jobs: SummaryJobs) -> None:
        self._store = store
        self._jobs = jobs

    async def get(self, call: Call) -> Reply:
        """`getJob`."""
        job = await self._store.jobs.get(KIND, call.path["jobId"], call.subject)
        if job is None:
            raise _unknown()
        headers = {} if job.is_over else {"Retry-After": str(_AGAIN_SECONDS)}
        return Reply(encode(self._jobs.body(call, job)), headers=headers)

    async def cancel(self, call: Call) -> Reply:
        """`cancelJob`."""
        if not await self._store.jobs.cancel(KIND, call.path["jobId"], call.subject):
            raise _unknown()
        return Reply(status=204)

    async def result(self, call: Call) -> Reply:
        """`getJobResult`: the numbers as they were, and how old they are now."""
        stored = await self._store.jobs.result(KIND, call.path["jobId"], call.subject)
        if stored is None:
            raise _unknown()
        body = decode_summary(stored).at(datetime.now(UTC))
        if "store-slow" in call.faults:
            body = body.as_partial()
        return Reply(encode(msgspec.structs.replace(body, schema_version=call.schema_version)))


def _unknown() -> Refusal:
    return Refusal("NOT_FOUND", "there is no such job, or it is not complete, or it belongs to another subject")
