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
from typing import Any, Protocol

from assay_contracts import Contract, digest
from assay_contracts.canonical import canonical_bytes
from assay_contracts.requirements import Requirement, load_requirements

from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.errors import KitError
from assay_conformance.evidence import Evidence, Exchange, Journal, Provenance, Request
from assay_conformance.judging import judge
from assay_conformance.provenance import kit_version
from assay_conformance.request_plans import allowed_query
from assay_conformance.run_plan import FULL_PLAN, RunPlan, Step
from assay_conformance.target import Target
from assay_conformance.verdicts import Outcome

PREFLIGHT_SECONDS = 5.0
PATIENCE = 12
"""So many requests in a row without an answer, and the target is asked no more."""
WHOLE_RUN_SECONDS = 300.0


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


class TargetSilent(Exception):
    """The target does not respond, or has no useful response; the message has the reason.

    It ends the run early. The evidence collected so far is judged.
    """


@dataclass(frozen=True, slots=True)
class Certification:
    """The result of one run.

    `evidence` is what the run collected and `outcome` the verdicts on it. `reason` says why the run was aborted, None for a complete run;
    an aborted run gives no certificate.
    """

    contract: Contract
    evidence: Evidence
    outcome: Outcome
    reason: str | None = None


class PatientWire(Wire):
    """A wire that also has the credential `tampered`, and stops when the target no longer responds."""

    def __init__(self, target: Target, journal: Journal, *, timeout: float = 10.0, connections: int = 16) -> None:
        super().__init__(target, journal, timeout=timeout, connections=connections)
        self._unanswered = 0
        self._primary = target.credentials["primary"]

    async def send(self, subject: str, request: Request, *, purpose: str, expected: str = "any", codes: Iterable[str] = ()) -> Exchange:
        """Send as before; raise `TargetSilent` when too many requests in a row got no answer."""
        exchange = await super().send(subject, request, purpose=purpose, expected=expected, codes=codes)
        self._unanswered = 0 if exchange.response is not None else self._unanswered + 1
        if self._unanswered >= PATIENCE:
            raise TargetSilent(f"{self._unanswered} consecutive requests got no response; the last error: {exchange.failure}")
        return exchange

    def _token(self, credential: str) -> str | None:
        if credential != "tampered":
            return super()._token(credential)
        token = self._primary.reveal()
        place = max(0, len(token) - 10)
        return token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :]


async def certify(
    contract: Contract, target: Target, watcher: Watcher | None = None, *, corpus: Path | None = None, plan: RunPlan = FULL_PLAN
) -> Certification:
    """Run the drivers of a plan against a target and judge the evidence.

    `corpus` is the file of requests to replay instead of the frozen corpus. A run takes at most `WHOLE_RUN_SECONDS`; what was collected
    until then is judged. Raises `KitError` when Assay itself fails. A defect of the target is never an exception.
    """
    watcher = watcher or Unwatched()
    started = _now()
    journal = Journal()
    requirements = _requirements(contract)
    hook = HookClient(target)
    wire = PatientWire(target, journal)
    context = DriverContext(contract, target, journal, wire, hook, corpus)
    reason: str | None = None
    driving = False
    try:
        await _preflight(contract, target, journal, watcher)
        driving = True
        async with asyncio.timeout(WHOLE_RUN_SECONDS):
            await _drive(context, watcher, plan)
    except TargetSilent as silence:
        reason = str(silence)
    except TimeoutError:
        reason = f"the target took more than {WHOLE_RUN_SECONDS:.0f} s; what was seen until then is judged"
    finally:
        if driving:
            await hook.clear()
        await hook.close()
        await wire.close()
    evidence = journal.close(
        Provenance(
            contract=str(contract.id),
            contract_digest=contract.digest,
            requirements_digest=digest(canonical_bytes(list(requirements))),
            corpus_digest=_corpus_digest(contract, corpus),
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
    return Certification(contract, evidence, outcome, reason)


async def _preflight(contract: Contract, target: Target, journal: Journal, watcher: Watcher) -> None:
    """One allowed request of each operation, with little patience. Raises `TargetSilent` when none is answered with a success."""
    operations = [item for item in contract.operations if item.method == "GET"]
    if not operations:
        return
    watcher.start("preflight")
    wire = Wire(target, journal, timeout=PREFLIGHT_SECONDS)
    hook = HookClient(target)
    try:
        context = DriverContext(contract, target, journal, wire, hook)
        answers = await asyncio.gather(
            *(wire.ask(item, allowed_query(context, item), purpose="does the target respond", expected="accepted") for item in operations)
        )
    finally:
        await wire.close()
        await hook.close()
    watcher.finish("preflight")
    if not any(item.answer.succeeded for item in answers):
        raise TargetSilent(_why(target, answers))


def _why(target: Target, answers: list[Exchange]) -> str:
    statuses = {item.answer.status for item in answers}
    if statuses == {0}:
        return f"no server responds at {target.http}: {answers[0].failure}"
    if len(statuses) == 1:
        meaning = {
            401: "; is credentials.primary right?",
            403: "; does credentials.primary cover tenants.primary?",
            404: "; is the address right?",
        }
        status = statuses.pop()
        return f"every valid request got status {status}{meaning.get(status, '')}"
    return f"no valid request got a success response, but {', '.join(map(str, sorted(statuses)))}"


async def _drive(context: DriverContext, watcher: Watcher, plan: RunPlan) -> None:
    await context.hook.clear()
    running = asyncio.gather(*(_run(step, context, watcher) for step in plan.long))
    try:
        await _together(_run(step, context, watcher) for step in plan.beside)
        for step in plan.changing_before_stream:
            await _run(step, context, watcher)
        await running
        for step in plan.changing_after_stream:
            await _run(step, context, watcher)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _run(step: Step, context: DriverContext, watcher: Watcher) -> None:
    """Run one driver; a failure of its own is the kit's."""
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
    inner: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    if not inner:
        yield error
    for item in inner:
        yield from _leaves(item)


def _requirements(contract: Contract) -> tuple[dict[str, Any], ...]:
    """The frozen requirement set as the evidence keeps it; empty for a contract without one, where every promise counts."""
    from assay_contracts.errors import DocumentMissing

    try:
        found: tuple[Requirement, ...] = load_requirements(contract)
    except DocumentMissing:
        return ()
    return tuple(
        {"id": item.clause.id, "level": item.clause.level, "sentence": item.clause.sentence, "subjects": list(item.subjects)}
        for item in found
    )


def _corpus_digest(contract: Contract, corpus: Path | None) -> str:
    from assay_conformance.corpus import find_corpus
    from assay_conformance.errors import CorpusError

    try:
        return find_corpus(contract, corpus).digest
    except CorpusError:
        return ""


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
