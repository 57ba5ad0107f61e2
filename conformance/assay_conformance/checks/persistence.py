"""Persistence: what was changed or created is read afterwards as it was sent, and nothing else changed with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assay_contracts import Contract
from assay_contracts.pointers import MISSING
from assay_contracts.stored_properties import StoredProperties, kept_properties, reader_of, stored_properties

from assay_conformance.body_values import shown
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check
from assay_conformance.evidence import Evidence, Exchange, Write
from assay_conformance.exchange_views import ACCEPTED, answered_in_time, date_of, operation_of, summarize
from assay_conformance.stored_values import is_counter, is_kept, lost_values, read_object, sent_object


@check("OP-012", kills={"a-change-is-not-kept"})
def what_was_changed_is_read(evidence: Evidence, contract: Contract, subject: str) -> None:
    """After a change with success the thing is there, with each value that was sent."""
    _expect_each_kept(evidence, contract, subject)


@check("OP-014", kills={"what-was-created-is-nowhere", "what-was-created-is-another"})
def what_was_created_is_read(evidence: Evidence, contract: Contract, subject: str) -> None:
    """After a creation with success the thing is there, with each value that was sent."""
    _expect_each_kept(evidence, contract, subject)


@check("OP-013", kills={"a-change-loses-what-it-does-not-name"})
def what_was_not_sent_stays(evidence: Evidence, contract: Contract, subject: str) -> None:
    """No property is changed by every request that leaves it out."""
    stored = _stored(contract, subject)
    operation = operation_of(contract, subject)
    kept = kept_properties(operation, contract.operations)
    writes = [item for item in evidence.of(Write) if item.subject == subject and _is_read(item)]
    apart = min(2, len(kept) - 1) if operation.method == "PATCH" else 1
    reached = False
    for name in sorted(kept):
        cases = [
            item for item in writes if _value(item.before, stored, name) and name not in sent_object(item.written.request, stored.sent)
        ]
        lost = [item for item in cases if not _stays(item, stored, name)]
        reached = reached or len(lost) < len(cases)
        # A change may have consequences for another property; one that has them whatever is changed is no consequence.
        if lost and len(lost) == len(cases) and len({frozenset(sent_object(item.written.request, stored.sent)) for item in lost}) >= apart:
            found = lost[0]
            wanted = f"{name} {brief(_value(found.before, stored, name), 120)}, which was not sent"
            raise Violation(wanted, brief(shown(_value(found.after, stored, name)), 120), _about(found))
    if not reached:
        raise NotReached("no change left out a property that the thing had")


def _expect_each_kept(evidence: Evidence, contract: Contract, subject: str) -> None:
    stored = _stored(contract, subject)
    writes = [item for item in evidence.of(Write) if item.subject == subject]
    if not writes:
        raise NotReached("nothing was written that can be read")
    server_set = _set_by_server(evidence, contract, subject, {item.after.subject for item in writes if item.after is not None})
    reasons = [_expect_kept(item, stored, server_set) for item in writes]
    if None not in reasons:
        raise NotReached(next(reason for reason in reasons if reason is not None))


def _expect_kept(write: Write, stored: StoredProperties, server_set: frozenset[str]) -> str | None:
    """Fail for a write that is not kept; why one tells nothing, None where it was kept."""
    written = answered_in_time(write.written)
    if not written.succeeded or written.status == ACCEPTED or write.after is None:
        return "nothing was written at once that can be read"
    sent = sent_object(write.written.request, stored.sent)
    if not answered_in_time(write.after).succeeded:
        raise Violation("what was written", summarize(write.after), _about(write))
    before, after = _object(write.before, stored), _object(write.after, stored)
    names = stored.names - server_set
    lost = lost_values(sent, after, names, before=before, moment=date_of(write.after.answer))
    if lost:
        name = lost[0]
        wanted = f"{name} {brief(sent[name], 120)} as sent (if the server sets it, declare it readOnly)"
        raise Violation(wanted, brief(shown(after.get(name, MISSING)), 120), _about(write))
    if not any(sent.get(name) is not None and not is_kept(sent[name], before.get(name, MISSING)) for name in names):
        return "every value that was sent was there before"
    return None


def _set_by_server(evidence: Evidence, contract: Contract, subject: str, readers: set[str]) -> frozenset[str]:
    """What no write of a thing ever sets, though others of its properties are kept: a contract may leave out that it is `readOnly`.

    A property that is empty after a write was forgotten, and one that the response to the write shows as sent was promised.
    An operation that keeps nothing at all has no excuse, and takes none from the others.
    """
    found: dict[str, bool] = {}
    beside: set[str] = set()
    for write in evidence.of(Write):
        if (
            write.after is None
            or write.after.subject not in readers
            or not (write.written.answer.succeeded and write.after.answer.succeeded)
        ):
            continue
        stored = _stored(contract, write.subject)
        sent, after = sent_object(write.written.request, stored.sent), _object(write.after, stored)
        confirmed = _object(write.written, stored)
        names = [name for name in stored.names if sent.get(name) is not None]
        lost = set(lost_values(sent, after, names, before={}, moment=date_of(write.after.answer)))
        for name in names:
            is_promised = name in confirmed and is_kept(sent[name], confirmed[name])
            is_set = name in lost and not is_promised and after.get(name) not in (None, "", [], {})
            found[name] = found.get(name, True) and is_set
        if len(lost) < len(names):
            beside |= lost
        elif len(names) > 1 and write.subject == subject:
            return frozenset()
    return frozenset(name for name in beside if found[name])


def _stored(contract: Contract, subject: str) -> StoredProperties:
    operation = operation_of(contract, subject)
    reader = reader_of(operation, contract.operations)
    found = stored_properties(operation, reader) if reader is not None else None
    if found is None:
        raise NotConcerned
    return found


def _is_read(write: Write) -> bool:
    """Whether a change was accepted at once, and the thing read before and after it."""
    accepted = write.written.answer.succeeded and write.written.answer.status != ACCEPTED
    return accepted and _succeeded((write.before, write.after))


def _succeeded(exchanges: Iterable[Exchange | None]) -> bool:
    return all(item is not None and item.answer.succeeded for item in exchanges)


def _stays(write: Write, stored: StoredProperties, name: str) -> bool:
    before, after = _value(write.before, stored, name), _value(write.after, stored, name)
    moment = date_of(write.after.answer) if write.after is not None else None
    return is_kept(before, after, moment=moment) or is_counter(before, after)


def _value(exchange: Exchange | None, stored: StoredProperties, name: str) -> Any:
    return _object(exchange, stored).get(name)


def _object(exchange: Exchange | None, stored: StoredProperties) -> dict[str, Any]:
    return read_object(exchange.answer if exchange is not None else None, stored.read)


def _about(write: Write) -> str:
    request = write.written.request
    return f"{write.purpose}: {request.method} {request.path} {brief(request.body, 120)}"
