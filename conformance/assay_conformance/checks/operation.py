"""Operations: what each promises without being annotated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from assay_contracts import Contract, Operation, Response
from assay_contracts.media_types import is_json

from assay_conformance.authorization import BAD_CREDENTIALS
from assay_conformance.check import NeedsHook, NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.declared_properties import declared_properties
from assay_conformance.declared_statuses import MALFORMED, reachable_statuses
from assay_conformance.evidence import Evidence, Exchange
from assay_conformance.exchange_views import answered, answered_in_time, exchanges_of, operation_of, summarize
from assay_conformance.media_types import declared_schema, has_declared_type
from assay_conformance.validation import body_complaint, json_complaint, text_complaint

ERROR_FLOOR, SERVER_FLOOR, CONFLICT = 400, 500, 409
DENIED = (401, 403)
ABSENT = (404, 410)
OFTEN = 20
"""In so many objects a documented member should have stood once; in fewer nobody can tell whether it ever would."""


def _declared(exchange: Exchange, contract: Contract) -> Response:
    answer = answered(exchange)
    found = operation_of(contract, exchange.subject).response(answer.status)
    if found is None:
        raise NotConcerned
    return found


@check("OP-001", kills={"a-required-member-is-left-out", "a-number-becomes-text", "an-error-is-a-plain-string"})
def a_body_fits_its_schema(exchange: Exchange, contract: Contract) -> None:
    """The body is what the contract's own schema for that status and media type allows."""
    declared, answer = _declared(exchange, contract), exchange.answer
    if not declared.content and answer.status >= ERROR_FLOOR:
        raise NotConcerned  # many documents leave the bodies of their errors out
    if not declared.content:
        expect(answer.body, equals="", about=f"the body of a {answer.status}")
        return
    schema = declared_schema(declared.content, answer.media_type)
    if schema is None:
        raise NotConcerned
    wrong = body_complaint(schema, answer)
    if wrong is not None:
        raise Violation(f"a body that fits the schema of {answer.status}", brief(wrong), exchange.purpose)


@check("OP-002", kills={"an-error-has-a-status-of-its-own", "a-success-is-202"})
def a_status_is_declared(exchange: Exchange, contract: Contract) -> None:
    """The status is one that the operation declares."""
    if exchange.expected == "broken":
        raise NotConcerned
    operation = operation_of(contract, exchange.subject)
    status = answered_in_time(exchange).status
    if exchange.response is None:
        raise Violation("a response", f"none: {exchange.failure}", exchange.purpose)
    if operation.response(status) is None and not _is_of_security(exchange, operation):
        raise Violation("one of the statuses " + ", ".join(operation.responses), str(status), exchange.purpose)


def _is_of_security(exchange: Exchange, operation: Operation) -> bool:
    """Whether a status follows from the security of an operation, which many documents declare without its refusals."""
    denied = exchange.request.credential in (*BAD_CREDENTIALS, "unscoped")
    return exchange.answer.status in DENIED and operation.secured and denied


@check("OP-003", kills={"json-is-called-text", "the-media-type-is-missing"})
def a_media_type_is_declared(exchange: Exchange, contract: Contract) -> None:
    """The media type is one that the status declares."""
    declared = _declared(exchange, contract)
    if not declared.content:
        raise NotConcerned
    if declared_schema(declared.content, exchange.answer.media_type) is None:
        expect(exchange.answer.media_type, among=declared.content, about=f"the media type of a {exchange.answer.status}")


@check("OP-004", kills={"a-required-header-is-left-out", "a-header-breaks-its-schema"})
def headers_are_there_and_fit(exchange: Exchange, contract: Contract) -> None:
    """Each required header is there, and each declared one fits its schema."""
    declared, answer = _declared(exchange, contract), exchange.answer
    for name, header in declared.headers.items():
        value = answer.header(name)
        if value is None:
            if header.required:
                raise Violation(f"the header {name}", "none", f"status {answer.status}, {exchange.purpose}")
            continue
        wrong = text_complaint(header.schema, value)
        if wrong is not None:
            raise Violation(f"a header {name} that fits its schema", brief(value), brief(wrong))


@check("OP-005", kills={"a-right-request-is-refused"})
def a_right_request_is_accepted(exchange: Exchange, contract: Contract) -> None:
    """A request that the contract allows is answered with a success of a declared media type, or with 304."""
    operation = operation_of(contract, exchange.subject)
    if exchange.expected != "accepted":
        raise NotConcerned
    status = answered_in_time(exchange).status
    if status == CONFLICT and exchange.request.method not in ("GET", "HEAD") and str(CONFLICT) in operation.responses:
        raise NotConcerned  # what is stored already may contradict a right request
    if not (exchange.answer.succeeded or status == 304):
        raise Violation("a success", summarize(exchange), f"{exchange.purpose}: {_asked(exchange)}")
    declared = operation.response(status)
    if declared is not None and exchange.answer.body and not has_declared_type(declared.content, exchange.answer.media_type):
        raise Violation(f"a success as {' or '.join(declared.content)}", summarize(exchange), f"{exchange.purpose}: {_asked(exchange)}")


@check("OP-006", kills={"a-wrong-request-is-accepted", "a-wrong-request-breaks-the-server"})
def a_wrong_request_is_refused(exchange: Exchange, contract: Contract) -> None:
    """A request that the contract forbids is answered with a client error."""
    operation_of(contract, exchange.subject)
    if exchange.expected != "refused":
        raise NotConcerned
    if not ERROR_FLOOR <= answered_in_time(exchange).status < SERVER_FLOOR:
        raise Violation("a client error", summarize(exchange), f"{exchange.purpose}: {_asked(exchange)}")


@check("OP-007", kills={"not-modified-is-never-said"})
def every_status_is_reached(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each declared status was seen."""
    operation = operation_of(contract, subject)
    groups = reachable_statuses(operation, contract)
    seen = {found.status for item in exchanges_of(evidence, subject) if (found := operation.response(item.answer.status)) is not None}
    missing = [group for group in groups if seen.isdisjoint(group)]
    tried = {str(status) for item in evidence.of(Exchange) if item.subject == subject for status in _aimed_at(item, contract)}
    unanswered = [group for group in missing if tried & set(group)]
    if unanswered:
        raise Violation(f"the status {' or '.join(unanswered[0])} when it is provoked", "other statuses only")
    if missing:
        outcome = NeedsHook if all(_by_fault(status, operation, contract) for group in missing for status in group) else NotReached
        raise outcome(f"the statuses {', '.join(' or '.join(group) for group in missing)} were not seen")
    if not groups:
        raise NotReached("the operation declares no status that a request can bring about")


def _by_fault(status: str, operation: Operation, contract: Contract) -> bool:
    """Whether every code that the operation answers with this status is one that only a fault brings about."""
    if contract.taxonomy is None:
        return False
    known = contract.taxonomy.codes
    codes = [known[code] for code in operation.error_codes if code in known and str(known[code].status) == status]
    return bool(codes) and all("fault" in code.provoke for code in codes)


@check("OP-008", kills={"a-member-occurs-twice"})
def a_success_is_json_without_repeated_members(exchange: Exchange, contract: Contract) -> None:
    """A success body is JSON in UTF-8, each member once."""
    declared = _declared(exchange, contract)
    media_type = exchange.answer.media_type or ""
    other = declared_schema(declared.content, media_type) is not None and not is_json(media_type)
    if not exchange.answer.succeeded or other or not any(map(is_json, declared.content)):
        raise NotConcerned
    wrong = json_complaint(exchange.answer.body)
    if wrong is not None:
        raise Violation("JSON whose properties occur once", wrong, exchange.purpose)


@check("OP-010", kills={"a-member-occurs-twice"})
def a_json_success_has_no_repeated_members(exchange: Exchange, contract: Contract) -> None:
    """A success body that is called JSON is JSON in UTF-8, each member once."""
    _declared(exchange, contract)
    if not exchange.answer.succeeded or not is_json(exchange.answer.media_type or ""):
        raise NotConcerned
    wrong = json_complaint(exchange.answer.body)
    if wrong is not None:
        raise Violation("JSON whose properties occur once", wrong, exchange.purpose)


@check("OP-009", kills={"a-member-that-may-be-left-out-is-never-there"})
def every_documented_member_is_seen(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each member that the success schemas document was seen in some answer; one that many objects could have and none has is a finding."""
    operation = operation_of(contract, subject)
    documented = {place for place in declared_properties(operation) if place}
    seen: set[str] = set()
    objects: Counter[str] = Counter()
    for item in exchanges_of(evidence, subject):
        if item.answer.succeeded and not documented <= seen:
            _collect(item.answer.json, "", seen, objects)
    missing = sorted(documented - seen)
    never = [place for place in missing if objects[place.rpartition("/")[0]] >= OFTEN]
    if never:
        counted = ", ".join(f"{place} in none of {objects[place.rpartition('/')[0]]}" for place in never)
        raise Violation("each documented property at least once", counted)
    if missing:
        raise NotReached(f"never seen: {', '.join(missing)}")


def _aimed_at(exchange: Exchange, contract: Contract) -> Iterator[int]:
    """The statuses that a request was meant to bring about."""
    if contract.taxonomy is not None:
        known = contract.taxonomy.codes
        yield from (known[code].status for code in exchange.codes if code in known)
    if exchange.slow:
        return
    # A name of a form that its schema does not tell may be rejected before anybody looks for it.
    malformed = exchange.answer.status in MALFORMED
    yield from (status for status in exchange.aimed if not (malformed and status in ABSENT))
    if exchange.expected == "accepted":
        yield 304 if exchange.request.header("if-none-match") else 200


def _collect(value: Any, place: str, seen: set[str], objects: Counter[str]) -> None:
    if isinstance(value, dict):
        objects[place] += 1
        for name, member in value.items():  # pyright: ignore[reportUnknownVariableType]
            seen.add(f"{place}/{name}")
            _collect(member, f"{place}/{name}", seen, objects)
    elif isinstance(value, list):
        for member in value[:50]:  # pyright: ignore[reportUnknownVariableType]
            _collect(member, f"{place}/*", seen, objects)


def _asked(exchange: Exchange) -> str:
    request = exchange.request
    return brief(f"{request.method} {request.path} " + "&".join(f"{name}={value}" for name, value in request.query), 200)
