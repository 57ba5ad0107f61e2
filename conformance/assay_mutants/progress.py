"""Wrong in the channel that follows a job."""

from __future__ import annotations

from collections.abc import Iterable

from assay_conformance.body_values import at
from assay_conformance.evidence import Frame
from assay_conformance.progress_terms import Progress, progress_of
from assay_contracts import Contract

from assay_mutants.frames import edited_frame, with_document
from assay_mutants.model import CloseChange, State, feed_mutant

ABNORMAL, DENIED = 1002, 4499


def _terms(contract: Contract) -> Progress | None:
    return next((terms for channel in contract.channels if (terms := progress_of(channel)) is not None), None)


def _state(frame: Frame, contract: Contract) -> Progress | None:
    """The terms, where a frame has the state of a job."""
    terms = _terms(contract)
    return terms if terms is not None and at(frame.json, f"/{terms.spec['type']}") == terms.spec["message"] else None


@feed_mutant(breaks={"PRO-001"})
def the_state_of_a_job_is_held_back(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """A session begins with something else than the state of the job."""
    terms = _state(frame, contract)
    if terms is None or state.setdefault("begun", False):
        return (frame,)
    state["begun"] = True
    return (with_document(frame, {terms.spec["type"]: "welcome"}), frame)


@feed_mutant(breaks={"PRO-001"})
def the_channel_of_a_job_ends_before_it(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """The final state is never sent."""
    terms = _state(frame, contract)
    return () if terms is not None and terms.is_final(frame) else (frame,)


@feed_mutant(breaks={"PRO-002"})
def the_progress_of_a_channel_goes_back(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """The final state comes twice, the second time with less progress."""
    terms = _state(frame, contract)
    if terms is None or not terms.is_final(frame):
        return (frame,)
    return (frame, edited_frame(frame, terms.spec["progress"], lambda seen: seen - 1))


def _open(code: int, contract: Contract, state: State) -> int | None:
    terms = _terms(contract)
    return None if terms is not None and code in terms.codes("complete") else code


def _otherwise(code: int, contract: Contract, state: State) -> int | None:
    terms = _terms(contract)
    return ABNORMAL if terms is not None and code in terms.codes("complete") else code


@feed_mutant(breaks={"PRO-003"}, close=_open)
def the_channel_of_a_job_stays_open(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """After the final state the server waits."""
    return (frame,)


@feed_mutant(breaks={"PRO-003"}, close=_otherwise)
def the_channel_of_a_job_is_closed_with_another_code(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """The close of a job that is over looks like an error."""
    return (frame,)


@feed_mutant(breaks={"PRO-004"})
def the_channel_of_a_job_is_ahead(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """The channel says that a job is over which is not."""
    terms = _state(frame, contract)
    return (
        (frame,)
        if terms is None or terms.is_final(frame)
        else (edited_frame(frame, terms.spec["state"], lambda _: terms.spec["final"][0]),)
    )


def _leaving_open(*whens: str) -> CloseChange:
    """The close that never comes for these reasons."""

    def close(code: int, contract: Contract, state: State) -> int | None:
        terms = _terms(contract)
        return None if terms is not None and any(code in terms.codes(when) for when in whens) else code

    return close


@feed_mutant(breaks={"PRO-005"}, close=_leaving_open("unauthenticated"))
def the_channel_of_a_job_lets_anybody_in(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Whoever has no credential stays."""
    return (frame,)


@feed_mutant(breaks={"PRO-006", "PRO-008"}, close=_leaving_open("not-allowed", "not-found"))
def the_channel_of_a_job_is_everybodys(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Whoever knows a job follows it."""
    return (frame,)


def _denied(code: int, contract: Contract, state: State) -> int | None:
    terms = _terms(contract)
    return DENIED if terms is not None and code in terms.codes("not-found") else code


@feed_mutant(breaks={"PRO-008"}, close=_denied)
def a_foreign_job_is_closed_with_another_code(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Who asks for a job of somebody else learns that it is there."""
    return (frame,)


@feed_mutant(breaks={"PRO-007"})
def the_heartbeats_of_a_job_are_left_out(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Only states are sent."""
    terms = _terms(contract)
    named = terms is not None and at(frame.json, f"/{terms.spec['type']}") == terms.spec.get("heartbeat", {}).get("message")
    return () if named else (frame,)


@feed_mutant(breaks={"PRO-009"}, close=_leaving_open("version-not-served"))
def a_version_of_a_channel_that_is_not_served_stays_open(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Any version is as good as another."""
    return (frame,)
