"""The channel of a job: what it says from the first message to the close, and to whom."""

from __future__ import annotations

from assay_contracts import Contract

from assay_conformance.body_values import at, number_at, shown
from assay_conformance.check import NeedsHook, NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.evidence import Evidence, FeedSession, Frame, ProgressKnock, ProgressRun
from assay_conformance.job_terms import reachable
from assay_conformance.progress_terms import Progress, progress_of

OPENED, COMPLETE = 101, 1000
SLACK = 1.0
"""Seconds by which a heartbeat may be late on its way."""


@check("PRO-001", kills={"the-state-of-a-job-is-held-back", "the-channel-of-a-job-ends-before-it"})
def the_first_message_has_a_state_and_the_last_a_final_one(run: ProgressRun, contract: Contract, subject: str) -> None:
    """A session begins with the state of the job, and its last state is final."""
    terms = _terms(contract, subject)
    _opened(run.session)
    states = terms.states(run.session)
    if not run.session.received or run.session.received[0] not in states:
        raise Violation(f"a message {terms.spec['message']} first", brief([frame.text for frame in run.session.received[:1]]), run.purpose)
    if not terms.is_final(states[-1]):
        if run.session.ended_by == "client":
            raise NotReached("the job was still under way when the run ended the session")
        raise Violation(f"one of {brief(terms.spec['final'])} last", brief(shown(terms.state(states[-1]))), run.purpose)


@check("PRO-002", kills={"the-progress-of-a-channel-goes-back"})
def the_progress_and_the_phases_go_on(run: ProgressRun, contract: Contract, subject: str) -> None:
    """Neither the progress nor the phase of a message is behind that of the message before."""
    terms, before, place = _terms(contract, subject), 0.0, 0
    _opened(run.session)
    order: list[str] = list(terms.spec.get("phase", {}).get("order", ()))
    for frame in terms.states(run.session):
        progress = terms.progress(frame)
        if progress is None or not before <= progress <= 100:
            raise Violation(f"a progress from {before:g} to 100", brief(progress), f"message at {frame.at:.3f} s")
        before = progress
        phase = at(frame.json, terms.spec["phase"]["at"]) if order else None
        if phase in order:
            if order.index(phase) < place:
                raise Violation(f"{order[place]!r} or a later phase", brief(phase), f"message at {frame.at:.3f} s")
            place = order.index(phase)


@check("PRO-003", kills={"the-channel-of-a-job-stays-open", "the-channel-of-a-job-is-closed-with-another-code"})
def the_session_is_closed_after_the_final_state(run: ProgressRun, contract: Contract, subject: str) -> None:
    """Nothing follows the final state but the close with its code."""
    terms = _terms(contract, subject)
    _opened(run.session)
    final = next((frame for frame in terms.states(run.session) if terms.is_final(frame)), None)
    if final is None:
        raise NotReached("no final state was received")
    expect(run.session.received[-1] is final, equals=True, about="whether the final state is the last message")
    expect(_ending(run.session), among=map(str, terms.codes("complete")), about=run.purpose)


@check("PRO-004", kills={"the-channel-of-a-job-is-ahead"})
def the_state_over_http_is_never_behind(run: ProgressRun, contract: Contract, subject: str) -> None:
    """A job that is read after a message is at least where the message says."""
    terms, reached = _terms(contract, subject), False
    spec = contract.operation(str(terms.spec["operation"])).annotations.get("x-job", {})
    states = terms.states(run.session)
    for read, seen in zip(run.reads, run.seen, strict=True):
        received = [frame for frame in states if frame in run.session.received[:seen]]
        if not received or not read.answer.succeeded:
            continue
        reached = True
        stated, progress = terms.state(received[-1]), terms.progress(received[-1])
        found = at(read.answer.json, spec.get("state", terms.spec["state"]))
        if "states" in spec and found not in reachable(spec, str(stated)):
            raise Violation(f"{stated!r} or a later state", brief(shown(found)), f"{read.id}, {read.purpose}")
        over_http = number_at(read.answer.json, spec.get("progress", terms.spec["progress"]))
        if over_http is not None and progress is not None and over_http < progress:
            raise Violation(f"at least {progress:g}", brief(over_http), f"{read.id}, {read.purpose}")
    if not reached:
        raise NotReached("no job was read beside its channel")


@check("PRO-005", kills={"the-channel-of-a-job-lets-anybody-in"})
def a_session_without_a_credential_is_closed(knock: ProgressKnock, contract: Contract, subject: str) -> None:
    """No credential, or one that is forged or expired: the documented code, and no state."""
    _refused(knock, _terms(contract, subject), "unauthenticated")


@check("PRO-006", kills={"the-channel-of-a-job-is-everybodys"})
def a_session_for_a_foreign_job_is_closed(knock: ProgressKnock, contract: Contract, subject: str) -> None:
    """A job of somebody else: the documented code, and no state."""
    _refused(knock, _terms(contract, subject), "not-allowed")


@check("PRO-007", kills={"the-heartbeats-of-a-job-are-left-out"}, hooked=True)
def heartbeats_come_as_often_as_promised(evidence: Evidence, contract: Contract, subject: str) -> None:
    """In a session that lasts, no two messages are further apart than promised."""
    terms, reached = _terms(contract, subject), False
    beat = terms.beat or 0.0
    for run in (item for item in evidence.of(ProgressRun) if item.subject == subject and item.session.handshake == OPENED):
        session = run.session
        moments = [
            session.opened,
            *(frame.at for frame in session.received if _is_heartbeat(frame, terms)),
        ]
        last = session.received[-1].at if session.received else session.closed
        reached = reached or last - session.opened > beat
        for one, two in zip(moments, [*moments[1:], last], strict=True):
            if two - one > beat + SLACK:
                raise Violation(f"a heartbeat every {beat:g} s", f"none for {two - one:.1f} s", run.purpose)
    if not reached:
        raise NeedsHook(f"no session lasted longer than {beat:g} s; the hook has no fault `job-waits`")


@check("PRO-008", kills={"the-channel-of-a-job-is-everybodys", "a-foreign-job-is-closed-with-another-code"})
def a_foreign_job_is_closed_as_one_that_is_not_there(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A job of somebody else and one that does not exist are closed alike, without a state."""
    terms = _terms(contract, subject)
    knocks = [item for item in evidence.of(ProgressKnock) if item.subject == subject and item.when == "not-found"]
    for knock in knocks:
        _refused(knock, terms, "not-found")
    if {knock.foreign for knock in knocks} != {True, False}:
        raise NotReached("no session was opened for a job of somebody else; the target manifest may lack credentials.other")


@check("PRO-009", kills={"a-version-of-a-channel-that-is-not-served-stays-open"})
def a_version_that_is_not_served_is_closed(knock: ProgressKnock, contract: Contract, subject: str) -> None:
    """The documented code, and no state."""
    _refused(knock, _terms(contract, subject), "version-not-served")


def _terms(contract: Contract, subject: str) -> Progress:
    terms = progress_of(contract.channel(subject)) if any(item.id == subject for item in contract.channels) else None
    if terms is None:
        raise NotConcerned
    return terms


def _is_heartbeat(frame: Frame, terms: Progress) -> bool:
    return bool(at(frame.json, f"/{terms.spec['type']}") == terms.spec["heartbeat"]["message"])


def _opened(session: FeedSession) -> None:
    if session.handshake == 0:
        raise NotReached(f"no session was opened: {session.failure}")
    expect(session.handshake, equals=OPENED, about="the handshake of a right session")


def _refused(knock: ProgressKnock, terms: Progress, when: str) -> None:
    if knock.when != when:
        raise NotConcerned
    if knock.session.handshake == 0:
        raise NotReached(f"no session was opened: {knock.session.failure}")
    expect(len(knock.session.received), equals=0, about=f"messages before the close ({knock.purpose})")
    expect(_ending(knock.session), among=map(str, terms.codes(when)), about=knock.purpose)


def _ending(session: FeedSession) -> str:
    """How a session ended, as its close code or in words."""
    if session.handshake != OPENED:
        return f"HTTP {session.handshake} instead of a session"
    if session.ended_by == "server" and session.close_code is not None:
        return str(session.close_code)
    return session.failure or "broken" if session.ended_by == "failure" else "still open"
