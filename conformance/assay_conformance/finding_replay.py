"""Sends the requests behind one finding again, and judges the new responses by the same clause.

A finding rests on one record of the evidence. Its exchanges and sessions, and the exchanges that gave the values which they carry, are the
shortest conversation that shows it.
"""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass

from assay_contracts import Contract, UsageError

from assay_conformance.authorization import channel_schemes
from assay_conformance.certifying import certify
from assay_conformance.driver_context import HookClient, Wire
from assay_conformance.drivers.sessions import open_channel
from assay_conformance.errors import TargetError
from assay_conformance.evidence import Evidence, Exchange, FaultRun, FeedSession, Journal, Record, Watch
from assay_conformance.judging import judge
from assay_conformance.oauth2 import with_tokens
from assay_conformance.replayed_values import ReplayedValues, with_origins
from assay_conformance.report.causes import leaves
from assay_conformance.run_plan import FULL_PLAN
from assay_conformance.target import Target
from assay_conformance.verdicts import Row, Verdict

FAULT_SECONDS = 60
LONGEST_SESSION = 90.0
"""Seconds that a session is kept open at most, however long the recorded one was."""
FEED_STEPS = ("stream", "heartbeat")
"""The steps of a run that talk to feeds."""
_GRACE = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of a report that does not pass, the record that shows it, and the steps that lead to it in the order of sending."""

    row: Row
    record: Record
    steps: tuple[Exchange | FeedSession, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """A finding after its requests were sent again: the row as it is judged now, and each step with what came then and now.

    Without steps the whole conversation with a feed was held again.
    """

    finding: Finding
    row: Row
    steps: tuple[tuple[Exchange | FeedSession, Exchange | FeedSession], ...]

    @property
    def mended(self) -> bool:
        """Whether the finding is gone: the clause does not fail, and each response is of the kind that was expected of it."""
        return self.row.verdict is Verdict.PASS or (
            bool(self.steps)
            and self.row.verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE)
            and all(_as_expected(then, now) for then, now in self.steps)
        )


def finding_named(name: str, contract: Contract, evidence: Evidence) -> Finding:
    """The finding `CLAUSE@SUBJECT` of recorded evidence; the subject may be left out where one subject alone fails.

    Raises `UsageError` for a name that is no failed row, and for one that no single record shows.
    """
    clause, _, subject = name.partition("@")
    outcome = judge(contract, evidence, only=[clause])
    rows = [row for row in outcome.rows if row.verdict is Verdict.FAIL and subject in ("", row.subject)]
    if len(rows) != 1:
        failed = [f"{row.clause}@{row.subject}" for row in judge(contract, evidence).rows if row.verdict is Verdict.FAIL]
        raise UsageError(
            f"the finding {name}",
            expected=f"one of {', '.join(failed)}" if failed else "evidence in which a clause fails",
            actual=f"{len(rows)} failed rows",
        )
    known = {record.id: record for record in evidence.records}
    watched = (item for item in evidence.of(Watch) if item.subject == rows[0].subject)
    record = next((known[name] for name in rows[0].records if name in known), next(watched, None))
    steps = leaves(record)
    if record is None or not steps:
        raise UsageError(
            f"the finding {name}",
            expected="a finding that one conversation shows",
            actual="a finding over the whole run",
            next_step="run `assay certify` again",
        )
    requests = [step for step in steps if isinstance(step, Exchange)]
    listened = sorted((step for step in steps if isinstance(step, FeedSession)), key=lambda step: step.opened)
    return Finding(rows[0], record, (*with_origins(requests, evidence.of(Exchange)), *listened))


async def replay(finding: Finding, contract: Contract, evidence: Evidence, target: Target) -> Replay:
    """Send the steps of a finding to a target and judge what comes by the clause of the finding.

    A fault that was on is switched on through the control hook; raises `TargetError` where the target has no such hook. A conversation with
    a feed that depends on changes in between is held again as a whole, with changes through the hook.
    """
    record = finding.record
    if not isinstance(record, FeedSession) and any(isinstance(step, FeedSession) for step in finding.steps):
        again = await certify(contract, target, plan=FULL_PLAN.only(FEED_STEPS))
        return Replay(finding, _row_of(finding, contract, again.evidence), ())
    target = await with_tokens(contract, target)
    wire, hook = Wire(target, Journal(), contract=contract), HookClient(target)
    operations = {operation.id: operation for operation in contract.operations}
    faulty = {step.id for step in (*record.during, *record.siblings)} if isinstance(record, FaultRun) else set[str]()
    values, done, on = ReplayedValues(), list[tuple[Exchange | FeedSession, Exchange | FeedSession]](), False
    try:
        for step in finding.steps:
            if isinstance(step, FeedSession):
                done.append((step, await _listen(step, contract, target)))
                continue
            if isinstance(record, FaultRun) and (step.id in faulty) is not on:
                on = await _switch(hook, record, on=not on)
            request = values.renewed(step.request, operations.get(step.subject))
            came = await wire.send(step.subject, request, purpose=step.purpose, expected=step.expected, codes=step.codes, aimed=step.aimed)
            values.learn(step, came)
            done.append((step, dataclasses.replace(came, id=step.id)))
    finally:
        if on:
            await hook.clear()
        await hook.close()
        await wire.close()
    parts = tuple({part.id: part for part in (*leaves(record), record)}.values())
    seen = Evidence(evidence.provenance, parts).replace({now.id: now for _, now in done})
    return Replay(finding, _row_of(finding, contract, seen), tuple(done))


def _row_of(finding: Finding, contract: Contract, evidence: Evidence) -> Row:
    """The row of a finding as other evidence has it."""
    rows = judge(contract, evidence, only=[finding.row.clause]).rows
    return next(row for row in rows if row.subject == finding.row.subject)


def _as_expected(then: Exchange | FeedSession, now: Exchange | FeedSession) -> bool:
    if isinstance(then, Exchange) and isinstance(now, Exchange):
        wanted = {"accepted": (2, 3), "refused": (4,)}.get(then.expected, (then.answer.status // 100,))
        return now.answer.status // 100 in wanted
    return isinstance(then, FeedSession) and isinstance(now, FeedSession) and then.handshake == now.handshake


async def _switch(hook: HookClient, record: FaultRun, *, on: bool) -> bool:
    """Switch the fault of a record on or off; gives whether it is on."""
    if not on:
        await hook.clear()
    elif not await hook.fault(record.fault, operation=record.subject, seconds=FAULT_SECONDS):
        raise TargetError(f"the finding needs the fault {record.fault}, which the target's control hook does not offer")
    return on


async def _listen(session: FeedSession, contract: Contract, target: Target) -> FeedSession:
    """Open a session as before, send the same frames at the same moments, and listen as long as before."""
    channel = next(channel for channel in contract.channels if channel.id == session.subject)
    lasted = min(session.closed - session.opened, LONGEST_SESSION)
    again = await open_channel(
        target,
        Journal(),
        channel,
        purpose=session.purpose,
        query=session.request.query,
        credential=session.request.credential,
        headers=dict(session.request.headers),
        expected=session.expected,
        schemes=channel_schemes(contract, channel.id),
    )
    begun = asyncio.get_running_loop().time()
    for frame in (frame for frame in session.frames if frame.sent):
        await asyncio.sleep(max(0.0, frame.at - session.opened - (asyncio.get_running_loop().time() - begun)))
        await again.send(frame.text.encode() if frame.binary else frame.text)
    await again.until_closed(max(0.0, lasted + _GRACE - (asyncio.get_running_loop().time() - begun)))
    return dataclasses.replace(await again.end(), id=session.id)
