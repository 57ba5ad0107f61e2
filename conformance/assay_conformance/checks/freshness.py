"""Freshness: how old the numbers of an answer are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Contract
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at, duration, instant, number_at, shown, without, written
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check
from assay_conformance.evidence import Evidence, Exchange, FreshFacts
from assay_conformance.exchange_views import annotation, date_of, exchanges_of, operation_of, restless, succeeded
from assay_conformance.freshness_terms import envelope
from assay_conformance.generation_terms import fixes_time

SECOND = 1_000_000
TOLERANCE = SECOND
"""Microseconds by which two clocks of one server may differ; `Date` itself has whole seconds."""


@check("FRE-001", kills={"the-source-is-left-out"})
def a_success_states_its_freshness(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Source, snapshot, delta and staleness are there, each of its kind."""
    spec, body = annotation(contract, subject, "x-freshness"), _body(exchange)
    for name in ("snapshotAsOf", "deltaAsOf"):
        if instant(at(body, spec[name])) is None:
            raise Violation(f"a time at {spec[name]}", brief(shown(at(body, spec[name]))), exchange.purpose)
    if number_at(body, spec["stalenessMs"]) is None or not isinstance(at(body, spec["source"]), str):
        wanted = f"a number at {spec['stalenessMs']} and a string at {spec['source']}"
        raise Violation(
            wanted, f"{brief(shown(at(body, spec['stalenessMs'])))} and {brief(shown(at(body, spec['source'])))}", exchange.purpose
        )


@check("FRE-002", kills={"the-delta-is-ahead-of-the-answer"})
def snapshot_delta_and_answer_follow_each_other(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The snapshot is not later than the delta, nor the delta than the answer."""
    spec, body = annotation(contract, subject, "x-freshness"), _body(exchange)
    snapshot, delta, responded = (*(_time(body, spec[name], exchange) for name in ("snapshotAsOf", "deltaAsOf")), _date(exchange))
    if snapshot > delta or delta > responded + SECOND + TOLERANCE:
        wanted = f"a snapshot, a delta not before it, and an answer not before that, at {written(responded, 'date-time')}"
        raise Violation(wanted, f"{written(snapshot, 'date-time')}, {written(delta, 'date-time')}", exchange.purpose)


@check("FRE-003", kills={"numbers-change-under-one-freshness"})
def one_freshness_gives_the_same_numbers(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Two answers to one request with the same snapshot and delta, whole or partial alike, differ in nothing but what always may."""
    spec = annotation(contract, subject, "x-freshness")
    partial = spec.get("partial", {})
    loose = (*restless(contract.operation(subject)), spec["stalenessMs"])
    version = contract.taxonomy.schema_version.get("header", "") if contract.taxonomy is not None else ""
    known: dict[object, tuple[object, Exchange]] = {}
    reached = False
    for exchange in exchanges_of(evidence, subject):
        if exchange.answer.status != 200:
            continue
        request, body = exchange.request, exchange.answer.json
        question = (request.path, tuple(sorted(request.query)), request.credential, request.header(version))
        stated = [spec["snapshotAsOf"], spec["deltaAsOf"], *(partial[name] for name in ("at", "reason") if name in partial)]
        envelope = tuple(brief(shown(at(body, pointer))) for pointer in stated)
        numbers = without(body, loose)
        before, first = known.setdefault((question, envelope), (numbers, exchange))
        reached = reached or first is not exchange
        if before != numbers:
            raise Violation(brief(before, 160), brief(numbers, 160), f"{first.id} and {exchange.id}, with one snapshot and delta")
    if not reached:
        raise NotReached("no request was answered twice with one snapshot and delta")


@check("FRE-004", kills={"the-staleness-is-that-of-the-first-answer"})
def the_staleness_is_the_age_of_the_delta(exchange: Exchange, contract: Contract, subject: str) -> None:
    """It is the milliseconds from the delta to the answer."""
    spec, body = annotation(contract, subject, "x-freshness"), _body(exchange)
    stated = number_at(body, spec["stalenessMs"])
    age = _date(exchange) - _time(body, spec["deltaAsOf"], exchange)
    if stated is None or not age - TOLERANCE <= stated * 1000 <= age + SECOND + TOLERANCE:
        raise Violation(f"{max(0, age) // 1000} to {(age + SECOND) // 1000} ms", brief(stated), exchange.purpose)


@check("FRE-005", kills={"a-reason-is-given-for-a-whole-answer"})
def a_partial_answer_says_why(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The reason is there exactly when the answer is partial."""
    spec, body = annotation(contract, subject, "x-freshness")["partial"], _body(exchange)
    partial, reason = at(body, spec["at"]), at(body, spec["reason"])
    if not isinstance(partial, bool) or partial is not (reason is not MISSING and reason is not None):
        raise Violation("a reason exactly for a partial answer", f"{brief(shown(partial))} with {brief(shown(reason))}", exchange.purpose)


@check("FRE-006", kills={"the-snapshot-is-a-day-old"})
def the_snapshot_keeps_up(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The snapshot is not older than promised."""
    _expect_age(exchange, contract, subject, "snapshotAsOf", "longestLag")


@check("FRE-007", kills={"the-delta-is-a-day-old"})
def the_delta_keeps_up(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The delta is not older than promised."""
    _expect_age(exchange, contract, subject, "deltaAsOf", "deltaLag")


@check("FRE-008", kills={"a-fact-is-counted-after-the-delta-says-so"})
def accepted_facts_are_counted(evidence: Evidence, contract: Contract, subject: str) -> None:
    """An answer whose delta lies after the acceptance of facts has the numbers with them, where a later one has."""
    spec, loose, reached = annotation(contract, subject, "x-freshness"), envelope(operation_of(contract, subject)), False
    for facts in (item for item in evidence.of(FreshFacts) if item.subject == subject and item.after):
        answered_at = date_of(facts.after[0].answer)
        if answered_at is None:
            continue
        arrived = answered_at + SECOND  # the first of these answers came after the facts
        first = without(facts.before.answer.json, loose)
        answers = [item for item in facts.after if item.answer.status == 200]
        changed = [without(item.answer.json, loose) != first for item in answers]
        for place, answer in enumerate(answers):
            delta = instant(at(answer.answer.json, spec["deltaAsOf"]))
            if delta is None or delta < arrived:
                continue
            reached = reached or changed[place]
            if not changed[place] and any(changed[place + 1 :]):
                wanted = f"the numbers with the facts accepted before {written(arrived, 'date-time')}"
                raise Violation(wanted, f"those without them, with a delta of {written(delta, 'date-time')}", answer.purpose)
    if not reached:
        raise NotReached("no number of a question rested on the facts that were sent, or no answer had a Date")


def _expect_age(exchange: Exchange, contract: Contract, subject: str, name: str, limit: str) -> None:
    """Judge one response by its lag; one to a request that itself fixes the time of its numbers may be as old as that request wants."""
    spec = annotation(contract, subject, "x-freshness")
    if _fixes_time(exchange, contract, subject):
        raise NotConcerned
    age = _date(exchange) - _time(_body(exchange), spec[name], exchange)
    if age > duration(spec[limit]) + TOLERANCE:
        raise Violation(f"at most {spec[limit]} before the answer", f"{age // SECOND} s", f"{name} of {exchange.purpose}")


def _fixes_time(exchange: Exchange, contract: Contract, subject: str) -> bool:
    """Whether a request continues a list whose cursor keeps the time of the delta, or states that very time."""
    pointer = annotation(contract, subject, "x-freshness")["deltaAsOf"]
    return fixes_time(exchange, operation_of(contract, subject), pointer)


def _body(exchange: Exchange) -> Any:
    """The body of a whole answer; one that starts a job has no numbers yet."""
    answer = succeeded(exchange)
    if answer.status != 200:
        raise NotConcerned
    return answer.json


def _time(body: Mapping[str, Any], pointer: str, exchange: Exchange) -> int:
    moment = instant(at(body, pointer))
    if moment is None:
        raise Violation(f"a time at {pointer}", brief(shown(at(body, pointer))), exchange.purpose)
    return moment


def _date(exchange: Exchange) -> int:
    stated = date_of(exchange.answer)
    if stated is None:
        raise NotReached("the answer has no Date")
    return stated
