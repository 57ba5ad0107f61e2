"""The time at which a response says that it was generated, against `Date` and the kit's own clock."""

from __future__ import annotations

from dataclasses import dataclass

from assay_contracts import Contract
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at, instant, shown, written
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check
from assay_conformance.evidence import Evidence, Exchange
from assay_conformance.exchange_views import exchanges_of, operation_of
from assay_conformance.generation_terms import fixes_time, generated, longest_age
from assay_conformance.server_clock import SECOND, came, clock_of, sent

ROUNDING = SECOND
"""Microseconds by which a time in whole seconds can lie before the one that it stands for."""
TOLERANCE = SECOND
"""Microseconds by which two clocks of one server may differ."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A response and the time that it states, in microseconds since 1970; `free` is whether its request left that time open."""

    exchange: Exchange
    time: int
    free: bool


@check("CAC-009", kills={"a-response-is-generated-in-an-hour"})
def a_response_was_generated_before_it_came(evidence: Evidence, contract: Contract, subject: str) -> None:
    """The stated time lies after neither the response's own `Date` nor what the server's clock showed when the response had come."""
    clock, statements = clock_of(evidence), _statements(evidence, contract, subject)
    for item in statements:
        latest = clock.latest(item.exchange)
        if latest is not None and item.time > latest + TOLERANCE:
            wanted = f"a time not after the response, at {written(latest, 'date-time')}"
            raise Violation(wanted, written(item.time, "date-time"), item.exchange.purpose)
    if not any(clock.latest(item.exchange) is not None for item in statements):
        raise NotReached("no response that states when it was generated, or none with a Date, was received")


@check("CAC-010", kills={"a-response-is-generated-a-day-ago", "the-time-of-generation-stands-still"})
def a_response_was_generated_lately(evidence: Evidence, contract: Contract, subject: str) -> None:
    """The time lies before the request by no more than documented; where no `Date` tells, it moves on with the clock of the kit."""
    clock, free = clock_of(evidence), [item for item in _statements(evidence, contract, subject) if item.free]
    longest = longest_age(operation_of(contract, subject))
    dated = [(item, earliest) for item in free if (earliest := clock.earliest(item.exchange)) is not None]
    for item, earliest in dated:
        if item.time < earliest - longest - ROUNDING - TOLERANCE:
            wanted = f"a time at most {longest // 1000} ms before the request, at {written(earliest, 'date-time')}"
            raise Violation(wanted, written(item.time, "date-time"), item.exchange.purpose)
    if not dated and not _moves_on(free, longest):
        raise NotReached("no responses with and without a pause state when they were generated")


def _moves_on(statements: list[_Statement], longest: int) -> bool:
    """Whether the run was long enough to see a time stand; a violation where it moved less than the kit's clock, or more.

    Some constant difference of the two clocks must place every stated time between its request and its response.
    """
    if not statements:
        return False
    ahead = max(statements, key=lambda item: item.time - came(item.exchange))
    behind = min(statements, key=lambda item: item.time - sent(item.exchange))
    allowed = longest + ROUNDING + 2 * TOLERANCE
    if (ahead.time - came(ahead.exchange)) - (behind.time - sent(behind.exchange)) > allowed:
        passed = f"a time that moves on with the {abs(sent(behind.exchange) - sent(ahead.exchange)) / SECOND:.1f} s between two requests"
        raise Violation(passed, f"{written(ahead.time, 'date-time')} and {written(behind.time, 'date-time')}", behind.exchange.purpose)
    return max(sent(item.exchange) for item in statements) - min(came(item.exchange) for item in statements) > allowed


def _statements(evidence: Evidence, contract: Contract, subject: str) -> list[_Statement]:
    """The successes that state a time, in the order of the run; one that states something else there breaks the clause."""
    operation = operation_of(contract, subject)
    pointer = generated(operation).get("at")
    if pointer is None:
        raise NotConcerned
    found: list[_Statement] = []
    for exchange in exchanges_of(evidence, subject):
        stated = at(exchange.answer.json, pointer) if exchange.answer.succeeded else None
        if stated is None or stated is MISSING:
            continue
        time = instant(stated)
        if time is None:
            raise Violation(f"a time at {pointer}", brief(shown(stated)), exchange.purpose)
        found.append(_Statement(exchange, time, free=not fixes_time(exchange, operation, pointer)))
    return found
