"""One certification: look whether the target answers at all, drive it, close the evidence.

Drivers that leave the target as it is run beside each other. Those that change it follow, one at a time: additions and late facts, then the
changes of a stream, then faults, so that what one does is never read as an error of another. A target that stops answering is not asked any
further: what was seen until then is the evidence, and the reason says why there is no more.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from assay_contracts import Contract

from assay_conformance.certificate import required_rows, requirements_digest
from assay_conformance.corpus import Corpus, find_corpus
from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.errors import CorpusError, KitError
from assay_conformance.evidence import Evidence, Exchange, Journal, Provenance, Request
from assay_conformance.fixture_values import FixtureValues, unsettled
from assay_conformance.judging import judge
from assay_conformance.oauth2 import with_tokens
from assay_conformance.preflight import TargetSilent, preflight
from assay_conformance.provenance import kit_version
from assay_conformance.run_plan import FULL_PLAN, RunPlan, Step
from assay_conformance.target import Target
from assay_conformance.verdicts import Outcome

PATIENCE = 12
"""So many requests in a row without an answer, and the target is asked no more."""
WHOLE_RUN_SECONDS = 300.0
CLEAR_SECONDS = 60.0
"""What the run created and switched on is cleared away in so many seconds, or stays."""


class Watcher(Protocol):
    """Receives the progress of a run.

    Each step of the run calls `start` and later `finish` with the same title.
    """

    def start(self, step: str, total: int | None = None) -> None:
        """A step started; `total` is the number of its parts, None when it is unknown."""

    def finish(self, step: str) -> None:
        """A step ended."""


class Unwatched:
    """A watcher that ignores progress."""

    def start(self, step: str, total: int | None = None) -> None:
        """Do nothing."""

    def finish(self, step: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Certification:
    """The result of one run.

    `evidence` is what the run collected and `outcome` the verdicts on it. `reason` says why the run was aborted, None for a complete run;
    an aborted run gives no certificate. `notes` are sentences for whoever started it: what the run left in the target, what the hook
    responded that no hook should, which value nothing gave.
    """

    contract: Contract
    evidence: Evidence
    outcome: Outcome
    reason: str | None = None
    notes: tuple[str, ...] = ()


class PatientWire(Wire):
    """A wire that stops when the target no longer responds."""

    _unanswered = 0

    async def send(
        self,
        subject: str,
        request: Request,
        *,
        purpose: str,
        expected: str = "any",
        codes: Iterable[str] = (),
        aimed: Iterable[int] = (),
    ) -> Exchange:
        """Send as before; raise `TargetSilent` when too many requests in a row got no answer."""
        exchange = await super().send(subject, request, purpose=purpose, expected=expected, codes=codes, aimed=aimed)
        self._unanswered = 0 if exchange.response is not None else self._unanswered + 1
        if self._unanswered >= PATIENCE:
            raise TargetSilent(f"{self._unanswered} consecutive requests got no response; the last error: {exchange.failure}")
        return exchange


async def certify(
    contract: Contract,
    target: Target,
    watcher: Watcher | None = None,
    *,
    corpus: Path | Corpus | None = None,
    plan: RunPlan = FULL_PLAN,
    seconds: float | None = None,
) -> Certification:
    """Run the drivers of a plan against a target and judge the evidence.

    `corpus` is a file of requests, or the requests, to replay instead of the frozen corpus. A run takes at most `WHOLE_RUN_SECONDS`;
    what was collected until then is judged. After `seconds` no further driver begins, and a note names those left out.

    Raises `KitError` when Assay itself fails, `TargetError` when no token is given. A defect of the target is never an exception.
    """
    watcher = watcher or Unwatched()
    started = _now()
    requests = _corpus(contract, corpus, needed=any(step.name in ("operation", "credentials") for step in plan.steps))
    requirements = required_rows(contract)
    journal = Journal()
    reason: str | None = None
    notes: list[str] = []
    try:
        async with asyncio.timeout(WHOLE_RUN_SECONDS):
            target = await with_tokens(contract, target)
            await _conduct(contract, target, journal, watcher, plan, requests, notes, seconds)
    except TargetSilent as silence:
        reason = str(silence)
    except TimeoutError:
        reason = f"the run took more than {WHOLE_RUN_SECONDS:.0f} s; what was seen until then is judged"
    evidence = journal.close(
        Provenance(
            contract=str(contract.id),
            contract_digest=contract.digest,
            requirements_digest=requirements_digest(requirements),
            corpus_digest="" if requests is None else requests.digest,
            kit_version=kit_version(),
            target=target.described(),
            started=started,
            finished=_now(),
            openapi=contract.openapi,
            asyncapi=contract.asyncapi,
            requirements=requirements,
        )
    )
    watcher.start("judge")
    outcome = judge(contract, evidence)
    watcher.finish("judge")
    return Certification(contract, evidence, outcome, reason, tuple(notes))


async def _conduct(
    contract: Contract,
    target: Target,
    journal: Journal,
    watcher: Watcher,
    plan: RunPlan,
    requests: Corpus | None,
    notes: list[str],
    seconds: float | None,
) -> None:
    """Look whether the target answers, find values for its paths, drive it, and clear away what was made."""
    cases = () if requests is None else requests.cases
    hook, wire = HookClient(target), PatientWire(target, journal, contract=contract)
    fixtures = FixtureValues(contract, wire, target, cases)
    driving = False
    try:
        watcher.start("preflight")
        target = await fixtures.settle()
        notes.extend(unsettled(contract, target))
        context = DriverContext(contract, target, journal, wire, hook, cases, fixtures)
        await preflight(context)
        watcher.finish("preflight")
        driving = True
        skipped = await _drive(context, watcher, plan, seconds)
        if skipped:
            notes.append(f"{seconds:g} s were over before these drivers began: {'; '.join(skipped)}")
    finally:
        if driving:
            notes.extend(await _cleared(hook, fixtures))
        notes.extend(f"the control hook: {problem}" for problem in hook.problems)
        await hook.close()
        await wire.close()


async def _cleared(hook: HookClient, fixtures: FixtureValues) -> Iterable[str]:
    """Switch faults off and delete what was created; gives what stays, as sentences."""
    try:
        async with asyncio.timeout(CLEAR_SECONDS):
            await hook.clear()
            leftover = await fixtures.clean()
    except TimeoutError:
        return (f"clearing away took more than {CLEAR_SECONDS:.0f} s; some of what the run created may stay in the target",)
    return tuple(f"{count} created by {operation} stay in the target" for operation, count in sorted(leftover.left.items()))


async def _drive(context: DriverContext, watcher: Watcher, plan: RunPlan, seconds: float | None) -> list[str]:
    """Drive a plan; gives the steps that were not begun because the seconds were over.

    A step that has begun is never cut: a half-held conversation looks like one that the target did not keep.
    """
    skipped: list[str] = []
    until = None if seconds is None else asyncio.get_running_loop().time() + seconds

    async def run_in_time(step: Step) -> None:
        if until is not None and asyncio.get_running_loop().time() >= until:
            skipped.append(step.title)
        else:
            await run_step(step, context, watcher)

    await context.hook.clear()
    running = asyncio.gather(*(run_step(step, context, watcher) for step in plan.long))
    listening = asyncio.gather(*(run_step(step, context, watcher) for step in plan.throughout))
    try:
        await _together(run_step(step, context, watcher) for step in plan.beside)
        for step in plan.changing_before_stream:
            await run_in_time(step)
        await running
        for step in plan.changing_after_stream:
            await run_in_time(step)
        await listening
    finally:
        for group in (running, listening):
            group.cancel()
        await asyncio.gather(running, listening, return_exceptions=True)
    return skipped


async def run_step(step: Step, context: DriverContext, watcher: Watcher) -> None:
    """Run one driver. Raises `KitError` for a failure of its own, which is the kit's and says nothing of the target."""
    watcher.start(step.title)
    try:
        await step.drive(context)
    except (TargetSilent, KitError):
        raise
    except BaseExceptionGroup as group:
        raise _first(group) from group
    except Exception as error:
        raise KitError(f"the driver {step.title} failed: {type(error).__name__}: {error}") from error
    watcher.finish(step.title)


async def _together(work: Iterable[Awaitable[None]]) -> None:
    """Run all; the first that fails ends the others."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for item in work:
                tasks.create_task(_as_coroutine(item))
    except BaseExceptionGroup as group:
        raise _first(group) from None


async def _as_coroutine(item: Awaitable[None]) -> None:
    await item


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure to tell of: a silent target before anything else."""
    leaves = list(_leaves(group))
    return next((item for item in leaves if isinstance(item, TargetSilent)), leaves[0])


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for item in cast("BaseExceptionGroup[BaseException]", error).exceptions:
        yield from _leaves(item)


def _corpus(contract: Contract, corpus: Path | Corpus | None, *, needed: bool) -> Corpus | None:
    """The corpus of a run; None where there is none and no step of the plan needs one."""
    if isinstance(corpus, Corpus) or not contract.operations:
        return corpus if isinstance(corpus, Corpus) else None
    try:
        return find_corpus(contract, corpus)
    except CorpusError:
        if needed or corpus is not None:
            raise
        return None


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
