"""Rules of jobs: the states of one lead from its start to an end, and its operations agree about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.pointed import pointed
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import keyword
from assay_contracts.lint.subject import OperationPlace, Subject

_AGREED = ("states", "initial", "succeeded", "failed", "state", "identity", "operations")


@dataclass(frozen=True, slots=True)
class Job:
    """The states of one `x-job`, each with those that may follow it."""

    pointer: str
    operation: OperationPlace
    value: Mapping[str, Any]
    states: Mapping[str, tuple[str, ...]]
    initial: str
    final: frozenset[str]

    def reach(self, start: Iterable[str]) -> set[str]:
        """Every state that can follow, at once or later, with the start itself."""
        found: set[str] = set()
        waiting = list(start)
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting += self.states.get(here, ())
        return found


@rule("job-state-unknown")
def job_state_unknown(subject: Subject) -> Iterator[Problem]:
    """Every state that a job names is one of its states."""
    for job in jobs(subject):
        for pattern in ("/initial", "/states/*/*", "/succeeded/*", "/failed/*"):
            for at, state in pointers.matches(job.value, pattern):
                if isinstance(state, str) and state not in job.states:
                    yield Problem(job.pointer + at, f"the state {state} is not among: {', '.join(job.states)}")


@rule("job-state-without-a-way-out")
def job_state_without_a_way_out(subject: Subject) -> Iterator[Problem]:
    """Every state of a job leads to a final state."""
    for job in jobs(subject):
        for state in job.states:
            if job.final and not job.reach([state]) & job.final:
                yield Problem(
                    job.pointer + pointers.join("states", state), f"a job that is {state} never comes to an end: no final state follows"
                )


@rule("job-state-unreachable")
def job_state_unreachable(subject: Subject) -> Iterator[Problem]:
    """Every state of a job can be reached from the initial state."""
    for job in jobs(subject):
        for state in job.states.keys() - job.reach([job.initial]) if job.initial in job.states else ():
            yield Problem(job.pointer + pointers.join("states", state), f"no job that starts {job.initial} is ever {state}")


@rule("job-final-state-with-successors")
def job_final_state_with_successors(subject: Subject) -> Iterator[Problem]:
    """A final state of a job has no successors, and is not both a success and a failure."""
    for job in jobs(subject):
        for state in sorted(job.final & job.states.keys()):
            if job.states[state]:
                yield Problem(
                    job.pointer + pointers.join("states", state), f"{state} is final, and {', '.join(job.states[state])} may follow"
                )
        good, bad = (set(_texts(job.value.get(member))) for member in ("succeeded", "failed"))
        for state in sorted(good & bad):
            yield Problem(job.pointer, f"the state {state} is both a success and a failure")


@rule("job-states-differ-from-the-schema")
def job_states_differ_from_the_schema(subject: Subject) -> Iterator[Problem]:
    """The states and phases of a job are the values that the schema of the response allows."""
    for pointer in pointed(subject):
        if pointer.annotation not in ("x-job", "x-progress") or pointer.at not in ("/state", "/phase/at"):
            continue
        # A stream names the last of its states alone.
        whole, ends = pointer.annotation == "x-job" or pointer.at == "/phase/at", "/states" if pointer.annotation == "x-job" else "/final"
        declared = pointers.follow(pointer.value, "/phase/order" if pointer.at == "/phase/at" else ends)
        if not (is_list(declared) or is_mapping(declared)):
            continue
        named: list[Any] = [*declared]
        for schema in pointer.schemas:
            allowed = keyword(pointer.data, schema, "enum")
            if whole and is_list(allowed) and (missing := [value for value in allowed if value not in named]):
                yield Problem(pointer.where, f"the schema allows {', '.join(map(str, missing))}, which {pointer.annotation} does not name")
            if is_list(allowed) and (extra := [value for value in named if value not in allowed]):
                yield Problem(pointer.where, f"{pointer.annotation} names {', '.join(map(str, extra))}, which the schema does not allow")


@rule("job-operations-disagree")
def job_operations_disagree(subject: Subject) -> Iterator[Problem]:
    """The operations of a job agree on their roles and on the states."""
    declared = {job.operation.id: job for job in jobs(subject)}
    for job in declared.values():
        operations = job.value.get("operations")
        for role, id in operations.items() if is_mapping(operations) else ():
            other = declared.get(id) if isinstance(id, str) else None
            if other is None:
                continue
            if other.value.get("role") != role:
                yield Problem(job.pointer + pointers.join("operations", role), f"{id} says of itself that it is {other.value.get('role')}")
            for member in _AGREED:
                if member in job.value and member in other.value and job.value[member] != other.value[member]:
                    yield Problem(f"{job.pointer}/{member}", f"the {member} differ from those of {id}")


def jobs(subject: Subject) -> Iterator[Job]:
    """Every job that an operation of the document declares."""
    for pointer, name, value, _, holder in placed(subject):
        states = value.get("states") if name == "x-job" and is_mapping(value) else None
        if is_mapping(value) and is_mapping(states) and isinstance(holder, OperationPlace):
            final = frozenset((*_texts(value.get("succeeded")), *_texts(value.get("failed"))))
            following = {str(state): _texts(after) for state, after in states.items()}
            yield Job(pointer, holder, value, following, str(value.get("initial")), final)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if is_list(value) else ()
