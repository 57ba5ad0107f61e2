"""Wrong in the life of a job, and in who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, pointers

from assay_mutants.answering import spec_of
from assay_mutants.edits import GONE, becoming, edited, with_header, with_status
from assay_mutants.model import State, http_mutant

SOMEBODY_ELSE = "other"
NOT_FOUND, FORBIDDEN, CONFLICT = 404, 403, 409
WHOLE = 100


def _job(exchange: Exchange, contract: Contract, *roles: str) -> Mapping[str, Any] | None:
    """The annotation of an operation of a life cycle in one of these roles, where the response is a success."""
    spec = spec_of(exchange, contract, "x-job")
    return spec if spec is not None and spec["role"] in roles and exchange.answer.succeeded else None


def _state(exchange: Exchange, spec: Mapping[str, Any]) -> Any:
    return pointers.follow(exchange.answer.json, spec["state"])


def _succeeded(exchange: Exchange, contract: Contract) -> Mapping[str, Any] | None:
    """The annotation where the response has a job that succeeded."""
    spec = _job(exchange, contract, "start", "poll")
    return spec if spec is not None and _state(exchange, spec) in spec.get("succeeded", ()) else None


def _put(answer: Response, spec: Mapping[str, Any], *, state: str, progress: int) -> Response:
    answer = edited(answer, spec["state"], becoming(state))
    return edited(answer, spec["progress"], becoming(progress)) if "progress" in spec else answer


@http_mutant(breaks={"JOB-001"})
def a_job_goes_on_after_its_end(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A job is said to have failed before it has begun."""
    spec = _job(exchange, contract, "start")
    return (
        edited(exchange.answer, spec["state"], becoming(spec["failed"][0])) if spec is not None and spec.get("failed") else exchange.answer
    )


@http_mutant(breaks={"JOB-001", "JOB-002"})
def a_job_is_in_a_state_of_its_own(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A job that is over is in a state that the contract does not name."""
    spec = _succeeded(exchange, contract)
    return exchange.answer if spec is None else edited(exchange.answer, spec["state"], becoming("archived"))


@http_mutant(breaks={"JOB-002"})
def a_job_never_ends(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A job stays where it was before its end."""
    spec = _succeeded(exchange, contract)
    if spec is None:
        return exchange.answer
    before = next(name for name, following in spec["states"].items() if _state(exchange, spec) in following)
    return _put(exchange.answer, spec, state=before, progress=WHOLE - 1)


@http_mutant(breaks={"JOB-003"})
def a_complete_job_is_not_at_100(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The last percent is never counted."""
    spec = _succeeded(exchange, contract)
    return exchange.answer if spec is None or "progress" not in spec else edited(exchange.answer, spec["progress"], becoming(WHOLE - 1))


@http_mutant(breaks={"JOB-003"})
def the_progress_goes_back(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A job begins near its end."""
    spec = _job(exchange, contract, "start")
    return exchange.answer if spec is None or "progress" not in spec else edited(exchange.answer, spec["progress"], becoming(WHOLE - 1))


@http_mutant(breaks={"JOB-004"})
def the_last_phase_comes_first(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The phases are written the other way round."""
    spec = _job(exchange, contract, "start", "poll")
    if spec is None or "phase" not in spec:
        return exchange.answer
    order: list[Any] = list(spec["phase"]["order"])
    return edited(exchange.answer, spec["phase"]["at"], lambda seen: order[-1 - order.index(seen)] if seen in order else seen)


@http_mutant(breaks={"JOB-005"})
def a_complete_job_names_no_result(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nothing says where the result is."""
    spec = _succeeded(exchange, contract)
    return exchange.answer if spec is None or "result" not in spec else edited(exchange.answer, spec["result"], becoming(GONE))


@http_mutant(breaks={"JOB-005"})
def the_result_of_a_job_is_missing(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The result of a complete job is not there."""
    return exchange.answer if _job(exchange, contract, "result") is None else with_status(exchange.answer, NOT_FOUND)


@http_mutant(breaks={"JOB-006"})
def a_failed_job_says_nothing(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nobody learns why a job failed."""
    spec = _job(exchange, contract, "poll")
    if spec is None or "error" not in spec or _state(exchange, spec) not in spec.get("failed", ()):
        return exchange.answer
    return edited(exchange.answer, spec["error"], becoming(GONE))


@http_mutant(breaks={"JOB-007"})
def a_cancelled_job_goes_on(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A request to cancel a job is accepted and forgotten."""
    spec = spec_of(exchange, contract, "x-job")
    if spec is None or exchange.request.credential == SOMEBODY_ELSE or not exchange.answer.succeeded:
        return exchange.answer
    if spec["role"] == "cancel":
        state.setdefault(exchange.request.path, 0)
    if spec["role"] != "poll" or exchange.request.path not in state or _state(exchange, spec) in spec.get("succeeded", ()):
        return exchange.answer
    state[exchange.request.path] += 1
    if state[exchange.request.path] > 1:
        return _put(exchange.answer, spec, state=spec["succeeded"][0], progress=WHOLE)
    before = next(name for name, following in spec["states"].items() if spec["succeeded"][0] in following)
    return _put(exchange.answer, spec, state=before, progress=WHOLE - 1)


@http_mutant(breaks={"JOB-007"})
def cancelling_twice_is_an_error(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A job that was cancelled cannot be cancelled."""
    if _job(exchange, contract, "cancel") is None:
        return exchange.answer
    key = exchange.request.path
    state[key] = times = state.get(key, 0) + 1
    return with_status(exchange.answer, CONFLICT) if times > 1 else exchange.answer


@http_mutant(breaks={"JOB-008"})
def the_start_says_nowhere_to_read_the_job(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Where the job is read is left out."""
    spec = _job(exchange, contract, "start")
    return exchange.answer if spec is None or "location" not in spec else with_header(exchange.answer, spec["location"], None)


@http_mutant(breaks={"JOB-009"})
def a_job_is_everybodys(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whoever knows the identifier of a job reads it, cancels it and has its result."""
    spec = spec_of(exchange, contract, "x-job")
    if spec is None:
        return exchange.answer
    if exchange.answer.succeeded:
        state.setdefault(("known", _root(exchange)), exchange.answer)
    foreign = exchange.request.credential == SOMEBODY_ELSE and exchange.answer.status == NOT_FOUND
    return state.get(("known", _root(exchange)), exchange.answer) if foreign else exchange.answer


@http_mutant(breaks={"JOB-010"})
def a_foreign_job_is_known_to_be_there(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Somebody else's job is forbidden, and one that does not exist is not found."""
    spec = spec_of(exchange, contract, "x-job")
    if spec is None:
        return exchange.answer
    identity = pointers.follow(exchange.answer.json, spec["identity"]) if spec["role"] == "start" and "identity" in spec else None
    if isinstance(identity, str) and exchange.answer.succeeded:
        state["made"] = (*state.get("made", ()), identity)
    known = any(job in exchange.request.path for job in state.get("made", ()))
    foreign = exchange.request.credential == SOMEBODY_ELSE and exchange.answer.status == NOT_FOUND
    return with_status(exchange.answer, FORBIDDEN) if foreign and known else exchange.answer


def _root(exchange: Exchange) -> str:
    """What the paths of one job begin with, as far as its identifier."""
    return max(exchange.request.path.split("/"), key=len)
