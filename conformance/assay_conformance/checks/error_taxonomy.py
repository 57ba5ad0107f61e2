"""Errors, correlation identifiers and schema versions: what the taxonomy of the contract says of every answer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from assay_contracts import Contract
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import is_json

from assay_conformance.body_values import at, shown
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.declared_properties import declares
from assay_conformance.evidence import Evidence, Exchange, Refusal, Response, VersionAsk
from assay_conformance.exchange_views import (
    answered,
    code_in,
    envelope_member,
    failed,
    known_code,
    operation_of,
    succeeded,
    summarize,
    taxonomy_of,
)

LEAKS = re.compile(
    r"Traceback \(most recent|File \"|\.py\b|\bat [\w.$]+\([\w.]+:\d+\)|psycopg|asyncpg|sqlalchemy|sqlstate|"
    r"\b(SELECT|INSERT|UPDATE|DELETE)\b.+\b(FROM|INTO|SET)\b|(/usr|/home|/var|/etc|/opt|/tmp)/|[A-Z]:\\\\",
    re.IGNORECASE,
)
"""What an error message has when it tells of the implementation."""


INTERNALS = re.compile(
    r"Traceback \(most recent call last|File \"[^\"]{1,200}\", line \d+|\bat [\w$.<>]+ ?\([\w./\\:-]+:\d+(?::\d+)?\)|goroutine \d+ \[|"
    r"\.cs:line \d+|#\d+ /[\w./-]+\.php\(\d+\)|\.rb:\d+:in |SQLSTATE\b|ORA-\d{5}|"
    r"\bSELECT\s.{1,400}?\sFROM\s|\bINSERT\s+INTO\s|\bDELETE\s+FROM\s|\bUPDATE\s\S{1,100}\sSET\s",
    re.DOTALL,
)
"""A line of a stack trace of some language, or a SQL statement in capital letters, as databases repeat it."""


@check("ERR-001", kills={"the-body-repeats-another-status", "a-forbidden-request-is-400"})
def the_status_is_that_of_the_code(exchange: Exchange, contract: Contract) -> None:
    """The status line is the one that the taxonomy gives the code, and the body repeats it."""
    answer = failed(exchange)
    known = known_code(answer, contract)
    expect(answer.status, equals=known.status, about=f"the status of {known.code}")
    if "status" in taxonomy_of(contract).envelope:
        expect(shown(envelope_member(answer, contract, "status")), equals=answer.status, about=f"the status in the body of {known.code}")


@check("ERR-002", kills={"every-error-is-transient", "a-busy-store-is-unavailable"})
def the_category_is_that_of_the_code(exchange: Exchange, contract: Contract) -> None:
    """The category is the one that the taxonomy gives the code."""
    answer = failed(exchange)
    known = known_code(answer, contract)
    expect(shown(envelope_member(answer, contract, "category")), equals=known.category, about=f"the category of {known.code}")


@check("ERR-003", kills={"a-validation-error-says-retry", "a-busy-store-says-never-retry"})
def the_retryable_flag_is_that_of_the_code(exchange: Exchange, contract: Contract) -> None:
    """The flag is the one that the taxonomy gives the code; where it leaves it open, either is right."""
    answer = failed(exchange)
    known = known_code(answer, contract)
    found = shown(envelope_member(answer, contract, "retryable"))
    if known.retryable is None:
        expect(isinstance(found, bool), equals=True, about=f"whether the retryable flag of {known.code} is one")
        return
    expect(found, equals=known.retryable, about=f"the retryable flag of {known.code}")


@check("ERR-004", kills={"the-challenge-is-missing", "allow-is-missing", "allow-lists-the-method-that-was-refused"})
def an_error_carries_the_headers_of_its_code(exchange: Exchange, contract: Contract) -> None:
    """Each header that the taxonomy asks of the code is there."""
    answer = failed(exchange)
    known = known_code(answer, contract)
    if not known.headers:
        raise NotConcerned
    missing = [name for name in known.headers if not answer.header(name)]
    expect(missing, equals=[], about=f"the headers that {known.code} lacks")
    allow = answer.header("allow")
    if answer.status == 405 and allow is not None:
        refused, methods = exchange.request.method, {method.strip() for method in allow.split(",")}
        expect(refused in methods, equals=False, about=f"whether Allow ({allow}) lists {refused}, just refused")
        declared = {item.method for item in contract.operations if item.path == exchange.request.path}
        expect(sorted(declared - methods), equals=[], about="declared methods that Allow lacks")


@check("ERR-005", kills={"a-validation-error-names-another-field", "a-validation-error-names-no-field"})
def a_validation_error_names_its_parameter(refusal: Refusal, contract: Contract) -> None:
    """The error names the parameter that was wrong."""
    if not refusal.fields:
        raise NotConcerned
    answer = failed(refusal.exchange)
    expect(shown(envelope_member(answer, contract, "field")), among=refusal.fields, about=f"the field of {refusal.rule}")


@check("ERR-006", kills={"an-error-may-be-cached"})
def an_error_is_never_stored(exchange: Exchange, contract: Contract) -> None:
    """An error says `no-store`."""
    answer = failed(exchange)
    rules = [part.strip().lower() for part in (answer.header("cache-control") or "").split(",")]
    if "no-store" not in rules:
        raise Violation("Cache-Control: no-store", brief(answer.header("cache-control")), summarize(exchange))


@check("ERR-007", kills={"the-code-of-a-broken-rule-varies"})
def the_same_mistake_has_the_same_code(evidence: Evidence, contract: Contract) -> None:
    """All requests that break one rule in one way, whatever the value, are answered with one code."""
    found: dict[str, set[str]] = defaultdict(set)
    for refusal in evidence.of(Refusal):
        if refusal.exchange.response is not None:
            found[refusal.rule].add(brief(shown(code_in(refusal.exchange.response, contract))))
    if not any(len(codes) == 1 for codes in found.values()):
        raise NotReached("no rule was broken")
    for rule, codes in found.items():
        if len(codes) > 1:
            raise Violation("one code", " and ".join(sorted(codes)), f"requests that break {rule}")


@check("ERR-008", kills={"an-error-shows-its-stack", "an-error-shows-its-query"})
def an_error_tells_nothing_of_the_implementation(exchange: Exchange, contract: Contract) -> None:
    """No message has a stack trace, SQL or a path of the machine in it."""
    answer = failed(exchange)
    message = shown(envelope_member(answer, contract, "message"))
    found = LEAKS.search(str(message))
    if found:
        raise Violation("a message for a person", brief(found.group()), brief(message))


@check("ERR-009", kills={"an-error-shows-its-stack", "an-error-shows-its-query"})
def an_error_has_no_trace_and_no_query(exchange: Exchange, contract: Contract) -> None:
    """Nowhere in the body stands a line of a stack trace or a SQL statement, unless the request itself brought it."""
    taxonomy_of(contract)
    answer, request = failed(exchange), exchange.request
    sent = " ".join((request.path, *(value for _, value in (*request.query, *request.headers)), request.body or ""))
    for found in INTERNALS.finditer("\n".join(_texts(answer.json)) or answer.body):
        if found.group() not in sent:
            raise Violation("an error without a trace of the implementation", brief(found.group(), 120), summarize(exchange))


@check("COR-001", kills={"the-correlation-identifier-is-missing", "the-correlation-identifier-is-short"})
def every_answer_carries_an_identifier(exchange: Exchange, contract: Contract) -> None:
    """The header is there and fits the pattern."""
    answer = _correlated(exchange, contract)
    spec = taxonomy_of(contract).correlation
    found = answer.header(spec["header"])
    if found is None or not re.search(spec["pattern"], found):
        raise Violation(f"{spec['header']} that fits {spec['pattern']}", brief(found), summarize(exchange))


@check("COR-002", kills={"the-clients-identifier-is-dropped", "the-clients-identifier-is-lower-cased"})
def a_valid_identifier_comes_back(exchange: Exchange, contract: Contract) -> None:
    """A valid identifier of the client comes back unchanged."""
    answer = _correlated(exchange, contract)
    spec = taxonomy_of(contract).correlation
    sent = exchange.request.header(spec["header"])
    if sent is None or not re.search(spec["pattern"], sent):
        raise NotConcerned
    expect(answer.header(spec["header"]), equals=sent, about="the correlation identifier")


@check("COR-003", kills={"the-body-has-another-correlation-identifier"})
def an_error_repeats_its_identifier(exchange: Exchange, contract: Contract) -> None:
    """The body of an error has the identifier of its header."""
    answer = failed(exchange)
    header = taxonomy_of(contract).correlation["header"]
    expect(shown(envelope_member(answer, contract, "correlationId")), equals=answer.header(header), about="the identifier in the body")


@check("COR-004", kills={"every-answer-has-the-same-identifier"})
def a_given_identifier_is_unique(evidence: Evidence, contract: Contract) -> None:
    """No two answers to requests without a valid identifier carry the same one, nor one that a client made up.

    Requests of one trace may be given that of the trace, where the contract honors it.
    """
    spec = taxonomy_of(contract).correlation
    given: set[str] = set()
    number = 0
    for exchange in evidence.of(Exchange):
        if exchange.response is None:
            continue
        found = exchange.response.header(spec["header"])
        sent = exchange.request.header(spec["header"])
        if found is None or (sent is not None and re.search(spec["pattern"], sent)):
            continue
        if spec.get("traceparent") and found in (exchange.request.header("traceparent") or "").split("-"):
            continue
        number += 1
        if found in given:
            raise Violation("a unique identifier", brief(found), f"{exchange.purpose}: another response has it too")
        given.add(found)
    if number < 2:
        raise NotReached("fewer than two responses have an identifier")


@check("COR-005", kills={"any-identifier-is-echoed"})
def an_invalid_identifier_is_replaced(exchange: Exchange, contract: Contract) -> None:
    """An identifier that does not fit the pattern is replaced by one that does."""
    answer = _correlated(exchange, contract)
    spec = taxonomy_of(contract).correlation
    sent = exchange.request.header(spec["header"])
    if sent is None or re.search(spec["pattern"], sent):
        raise NotConcerned
    found = answer.header(spec["header"])
    if found is None or found == sent or not re.search(spec["pattern"], found) or (len(sent) >= 8 and sent in found):
        raise Violation("another identifier, which fits the pattern", brief(found), f"the client sent {brief(sent, 60)}")


@check("VER-001", kills={"the-schema-version-is-the-next-minor", "the-schema-version-is-left-out"})
def a_success_states_its_schema_version(exchange: Exchange, contract: Contract) -> None:
    """The payload states a version of the contract's own major and minor."""
    operation = operation_of(contract, exchange.subject)
    answer = succeeded(exchange)
    declared = operation.response(answer.status)
    if declared is None or not declared.content or not is_json(answer.media_type or "application/json"):
        raise NotConcerned
    spec = taxonomy_of(contract).schema_version
    # Health and catalogs have formats of their own, without a place for the version.
    if not declares(operation, spec["at"]):
        raise NotConcerned
    major, minor, _ = contract.id.version.split(".")
    # Who asked for another version that is served is answered with that one (VER-003).
    wanted = ".".join((exchange.request.header(spec["header"]) or "").split(".")[:2])
    if wanted in set(spec.get("served", ())) - {f"{major}.{minor}"}:
        raise NotConcerned
    found = shown(at(answer.json, spec["at"]))
    if not isinstance(found, str) or not re.fullmatch(rf"{major}\.{minor}\.(0|[1-9][0-9]*)", found):
        raise Violation(f"a schema version {major}.{minor}.x", brief(found), exchange.purpose)


@check("VER-002", kills={"any-schema-version-is-served"})
def an_unserved_version_is_refused(ask: VersionAsk, contract: Contract) -> None:
    """A version that is not served is refused with the contract code."""
    if ask.served:
        raise NotConcerned
    code = taxonomy_of(contract).schema_version["code"]
    if code_in(ask.exchange.answer, contract) != code or ask.exchange.answer.succeeded:
        raise Violation(code, summarize(ask.exchange), f"schema version {ask.version}")


@check("VER-002", kills={"no-asked-schema-version-is-served"})
def a_served_version_is_accepted(ask: VersionAsk, contract: Contract) -> None:
    """The contract's own version is served: by its major, its minor and whole."""
    if not ask.served:
        raise NotConcerned
    if not ask.exchange.answer.succeeded:
        raise Violation("a success", summarize(ask.exchange), f"schema version {ask.version}")


@check("VER-003", kills={"an-older-version-is-answered-with-the-newest"})
def a_version_is_answered_with_its_payload(ask: VersionAsk, contract: Contract) -> None:
    """Asked for a major and minor that is served, the payload states that version."""
    spec = taxonomy_of(contract).schema_version
    if not ask.served or not re.fullmatch(r"[0-9]+[.][0-9]+", ask.version):
        raise NotConcerned
    answer = succeeded(ask.exchange)
    if not is_json(answer.media_type or ""):
        raise NotConcerned
    stated = shown(at(answer.json, spec["at"]))
    if not isinstance(stated, str) or not stated.startswith(ask.version + "."):
        raise Violation(f"a schema version {ask.version}.x", brief(stated), ask.purpose)


def _texts(value: Any) -> Iterator[str]:
    """Every string of a JSON value, deep within too."""
    if isinstance(value, str):
        yield value
    for part in value.values() if is_mapping(value) else value if is_list(value) else ():
        yield from _texts(part)


def _correlated(exchange: Exchange, contract: Contract) -> Response:
    return answered(exchange)
