"""Success bodies as typed records, so that a response fits its schema by construction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from assay_server.jobs import Job
from assay_server.windowing.cards import Cards
from assay_server.windowing.drilldowns import Entry
from assay_server.windowing.freshness import Freshness, source_of, staleness_ms
from assay_server.windowing.store import Answered, EntryPage, Summary

METRIC_VERSION = "2.0"
PHASES = ("resolving", "fetching", "aggregating", "enriching", "complete")
UNSET = msgspec.UNSET


class CardsBody(msgspec.Struct, frozen=True, rename="camel"):
    """The numbers of a window or a step."""

    posts: int
    replies: int
    reposts: int
    reactions: int
    zaps: int
    zap_sats: int
    engagements: int
    unique_engagers: int

    @classmethod
    def of(cls, cards: Cards) -> CardsBody:
        """The record of counted cards."""
        return cls(
            cards.posts,
            cards.replies,
            cards.reposts,
            cards.reactions,
            cards.zaps,
            cards.zap_sats,
            cards.engagements,
            cards.unique_engagers,
        )


class StepBody(msgspec.Struct, frozen=True, rename="camel"):
    """One step of the timeline."""

    bucket_start: int
    cards: CardsBody


def steps_of(timeline: Iterable[tuple[int, Cards]]) -> tuple[StepBody, ...]:
    """The records of a timeline."""
    return tuple(StepBody(begin, CardsBody.of(cards)) for begin, cards in timeline)


class EntryBody(msgspec.Struct, frozen=True):
    """One entry of a drill-down."""

    key: str
    value: int
    count: int


def _entries(entries: Sequence[Entry]) -> tuple[EntryBody, ...]:
    return tuple(EntryBody(entry.key, entry.value, entry.count) for entry in entries)


class WindowBody(msgspec.Struct, frozen=True, rename="camel"):
    """The window of a response."""

    type: str
    start_ts: int
    end_ts: int


class FreshnessBody(msgspec.Struct, frozen=True, rename="camel"):
    """The age of the numbers."""

    snapshot_as_of: datetime
    delta_as_of: datetime
    staleness_ms: int


class MetaBody(msgspec.Struct, frozen=True, rename="camel"):
    """How a response was computed; without `freshness` it is what a tag is made of."""

    pubkey: str
    window: WindowBody
    freshness: FreshnessBody | None
    source: str
    is_partial: bool
    metric_version: str
    partial_reason: str | msgspec.UnsetType = UNSET

    @classmethod
    def of(cls, pubkey: str, answered: Answered, *, slow: bool = False) -> MetaBody:
        """The record of an answer as of now."""
        window, freshness = answered.window, answered.freshness
        staleness = staleness_ms(freshness, datetime.now(UTC))
        reason = answered.coarser or ("store-slow" if slow else UNSET)
        return cls(
            pubkey,
            WindowBody(window.name, window.start, window.end),
            FreshnessBody(freshness.snapshot_as_of, freshness.delta_as_of, staleness),
            source_of(freshness),
            is_partial=reason is not UNSET,
            metric_version=METRIC_VERSION,
            partial_reason=reason,
        )


class DataBody(msgspec.Struct, frozen=True):
    """The numbers of a window and its steps."""

    cards: CardsBody
    timeline: tuple[StepBody, ...]


class SummaryBody(msgspec.Struct, frozen=True, rename="camel"):
    """The numbers of one target."""

    schema_version: str
    data: DataBody
    meta: MetaBody
    drilldowns: dict[str, tuple[EntryBody, ...]] | msgspec.UnsetType = UNSET

    @classmethod
    def of(cls, version: str, pubkey: str, summary: Summary, *, included: bool) -> SummaryBody:
        """The record of a summary; `included` says whether drill-downs were asked for."""
        drilldowns = {metric.value: _entries(entries) for metric, entries in summary.drilldowns.items()}
        data = DataBody(CardsBody.of(summary.cards), steps_of(summary.timeline))
        return cls(version, data, MetaBody.of(pubkey, summary.answered), drilldowns if included else UNSET)

    def at(self, moment: datetime) -> SummaryBody:
        """The same numbers, with the age that they have at a moment."""
        known = self.meta.freshness
        assert known is not None
        age = staleness_ms(Freshness(known.snapshot_as_of, known.delta_as_of), moment)
        return self._with(freshness=msgspec.structs.replace(known, staleness_ms=age))

    def as_partial(self) -> SummaryBody:
        """The same numbers as those of a slow store; what made them partial before stays the reason."""
        return self._with(is_partial=True, partial_reason="store-slow" if self.meta.partial_reason is UNSET else self.meta.partial_reason)

    def _with(self, **changes: Any) -> SummaryBody:
        return msgspec.structs.replace(self, meta=msgspec.structs.replace(self.meta, **changes))


decode_summary = msgspec.json.Decoder(SummaryBody).decode


class EdgesBody(msgspec.Struct, frozen=True, rename="camel"):
    """The window of a response of version 1."""

    start_ts: int
    end_ts: int


class LegacyBody(msgspec.Struct, frozen=True, rename="camel"):
    """The numbers of one user, as version 1 has them."""

    schema_version: str
    pubkey: str
    interval: str
    window: EdgesBody
    data: CardsBody
    timeline: tuple[StepBody, ...]

    @classmethod
    def of(cls, version: str, pubkey: str, summary: Summary) -> LegacyBody:
        """The record of a summary."""
        window = summary.answered.window
        edges = EdgesBody(window.start, window.end)
        return cls(version, pubkey, window.name, edges, CardsBody.of(summary.cards), steps_of(summary.timeline))


class PlaceBody(msgspec.Struct, frozen=True, rename="camel"):
    """Where a page stands."""

    cursor: str | None
    has_more: bool
    page_size: int


class EntryPageBody(msgspec.Struct, frozen=True, rename="camel"):
    """One page of a drill-down."""

    schema_version: str
    metric: str
    items: tuple[EntryBody, ...]
    page: PlaceBody
    meta: MetaBody

    @classmethod
    def of(cls, version: str, metric: str, page: EntryPage, place: PlaceBody, meta: MetaBody) -> EntryPageBody:
        """The record of a page."""
        return cls(version, metric, _entries(page.entries), place, meta)


class JobErrorBody(msgspec.Struct, frozen=True):
    """Why a job failed and what to do."""

    code: str
    message: str
    action: str
    retryable: bool


class JobBody(msgspec.Struct, frozen=True, rename="camel"):
    """A job."""

    schema_version: str
    job_id: str
    status: str
    progress_percent: int
    phase: str
    created_at: datetime
    expires_at: datetime
    result_ref: str | msgspec.UnsetType = UNSET
    error: JobErrorBody | msgspec.UnsetType = UNSET

    @classmethod
    def of(cls, version: str, job: Job, result: str) -> JobBody:
        """The record of a job whose result is at a path."""
        failure = job.failure
        return cls(
            version,
            job.id,
            job.status,
            job.progress,
            PHASES[job.phase],
            job.created_at.astimezone(UTC),
            job.expires_at.astimezone(UTC),
            result if job.status == "complete" else UNSET,
            UNSET if failure is None else JobErrorBody(failure.code, failure.message, failure.action, failure.retryable),
        )


class ProgressBody(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="job_progress"):
    """The state of a job, as its channel sends it."""

    schema_version: str
    job_id: str
    status: str
    progress_percent: int
    phase: str
    result_ref: str | msgspec.UnsetType = UNSET
    error: JobErrorBody | msgspec.UnsetType = UNSET

    @classmethod
    def of(cls, version: str, job: Job, result: str) -> ProgressBody:
        """The record of a job whose result is at a path."""
        body = JobBody.of(version, job, result)
        return cls(version, body.job_id, body.status, body.progress_percent, body.phase, body.result_ref, body.error)


class RejectionBody(msgspec.Struct, frozen=True):
    """One event that was rejected."""

    index: int
    code: str
    message: str
    id: str | msgspec.UnsetType = UNSET


class IngestBody(msgspec.Struct, frozen=True, rename="camel"):
    """The outcome of a batch."""

    schema_version: str
    accepted: int
    duplicate: int
    rejected: int
    rejections: tuple[RejectionBody, ...]


_encode = msgspec.json.Encoder().encode


def encode(body: Any) -> bytes:
    """A body as JSON in UTF-8."""
    return _encode(body)
