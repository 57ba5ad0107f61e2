"""Streams: what an epoch promises of the sequence numbers that belong to it."""

from __future__ import annotations

import itertools

from assay_contracts import Contract, pointers

from assay_conformance.check import NotConcerned, NotReached, check, expect
from assay_conformance.checks.stream_joins import LATE, Numbering, sessions_by_numbering
from assay_conformance.evidence import Evidence, Exchange, FeedSession
from assay_conformance.exchange_views import exchanges_of
from assay_conformance.stream_terms import History, State, Stream, difference, epoch_of_state, history, resync_of, stream_named, whole


@check("STR-022", kills={"the-snapshot-states-no-epoch", "a-delta-states-another-epoch"})
def a_session_is_of_one_epoch(session: FeedSession, contract: Contract, subject: str) -> None:
    """Its snapshot says which, and no later message says another."""
    stream = stream_named(contract, subject)
    found = history(session, stream)
    if found is None:
        raise NotConcerned
    expect(found.epoch is not None, equals=True, about=f"an epoch at {stream.epoch} of the snapshot")
    for frame in session.received:
        stated = stream.epoch_of(frame.json)
        if stated is not None:
            expect(stated, equals=found.epoch, about=f"the epoch of a {stream.kind(frame)}")


@check("STR-023", kills={"the-numbering-begins-anew-in-each-session"})
def an_epoch_numbers_its_states_once(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Two sessions, and a session and the state over HTTP, have one state at one number; no later session begins before an earlier one."""
    stream = stream_named(contract, subject)
    compared = 0
    for numbering, group in sessions_by_numbering(evidence, stream).items():
        for (session, own), (other, known) in itertools.permutations(group, 2):
            _goes_on(session, own, other, known)
            state = known.at(own.start)
            if state is not None:
                compared += 1
                about = f"the snapshot at {own.start} of {session.id} ({session.purpose}) against {other.id}"
                expect(difference(state, own.state), equals="", about=about)
        for exchange, number, entities in _states(evidence, contract, stream, numbering):
            for session, own in group:
                state = own.at(number)
                if state is not None:
                    about = f"the state at {number} over HTTP ({exchange.id}) against {session.id} ({session.purpose})"
                    expect(difference(state, entities), equals="", about=about)
    if not compared:
        raise NotReached("no two sessions came to one sequence number of one epoch")


def _goes_on(session: FeedSession, own: History, other: FeedSession, known: History) -> None:
    """A session begins no earlier than where another one was some seconds before it opened; what it reads from may lag for so long."""
    begun = [known.start] if other.received and other.received[0].at <= session.opened - LATE else []
    before = max([*begun, *(step.number for step in known.steps if step.at <= session.opened - LATE)], default=None)
    if before is not None:
        expect(own.start, at_least=before, about=f"the number that {session.id} ({session.purpose}) begins with, after {other.id}")


def _states(evidence: Evidence, contract: Contract, stream: Stream, numbering: Numbering) -> list[tuple[Exchange, int, State]]:
    """The states over HTTP of one numbering; only those count that name their epoch."""
    operation = resync_of(contract, stream)
    if operation is None:
        return []
    terms = operation.annotations["x-snapshot"]
    parameter = operation.annotations.get("x-tenancy", {}).get("parameter")
    owner, epoch = numbering
    found: list[tuple[Exchange, int, State]] = []
    for exchange in exchanges_of(evidence, operation.id):
        whose = exchange.request.parameter(parameter) if parameter and stream.tenant is not None else exchange.request.credential
        number = whole(pointers.follow(exchange.answer.json, terms["sequence"])) if exchange.answer.succeeded else None
        if number is not None and epoch is not None and whose == owner and epoch_of_state(exchange, operation) == epoch:
            found.append((exchange, number, stream.entities(pointers.follow(exchange.answer.json, terms["state"]))))
    return found
