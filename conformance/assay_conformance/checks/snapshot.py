"""Snapshots: a state as of a sequence number, and the changes since an earlier one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts import Contract, pointers

from assay_conformance.body_values import at, items_at, shown
from assay_conformance.check import NeedsHook, NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.entities import comparable, named_properties
from assay_conformance.evidence import Evidence, Exchange, Response, Resync
from assay_conformance.exchange_views import annotation, exchanges_of, succeeded, success_of, summarize
from assay_conformance.stream_terms import epoch_of_state


@check("SNP-001", kills={"an-entity-stands-in-the-state-twice"})
def an_entity_stands_in_the_state_once(exchange: Exchange, contract: Contract, subject: str) -> None:
    """No identity occurs twice in the state."""
    spec = annotation(contract, subject, "x-snapshot")
    names = [item.get(spec["identity"]) for item in _state(succeeded(exchange), spec)]
    if not names:
        raise NotReached("no state had entities")
    expect(sorted({str(name) for name in names if names.count(name) > 1}), equals=[], about="repeated entities")


@check("SNP-002", kills={"the-sequence-number-goes-back"})
def the_sequence_number_never_goes_back(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Of two answers for one tenant and of one epoch, the one asked for after the other came has no smaller number."""
    spec = annotation(contract, subject, "x-snapshot")
    known: dict[tuple[str, str], list[tuple[float, int, str]]] = {}
    moved = 0
    for exchange in _successes(evidence, contract, subject):
        number = _sequence(exchange, spec)
        numbering = _numbering(exchange, contract, subject)
        before = [(seen, name) for ended, seen, name in known.get(numbering, ()) if ended < exchange.sent]
        if before:
            highest, name = max(before)
            expect(number, at_least=highest, about=f"the sequence number after that of {name}")
            moved += number > highest
        known.setdefault(numbering, []).append((exchange.sent + exchange.elapsed, number, exchange.id))
    if not moved:
        raise NeedsHook("the sequence number never moved")


@check("SNP-003", kills={"a-change-is-left-out", "the-state-is-a-change-behind", "changes-stand-newest-first"})
def an_earlier_state_with_its_changes_is_the_present_one(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each change put in the place of its entity, in order, turns the earlier state into the later one."""
    spec = annotation(contract, subject, "x-snapshot")
    replayed = 0
    for resync in evidence.of(Resync):
        if resync.subject != subject:
            continue
        earlier, later = success_of(resync.earlier), success_of(resync.later)
        changes = items_at(later, spec["changes"])
        if changes is None or _numbering(resync.earlier, contract, subject) != _numbering(resync.later, contract, subject):
            continue
        moved = _sequence(resync.later, spec) - _sequence(resync.earlier, spec)
        if moved and not changes:
            raise Violation(f"the changes of {moved} steps", "none", resync.later.id)
        names = _names(contract, subject, spec)
        state = {item.get(spec["identity"]): comparable(item, names) for item in _state(earlier, spec)}
        present = {item.get(spec["identity"]): comparable(item, names) for item in _state(later, spec)}
        members = {name for item in (*state.values(), *present.values()) for name in item}
        for change in changes:
            state[change.get(spec["identity"])] = {name: value for name, value in comparable(change, names).items() if name in members}
        odd = sorted(str(name) for name in set(state) | set(present) if state.get(name) != present.get(name))
        if odd:
            name = next(key for key in (*state, *present) if str(key) == odd[0])
            raise Violation(brief(state.get(name)), brief(present.get(name)), f"{odd[0]} after {len(changes)} changes, {resync.later.id}")
        _expect_numbered(changes, _sequence(resync.earlier, spec), _sequence(resync.later, spec), contract, spec)
        replayed += bool(changes)
    if not replayed:
        raise NeedsHook("no state was followed by changes")


@check("SNP-004", kills={"changes-are-given-unasked", "changes-are-kept-back", "changes-are-called-truncated-and-given"})
def changes_stand_where_they_were_asked_for(exchange: Exchange, contract: Contract, subject: str) -> None:
    """With the parameter there are changes, or the answer says that they are gone; without it there is neither."""
    spec = annotation(contract, subject, "x-snapshot")
    body = succeeded(exchange).json
    requested = exchange.request.parameter(spec["after"])
    given, truncated = isinstance(at(body, spec["changes"]), list), at(body, spec["truncated"]) is True
    if requested is None:
        expect((given, truncated), equals=(False, False), about="changes, and the mark that they are truncated, unasked")
        return
    if given == truncated:
        raise Violation("changes, or the mark that they are truncated", f"changes {given}, truncated {truncated}", f"after={requested}")
    if requested.isdecimal() and int(requested) > _sequence(exchange, spec):
        expect(truncated, equals=True, about=f"whether changes after {requested}, beyond the present, are truncated")


@check("SNP-004", kills={"recent-changes-are-called-truncated"})
def recent_changes_are_kept(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Changes since a state read a moment ago are given at least once, and every state was asked for both ways."""
    spec = annotation(contract, subject, "x-snapshot")
    resyncs = [item for item in evidence.of(Resync) if item.subject == subject]
    if not resyncs:
        raise NotReached("no changes were requested")
    kept = [item for item in resyncs if items_at(success_of(item.later), spec["changes"]) is not None]
    if not kept:
        raise Violation("the changes since a state read a moment ago", summarize(resyncs[0].later), "all are called truncated")


@check("SNP-004", kills={"old-changes-are-passed-over"}, hooked=True)
def changes_are_given_whole(exchange: Exchange, contract: Contract, subject: str) -> None:
    """However long ago the number was that a client names, every change after it is given, or it is said that they are gone."""
    spec = annotation(contract, subject, "x-snapshot")
    answer, requested = succeeded(exchange), exchange.request.parameter(spec["after"])
    changes, present = items_at(answer, spec["changes"]), _sequence(exchange, spec)
    if requested is None or not requested.isdecimal() or int(requested) >= present or changes is None:
        raise NotConcerned
    if not changes:
        raise Violation(f"the changes after {requested} up to {present}", "none, and nothing said of it", exchange.purpose)
    _expect_numbered(changes, int(requested), present, contract, spec)


@check("SNP-005", kills={"the-last-change-is-given-again"})
def nothing_comes_after_the_present(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Asked for what came after the number that the answer itself has, there are no changes."""
    spec = annotation(contract, subject, "x-snapshot")
    answer, requested = succeeded(exchange), exchange.request.parameter(spec["after"])
    if requested is None or not requested.isdecimal() or int(requested) != _sequence(exchange, spec):
        raise NotConcerned
    expect(shown(at(answer.json, spec["changes"])), equals=[], about="the changes after the present sequence number")


@check("SNP-006", kills={"the-state-changes-without-its-number"})
def a_sequence_number_means_one_state(evidence: Evidence, contract: Contract, subject: str) -> None:
    """All answers for a tenant with one number of one epoch have one state."""
    spec = annotation(contract, subject, "x-snapshot")
    names = _names(contract, subject, spec)
    known: dict[tuple[tuple[str, str], int], tuple[dict[Any, Any], str]] = {}
    compared = 0
    for exchange in _successes(evidence, contract, subject):
        state = {str(item.get(spec["identity"])): comparable(item, names) for item in _state(exchange.answer, spec)}
        key = (_numbering(exchange, contract, subject), _sequence(exchange, spec))
        first, name = known.setdefault(key, (state, exchange.id))
        if first != state:
            odd = sorted(name for name in set(first) | set(state) if first.get(name) != state.get(name))
            raise Violation(brief(first.get(odd[0])), brief(state.get(odd[0])), f"{odd[0]} at {key[1]}, {name} and {exchange.id}")
        compared += name != exchange.id and bool(state)
    if not compared:
        raise NotReached("no sequence number was seen twice")


@check("SNP-007", kills={"the-state-names-no-epoch"})
def a_state_names_its_epoch(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Without it nobody can tell a number from the same one of an earlier numbering."""
    succeeded(exchange)
    operation = contract.operation(subject)
    stated = epoch_of_state(exchange, operation) is not None
    expect(stated, equals=True, about=f"an epoch at {operation.annotations['x-snapshot']['epoch']}")


def _expect_numbered(changes: list[dict[str, Any]], first: int, last: int, contract: Contract, spec: Mapping[str, Any]) -> None:
    """Where changes carry their sequence number, they stand in its order: each after the earlier state, up to the later one."""
    member = pointers.split(spec["sequence"])[-1]
    numbers = [change[member] for change in changes if isinstance(change.get(member), int)]
    if len(numbers) == len(changes) and numbers:
        expect(numbers, equals=sorted(numbers), about="the order of the changes")
        received, wanted = sorted(set(numbers)), range(last, first, -_step(contract, spec))[::-1]
        if len(received) != len(wanted) or (received[0], received[-1]) != (wanted[0], wanted[-1]):
            expected = f"{len(wanted)} numbers, {wanted[0]} to {wanted[-1]}" if wanted else "no change"
            raise Violation(expected, f"{len(received)} numbers, {received[0]} to {received[-1]}", f"the changes after {first}")


def _step(contract: Contract, spec: Mapping[str, Any]) -> int:
    """By how much the number grows with each delta of the stream that has the same state."""
    for channel in contract.channels:
        if channel.id == spec.get("channel"):
            return int(channel.annotations.get("x-stream", {}).get("sequence", {}).get("step", 1))
    return 1


def _successes(evidence: Evidence, contract: Contract, subject: str) -> Iterator[Exchange]:
    return (item for item in exchanges_of(evidence, subject) if item.answer.succeeded)


def _names(contract: Contract, subject: str, spec: Mapping[str, Any]) -> frozenset[str] | None:
    """The properties of an entity that the success responses of an operation name."""
    operation = contract.operation(subject)
    found: set[str] = set()
    for status, response in operation.responses.items():
        for schema in response.content.values() if status.startswith("2") else ():
            found |= named_properties(schema, f"{spec['state']}/*") or frozenset()
    return frozenset(found) or None


def _state(answer: Response, spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = items_at(answer, spec["state"])
    if found is None:
        raise Violation(f"a list of entities at {spec['state']}", brief(shown(at(answer.json, spec["state"]))))
    return found


def _sequence(exchange: Exchange, spec: Mapping[str, Any]) -> int:
    found = at(success_of(exchange).json, spec["sequence"])
    if not isinstance(found, int) or isinstance(found, bool):
        raise Violation(f"a sequence number at {spec['sequence']}", brief(shown(found)), exchange.id)
    return found


def _numbering(exchange: Exchange, contract: Contract, subject: str) -> tuple[str, str]:
    """The tenant and the epoch of an answer: only numbers of one tenant and one epoch can be compared."""
    operation = contract.operation(subject)
    parameter = operation.annotations.get("x-tenancy", {}).get("parameter")
    tenant = (exchange.request.parameter(parameter) if parameter else None) or ""
    return tenant, epoch_of_state(exchange, operation) or ""
