"""Jobs: from the request that starts one to its end, and who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Contract
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at, differing, number_at, shown, without
from assay_conformance.check import NeedsHook, NotReached, Violation, brief, check
from assay_conformance.evidence import Evidence, Exchange, ForeignJob, JobRun
from assay_conformance.exchange_views import annotation, answered_in_time, operation_of, success_of, summarize
from assay_conformance.job_terms import is_final, life_cycle, reachable

WHOLE = 100


@check("JOB-001", kills={"a-job-goes-on-after-its-end", "a-job-is-in-a-state-of-its-own"})
def a_job_goes_on_as_documented(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each state that is read is one that the state before can lead to."""
    spec = annotation(contract, subject, "x-job")
    for run in _runs(evidence, contract, subject):
        before = str(spec["initial"])
        for exchange, state in _states(run, spec):
            if state not in reachable(spec, before):
                raise Violation(f"a state that can follow {before!r}", brief(shown(state)), f"{exchange.id}, {exchange.purpose}")
            before = str(state)


@check("JOB-002", kills={"a-job-never-ends"})
def a_job_ends(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Every job comes to a final state."""
    spec = annotation(contract, subject, "x-job")
    for run in _runs(evidence, contract, subject):
        states = _states(run, spec)
        if not is_final(spec, states[-1][1]):
            moves = {brief((shown(at(item.answer.json, spec.get("progress"))), state)) for item, state in states[len(states) // 2 :]}
            if len(moves) > 1 and not run.ended:
                raise NotReached(f"a job was still under way after {run.waited:.0f} s")
            raise Violation("a final state", f"{brief(states[-1][1])} after {run.waited:.0f} s", run.purpose)


@check("JOB-003", kills={"a-complete-job-is-not-at-100", "the-progress-goes-back"})
def the_progress_never_goes_back(evidence: Evidence, contract: Contract, subject: str) -> None:
    """The progress never decreases, and is 100 exactly when the job has succeeded."""
    spec = annotation(contract, subject, "x-job")
    for run in _runs(evidence, contract, subject):
        before: float = 0
        for exchange, state in _states(run, spec):
            progress = number_at(exchange.answer.json, spec["progress"])
            if at(exchange.answer.json, spec["progress"]) in (MISSING, None) and state not in spec.get("succeeded", ()):
                continue  # a job that does not run yet, or has failed, may state none
            if progress is None or not before <= progress <= WHOLE:
                raise Violation(
                    f"a number from {before} to {WHOLE}", brief(shown(at(exchange.answer.json, spec["progress"]))), exchange.purpose
                )
            if (progress == WHOLE) is not (state in spec.get("succeeded", ())):
                raise Violation(f"{WHOLE} exactly when the job is complete", f"{progress} in the state {state!r}", exchange.purpose)
            before = progress


@check("JOB-004", kills={"the-last-phase-comes-first"})
def the_phases_follow_each_other(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each phase is that before it or one that comes later."""
    spec, reached = annotation(contract, subject, "x-job"), False
    order: list[str] = list(spec["phase"]["order"])
    for run in _runs(evidence, contract, subject):
        place, stated, ran = 0, False, False
        for exchange, state in _states(run, spec):
            phase = at(exchange.answer.json, spec["phase"]["at"])
            ran = ran or not (state == spec["initial"] or is_final(spec, state))
            if phase is MISSING or phase is None:
                continue
            stated = reached = True
            # A phase that the contract does not name stands anywhere: the list may grow.
            if phase in order:
                if order.index(phase) < place:
                    raise Violation(f"{order[place]!r} or a later phase", brief(phase), exchange.purpose)
                place = order.index(phase)
        if ran and not stated:
            raise Violation(f"a phase at {spec['phase']['at']}", "nothing", run.purpose)
    if not reached:
        raise NotReached("no job was read while it ran")


@check("JOB-005", kills={"a-complete-job-names-no-result", "the-result-of-a-job-is-missing"})
def a_complete_job_has_a_result(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A job that has succeeded names its result, and it can be read, by its name and by the operation."""
    spec, reached = annotation(contract, subject, "x-job"), False
    for run in _runs(evidence, contract, subject):
        last, state = _states(run, spec)[-1]
        if state not in spec.get("succeeded", ()) or run.cancels:
            continue
        reached = True
        name = at(last.answer.json, spec["result"])
        if not isinstance(name, str) or not name:
            raise Violation(f"the address of the result at {spec['result']}", brief(shown(name)), last.purpose)
        for read in (run.result, run.named):
            if read is not None:
                success_of(read, read.purpose)
    if not reached:
        raise NotReached("no job came to a result")


@check("JOB-006", kills={"a-failed-job-says-nothing"})
def a_failed_job_says_why(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A job that failed has its error."""
    spec, reached = annotation(contract, subject, "x-job"), False
    for run in _runs(evidence, contract, subject):
        for exchange, state in _states(run, spec):
            if state not in spec.get("failed", ()):
                continue
            error = at(exchange.answer.json, spec["error"])
            if run.cancels and len(spec["failed"]) > 1 and error in (MISSING, None):
                continue  # the state may be that of a cancelled job, which did not fail
            reached = True
            if error is MISSING or error is None or error in ("", {}, []):
                raise Violation(f"an error at {spec['error']}", brief(shown(error)), exchange.purpose)
    if not reached:
        raise NeedsHook("no job failed: none was under way when it was cancelled, and the hook has no fault `job-fails`")


@check("JOB-007", kills={"a-cancelled-job-goes-on", "cancelling-twice-is-an-error"})
def a_cancelled_job_makes_no_result(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A job that was under way when it was cancelled comes to no result, and to cancel it again is a success."""
    spec, reached = annotation(contract, subject, "x-job"), False
    for run in (run for run in _runs(evidence, contract, subject) if run.cancels):
        states = [state for _, state in _states(run, spec, started=False)]
        before, after = states[: run.cancelled_at], states[run.cancelled_at :]
        if not after:
            raise Violation("the state of a job that was cancelled", summarize(run.polls[-1]), run.purpose)
        succeeded = spec.get("succeeded", ())
        if after[0] in succeeded or any(is_final(spec, state) for state in before):
            continue  # it was over before the request to cancel it came
        reached = True
        for cancel in run.cancels:
            success_of(cancel, cancel.purpose)
        if any(state in succeeded for state in after):
            raise Violation("no result of a cancelled job", " then ".join(dict.fromkeys(map(str, after))), run.purpose)
        if run.result is not None and answered_in_time(run.result).succeeded:
            raise Violation("no result of a cancelled job", summarize(run.result), run.result.purpose)
    if not reached:
        raise NotReached("every job was over before the request to cancel it came")


@check("JOB-008", kills={"the-start-says-nowhere-to-read-the-job"})
def the_start_says_where_to_read(evidence: Evidence, contract: Contract, subject: str) -> None:
    """The response that starts a job names where it is read, and it is read there."""
    spec, reached = annotation(contract, subject, "x-job"), False
    for run in _runs(evidence, contract, subject):
        if run.start.answer.header(spec["location"]) is None:
            raise Violation(f"the header {spec['location']}", "none", run.start.purpose)
        if run.located is not None:
            reached = True
            found = at(success_of(run.located, run.located.purpose).json, spec.get("identity"))
            wanted = at(run.start.answer.json, spec.get("identity"))
            if wanted is not MISSING and found != wanted:
                raise Violation(brief(shown(wanted)), brief(shown(found)), run.located.purpose)
    if not reached:
        raise NotReached("no address of a job was read")


@check("JOB-009", kills={"a-job-is-everybodys"})
def a_foreign_job_is_out_of_reach(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Whoever else asks for a job, its result or its cancellation gets a client error, and the job goes on."""
    spec, seen = annotation(contract, subject, "x-job"), _foreign(evidence, contract, subject)
    for item in seen:
        for exchange in (item.foreign, item.again):
            status = answered_in_time(exchange).status
            if not 400 <= status < 500:
                raise Violation("a client error", summarize(exchange), exchange.purpose)
        state = at(success_of(item.own, item.own.purpose).json, spec.get("state"))
        if state in spec.get("failed", ()):
            raise Violation("a job that somebody else cannot end", f"the state {state!r}", item.purpose)


@check("JOB-010", kills={"a-foreign-job-is-known-to-be-there"})
def a_foreign_job_is_as_one_that_is_not_there(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A job of somebody else and one that does not exist get the same response, but for what differs from response to response."""
    for item in _foreign(evidence, contract, subject):
        one, again, two = (answered_in_time(exchange) for exchange in (item.foreign, item.again, item.unknown))
        if one.status != two.status:
            raise Violation(summarize(item.unknown), summarize(item.foreign), item.purpose)
        loose = {place for place in differing(one.json, again.json) if place}
        bodies = (
            brief(without(answer.json, (*loose, *_identifying(contract))), 2000).replace(job, "<job>")
            for answer, job in ((one, item.job), (two, item.unknown_job))
        )
        foreign, unknown = bodies
        if foreign != unknown:
            raise Violation(unknown, foreign, item.purpose)


def _identifying(contract: Contract) -> tuple[str, ...]:
    """Where an error names the request, which no two do alike."""
    pointer = contract.taxonomy.envelope.get("correlationId") if contract.taxonomy else None
    return () if pointer is None else (pointer,)


def _runs(evidence: Evidence, contract: Contract, subject: str) -> list[JobRun]:
    """The jobs of the life cycle that an operation belongs to."""
    start = life_cycle(contract, operation_of(contract, subject)).get("start") if _has_job(contract, subject) else None
    found = [run for run in evidence.of(JobRun) if start is not None and run.subject == start.id]
    if not found:
        raise NotReached("no request started a job")
    return found


def _has_job(contract: Contract, subject: str) -> bool:
    return bool(annotation(contract, subject, "x-job"))


def _foreign(evidence: Evidence, contract: Contract, subject: str) -> list[ForeignJob]:
    """What somebody else was answered: by the operation itself, or by all of the life cycle for the one that starts a job."""
    roles = life_cycle(contract, operation_of(contract, subject)) if _has_job(contract, subject) else {}
    names = {item.id for item in roles.values()} if roles.get("start") == operation_of(contract, subject) else {subject}
    found = [item for item in evidence.of(ForeignJob) if item.subject in names]
    if not found:
        raise NotReached("nobody else asked for a job; the target manifest may lack credentials.other")
    return found


def _states(run: JobRun, spec: Mapping[str, Any], *, started: bool = True) -> list[tuple[Exchange, Any]]:
    """Each response that has the job with its state; that a job cannot be read is a violation."""
    found = (
        [(run.start, at(run.start.answer.json, spec["state"]))]
        if started and at(run.start.answer.json, spec["state"]) is not MISSING
        else []
    )
    for poll in run.polls:
        found.append((poll, at(success_of(poll, poll.purpose).json, spec["state"])))
    return found
