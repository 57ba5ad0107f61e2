"""Follows jobs through their own channel: from the start, held up, over already, somebody else's, and without a right to."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from assay_contracts import Channel, Operation

from assay_conformance.authorization import channel_schemes
from assay_conformance.body_plans import renewed, starting_requests
from assay_conformance.driver_context import DriverContext, bad_credentials
from assay_conformance.drivers.job import another_job
from assay_conformance.drivers.sessions import Session, open_channel
from assay_conformance.evidence import Exchange, FeedSession, ProgressKnock, ProgressRun
from assay_conformance.job_terms import job_in, job_start
from assay_conformance.progress_terms import Progress, progress_of
from assay_conformance.target import places_of

LONGEST_SECONDS = 45.0
PATIENCE = 3.0
"""How long a server may take to close."""
MARGIN_SECONDS = 3.0
MOST_READS = 40
ATTEMPTS = 4


async def drive_changing(context: DriverContext) -> None:
    """Every channel that follows a job which the contract's own operations start."""
    for channel in context.contract.channels:
        terms = progress_of(channel)
        poll = next((item for item in context.contract.operations if terms is not None and item.id == terms.spec.get("operation")), None)
        start = job_start(context.contract, poll.path) if poll is not None else None
        if terms is not None and poll is not None and start is not None and places_of(channel.address):
            await _Follower(context, channel, terms, start, poll).drive()


@dataclass(frozen=True, slots=True)
class _Follower:
    """The sessions of one channel."""

    context: DriverContext
    channel: Channel
    terms: Progress
    start: Operation
    poll: Operation

    async def drive(self) -> None:
        """Each way to open a session."""
        job = await self._started()
        if job is None:
            return
        await self._follow(job, "follow a job")
        await self._follow(job, "follow a job that is over")
        beat = self.terms.beat
        if beat is not None and await self.context.hook.fault("job-waits", operation=self.start.id, seconds=beat + MARGIN_SECONDS):
            delayed = await self._started()
            if delayed is not None:
                await self._follow(delayed, "follow a job that is held up", delayed=True)
            await self.context.hook.clear()
        await self._knock_all(job)

    async def _started(self) -> str | None:
        """A job that has just been started."""
        for request in starting_requests(self.context, self.start)[:ATTEMPTS]:
            request = renewed(self.context, self.start, request)
            begun = await self.context.send(self.start.id, request, purpose="start a job to follow", expected="accepted")
            job = job_in(self.start.annotations["x-job"], begun.answer) if begun.answer.succeeded else None
            if job is not None:
                return job
        return None

    async def _follow(self, job: str, purpose: str, *, delayed: bool = False) -> None:
        """Hold a session until the server ends it, and read the job over HTTP after each message."""
        session = await self._open(job, purpose)
        reads: list[Exchange] = []
        seen: list[int] = []
        began = self.context.journal.now()
        while session.live and self.context.journal.now() - began < LONGEST_SECONDS:
            count = session.count
            await session.until(partial(_has_more, session, count), 1.0)
            if session.count > count and len(reads) < MOST_READS:
                seen.append(session.count)
                name = places_of(self.poll.path)[-1][1]
                reads.append(await self.context.wire.ask(self.poll, purpose="the state beside its channel", path={name: job}))
        self.context.journal.add(
            ProgressRun(
                id=self.context.journal.name("progress-"),
                subject=self.channel.id,
                purpose=purpose,
                session=await session.end(),
                reads=tuple(reads),
                seen=tuple(seen),
                delayed=delayed,
            )
        )

    async def _knock_all(self, job: str) -> None:
        """Open every session that must be refused."""
        if self.channel.secured:
            for credential in bad_credentials(self.context.target):
                await self._knock(job, "unauthenticated", credential=credential)
        if self.context.target.has_credential("other"):
            for when in ("not-allowed", "not-found"):
                await self._knock(job, when, credential="other", foreign=True)
        await self._knock(another_job(job), "not-found")
        version = self.context.contract.taxonomy.schema_version if self.context.contract.taxonomy is not None else None
        if version:
            await self._knock(job, "version-not-served", headers={str(version["header"]): "99.0.0"})

    async def _knock(
        self, job: str, when: str, *, credential: str = "primary", foreign: bool = False, headers: Mapping[str, str] | None = None
    ) -> None:
        if not self.terms.codes(when):
            return
        session = await self._open(job, f"a session that is refused: {when}", credential=credential, headers=headers, expected="refused")
        await session.until_closed(PATIENCE)
        record: FeedSession = await session.end()
        self.context.journal.add(
            ProgressKnock(
                id=self.context.journal.name("knock-"),
                subject=self.channel.id,
                purpose=record.purpose,
                session=record,
                when=when,
                foreign=foreign,
            )
        )

    async def _open(
        self, job: str, purpose: str, *, credential: str = "primary", headers: Mapping[str, str] | None = None, expected: str = "open"
    ) -> Session:
        known = self.context.target.fixtures
        place = places_of(self.channel.address)[-1][0]
        target = dataclasses.replace(self.context.target, fixtures={**known, "parameters": {**known.get("parameters", {}), place: job}})
        return await open_channel(
            target,
            self.context.journal,
            self.channel,
            purpose=purpose,
            credential=credential,
            headers=headers,
            expected=expected,
            schemes=channel_schemes(self.context.contract, self.channel.id),
        )


def _has_more(session: Session, count: int) -> bool:
    return session.count > count
