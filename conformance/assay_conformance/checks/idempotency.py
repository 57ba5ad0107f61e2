"""Idempotency: what a key makes of a request that comes again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import orjson
from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_list

from assay_conformance.body_values import at, differing, number_at, shown, without
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check
from assay_conformance.evidence import Evidence, Exchange, KeyedPair, KeyedRace, ReplayReadings
from assay_conformance.exchange_views import annotation, answered_in_time, has_code, succeeded, success_of, summarize

DENIED = (401, 403)
CHANGES = 2
"""So many repetitions must change what is read: the request itself may show late, but once only."""


@check("IDE-001", kills={"a-replay-is-a-new-request"})
def a_replay_gets_the_first_result(pair: KeyedPair, contract: Contract, subject: str) -> None:
    """The same request with the same key is answered as the first time."""
    _expect_how(pair, "same")
    _expect_same(pair.first, pair.again, contract, subject, pair.purpose)


@check("IDE-002", kills={"a-key-with-another-body-is-accepted"})
def a_key_with_another_body_is_refused(pair: KeyedPair, contract: Contract, subject: str) -> None:
    """The key of a request is refused with another body, with the documented code."""
    _expect_how(pair, "another-body")
    _expect_conflict(pair, contract, subject)


@check("IDE-003", kills={"a-replay-counts-once-more"})
def a_replay_changes_nothing(readings: ReplayReadings, contract: Contract, subject: str) -> None:
    """What can be read is the same after each repetition, but for what changes by itself."""
    reached = False
    for number, start in enumerate(readings.rounds[0].reads):
        series = [(item.replayed, item.reads[number]) for item in readings.rounds]
        if not all(read.answer.succeeded for _, read in series):
            continue
        reached = True
        moving = _moving(contract.operation(start.subject))
        steps = [
            (replayed, set(differing(before.answer.json, read.answer.json)), read) for (_, before), (replayed, read) in pairwise(series)
        ]
        loose = {*moving, *(place for replayed, places, _ in steps if not replayed for place in places)}
        firm = [(_firm(places, loose), read) for replayed, places, read in steps if replayed]
        changed = [(places, read) for places, read in firm if places]
        if len(changed) >= CHANGES:
            places, read = changed[-1]
            raise Violation("the same after a repetition", f"{', '.join(sorted(places))} of {read.request.path} changed", readings.purpose)
    if not reached:
        raise NotReached("nothing could be read before and after a repetition")


def _moving(operation: Operation) -> Iterator[str]:
    """What may change between two reads though nothing happened: what a cache calls volatile, and how fresh a response is."""
    yield from operation.volatile
    freshness = operation.annotations.get("x-freshness", {})
    yield from (freshness[name] for name in ("snapshotAsOf", "deltaAsOf", "stalenessMs") if isinstance(freshness.get(name), str))


def _firm(places: set[str], loose: set[str]) -> set[str]:
    """The places that are neither loose themselves nor within something that is."""
    return {place for place in places if not any(place == item or place.startswith(f"{item}/") for item in loose)}


@check("IDE-004", kills={"a-key-is-everybodys"})
def a_key_of_another_subject_is_another_key(pair: KeyedPair, contract: Contract, subject: str) -> None:
    """The key that one subject used is free for another one."""
    _expect_how(pair, "other-subject")
    _expect_free(pair)


@check("IDE-005", kills={"items-are-accepted-twice"})
def known_items_are_duplicates(pair: KeyedPair, contract: Contract, subject: str) -> None:
    """Items that were accepted before are counted as duplicates."""
    _expect_how(pair, "items-again")
    spec = annotation(contract, subject, "x-idempotency")["items"]
    first, again = success_of(pair.first).json, success_of(pair.again).json
    accepted = number_at(first, spec["accepted"])
    if not accepted:
        raise NotReached("no item of the batch was accepted")
    known = accepted + (number_at(first, spec["duplicate"]) or 0)
    counted = (at(again, spec["accepted"]), at(again, spec["duplicate"]))
    if counted != (0, known):
        wanted = f"0 accepted and {brief(known)} duplicates"
        raise Violation(wanted, f"{brief(shown(counted[0]))} and {brief(shown(counted[1]))}", pair.purpose)


@check("IDE-006", kills={"an-item-of-a-batch-is-not-counted"})
def the_counts_add_up(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Accepted, duplicate and rejected items are those that were sent."""
    spec = annotation(contract, subject, "x-idempotency")
    answer = succeeded(exchange)
    counts = [number_at(answer.json, spec["items"][name]) for name in ("accepted", "duplicate", "rejected")]
    sent = _items_in(exchange, spec["items"]["at"])
    if sum(count or 0 for count in counts) != sent:
        raise Violation(f"{sent} items in all", " + ".join(brief(count) for count in counts), exchange.purpose)


@check("IDE-007", kills={"an-equal-body-is-another-request"})
def bodies_are_compared_as_documented(pair: KeyedPair, contract: Contract, subject: str) -> None:
    """An equal JSON value in other bytes is the same request where values are compared, and another one where bytes are."""
    _expect_how(pair, "rewritten")
    if annotation(contract, subject, "x-idempotency")["compares"] == "json":
        _expect_same(pair.first, pair.again, contract, subject, pair.purpose)
    else:
        _expect_conflict(pair, contract, subject)


@check("IDE-008", kills={"a-replay-is-a-new-request"})
def requests_at_once_take_effect_once(race: KeyedRace, contract: Contract, subject: str) -> None:
    """Of several requests at once each gets the one result, or is refused as in progress; the result is there afterwards."""
    code = annotation(contract, subject, "x-idempotency")["inProgress"]
    for attempt in race.attempts:
        answer = answered_in_time(attempt)
        if answer.succeeded:
            _expect_same(race.again, attempt, contract, subject, race.purpose)
        elif answer.status < 400 or not has_code(answer, contract, (code,)):
            raise Violation(f"the first result, or {code}", summarize(attempt), race.purpose)
    success_of(race.again, race.purpose)


@check("IDE-009", kills={"a-refused-request-uses-its-key-up"})
def a_key_without_a_stored_result_is_free(pair: KeyedPair, contract: Contract, subject: str) -> None:
    """A key whose request was refused works with a right request."""
    _expect_how(pair, "after-refusal")
    status = answered_in_time(pair.first).status
    if not 400 <= status < 500:
        raise NotReached("the wrong request was not refused")
    success_of(pair.again, "a key whose first request was refused")


@check("IDE-010", kills={"a-key-is-everybodys"})
def a_key_in_another_scope_is_another_key(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each part of the scope that can be another one is: another subject, another operation."""
    scope = annotation(contract, subject, "x-idempotency")["scope"]
    tried = 0
    for how, names in (("other-subject", {"subject", "tenant"}), ("other-operation", {"operation"})):
        for pair in _pairs(evidence, subject, how) if names & set(scope) else ():
            tried += 1
            _expect_free(pair)
    if not tried:
        raise NotReached("no key was used in another scope; the target manifest may lack credentials.other")


def _items_in(exchange: Exchange, pointer: str) -> int:
    """How many items a batch had."""
    try:
        found = at(orjson.loads(exchange.request.body or ""), pointer)
    except orjson.JSONDecodeError:
        raise NotConcerned from None
    return len(found) if is_list(found) else 0


def _pairs(evidence: Evidence, subject: str, how: str) -> Iterator[KeyedPair]:
    return (pair for pair in evidence.of(KeyedPair) if pair.subject == subject and pair.how == how)


def _expect_how(pair: KeyedPair, how: str) -> None:
    if pair.how != how:
        raise NotConcerned


def _expect_same(first: Exchange, again: Exchange, contract: Contract, subject: str, about: str) -> None:
    """Two requests got one result: status, body and where it leads."""
    loose = contract.operation(subject).volatile
    one, two = success_of(first, "a right request with a key"), answered_in_time(again)
    parts = ((answer.status, answer.header("location"), without(answer.json, loose)) for answer in (one, two))
    wanted, actual = parts
    if wanted != actual and not (wanted[:2] == actual[:2] and one.body == two.body):
        raise Violation(summarize(first), summarize(again), about)


def _expect_conflict(pair: KeyedPair, contract: Contract, subject: str) -> None:
    success_of(pair.first, "a right request with a key")
    code = annotation(contract, subject, "x-idempotency")["conflict"]
    answer = answered_in_time(pair.again)
    if answer.status < 400 or not has_code(answer, contract, (code,)):
        raise Violation(code, summarize(pair.again), pair.purpose)


def _expect_free(pair: KeyedPair) -> None:
    """The second request of a pair is carried out: it is a success, and not the result of the first."""
    success_of(pair.first, "a right request with a key")
    if answered_in_time(pair.again).status in DENIED:
        raise NotReached(f"the credential {pair.again.request.credential!r} does not allow {pair.again.subject}")
    success_of(pair.again, pair.purpose)
