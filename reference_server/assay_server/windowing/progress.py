"""The progress of a summary that is a job, as the messages of its channel."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from assay_server.feed.progress import JobState
from assay_server.windowing.bodies import ProgressBody, encode
from assay_server.windowing.routes.jobs import KIND, SummaryJobs
from assay_server.windowing.store import EventStore


class Heartbeat(msgspec.Struct, frozen=True, tag_field="type", tag="heartbeat"):
    """A sign of life."""

    ts: datetime


class SummaryProgress:
    """Reads the state of jobs."""

    def __init__(self, store: EventStore, jobs: SummaryJobs) -> None:
        self._store = store
        self._jobs = jobs

    async def state(self, job: str, owner: str, version: str) -> JobState | None:
        """The state of a job of an owner, in a schema version; None when there is no such job."""
        found = await self._store.jobs.get(KIND, job, owner)
        if found is None:
            return None
        return JobState(encode(ProgressBody.of(version, found, self._jobs.path("getJobResult", found))), found.is_over)

    def heartbeat(self) -> bytes:
        """A heartbeat of now."""
        return encode(Heartbeat(datetime.now(UTC)))
