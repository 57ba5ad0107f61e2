"""Exports as jobs: rows are read page by page and written part by part, so that none is too large for memory.

A worker that takes an export over goes on after the last part that was written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import msgspec

from assay_server.jobs import JobCancelled, JobFailed, JobFailure, JobStore, JobTaken, Perform, Report
from assay_server.reliability.bodies import FailureBody, FunnelBucketBody
from assay_server.reliability.export_files import Format, Row, Window, rows
from assay_server.reliability.store import FailurePosition, FailureQuery, FunnelQuery, Store
from assay_server.rollups import Tier, bucket_starts

KIND = "reliability.export"
PHASES = ("queued", "reading", "writing", "complete")
MOST_ROWS = 1_000_000

_PAGE = 5_000
_STRETCH = 366
"""How many days of a funnel are computed at once."""
_READING, _WRITING = PHASES.index("reading"), PHASES.index("writing")


class ExportRequest(msgspec.Struct, frozen=True, rename={"tenant_id": "tenantId", "start": "from", "end": "to"}):
    """What is exported."""

    tenant_id: str
    kind: Literal["failures", "funnel"]
    format: Format
    start: datetime
    end: datetime


class ExportQuestion(msgspec.Struct, frozen=True):
    """What a job remembers of an export: the request, the window as it was written, and the hash of its polling token."""

    request: ExportRequest
    window: Window
    token_hash: str


class _Written(msgspec.Struct, frozen=True):
    """The last row of a part, and how many rows there are up to it."""

    event_time: datetime
    error_class: str
    event_id: str
    rows: int


def question_of(stored: Any) -> ExportQuestion:
    """What a job remembers, as its store gives it back."""
    return msgspec.convert(stored, ExportQuestion)


def export_work(store: Store, jobs: JobStore) -> Perform:
    """How an export is done."""

    async def perform(taken: JobTaken, report: Report) -> bytes:
        request = question_of(taken.question).request
        await report(5, _READING)
        writer = _Writer(jobs, taken, request.format)
        if request.kind == "funnel":
            await _write_funnel(store, request, writer, report)
        else:
            await _write_failures(store, request, writer, report)
        return b""

    return perform


@dataclass(slots=True)
class _Writer:
    """Writes parts for as long as the job is this worker's."""

    jobs: JobStore
    taken: JobTaken
    format: Format
    parts: int = 0

    async def write(self, items: list[Row], place: Any) -> None:
        content = rows(self.format, items, first=self.parts == 0)
        if not await self.jobs.parts.append(self.taken, self.parts, content, place):
            raise JobCancelled(self.taken.id)
        self.parts += 1


async def _write_funnel(store: Store, request: ExportRequest, writer: _Writer, report: Report) -> None:
    days = bucket_starts(request.start, request.end, Tier.DAY.value) if request.start < request.end else ()
    if len(days) > MOST_ROWS:
        raise _too_many("days")
    written = await writer.jobs.parts.written_to(writer.taken)
    writer.parts, done = written.parts, int(written.place or 0)
    while done < len(days):
        following = days[done + _STRETCH] if done + _STRETCH < len(days) else request.end
        answer = await store.funnel(FunnelQuery(request.tenant_id, max(days[done], request.start), following, "day"))
        done += len(answer.series or ())
        await writer.write([FunnelBucketBody.of(bucket) for bucket in answer.series or ()], done)
        await report(5 + 90 * done // len(days), _WRITING)


async def _write_failures(store: Store, request: ExportRequest, writer: _Writer, report: Report) -> None:
    query = FailureQuery(request.tenant_id, "eventTime:asc", limit=_PAGE, start=request.start, end=request.end)
    total = await store.count_failures(query, MOST_ROWS + 1)
    if total > MOST_ROWS:
        raise _too_many("failures")
    written = await writer.jobs.parts.written_to(writer.taken)
    writer.parts = written.parts
    last = None if written.place is None else msgspec.convert(written.place, _Written)
    count = 0 if last is None else last.rows
    after = None if last is None else FailurePosition(last.event_time, last.error_class, last.event_id)
    while True:
        page = await store.failures(replace(query, after=after))
        if page.items:
            count += len(page.items)
            end = page.items[-1]
            place = _Written(end.event_time, end.error_class, end.event_id, count)
            await writer.write([FailureBody.of(failure) for failure in page.items], msgspec.to_builtins(place))
        await report(5 + 90 * min(count, total) // max(total, 1), _WRITING)
        if not page.has_more:
            return
        after = page.position


def _too_many(what: str) -> JobFailed:
    message = f"the window has more than {MOST_ROWS:,} {what}"
    return JobFailed(JobFailure("TOO_MANY_ROWS", message, "export shorter windows one by one", retryable=False))
