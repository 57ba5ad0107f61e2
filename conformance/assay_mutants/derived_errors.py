"""Derived mutants of errors: the envelope, what the taxonomy says of each code, the headers of each status, refusals that never come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, ErrorCode, Taxonomy, pointers

from assay_mutants.edits import (
    GONE,
    AnswerChange,
    Change,
    answering,
    becoming,
    edited,
    editing,
    heading,
    kebab,
    saying,
    with_header,
)
from assay_mutants.members import refused_text
from assay_mutants.model import HttpChange, HttpMutant, State
from assay_mutants.selectors import derived, error_code, of_code, of_errors


def derive_errors(contract: Contract) -> Iterator[HttpMutant]:
    """The mutants that follow from the taxonomy and from the errors that operations declare."""
    taxonomy = contract.taxonomy
    if taxonomy is None:
        return
    declared = {code for operation in contract.operations for code in operation.error_codes}
    yield from _envelope(taxonomy)
    yield from _correlation(taxonomy)
    yield from _headers(contract, taxonomy)
    yield from _whole(contract, taxonomy)
    for code in taxonomy.codes.values():
        if code.code in declared:
            yield from _code(code, contract, taxonomy)


def _envelope(taxonomy: Taxonomy) -> Iterator[HttpMutant]:
    for meaning, pointer in taxonomy.envelope.items():
        if meaning == "component":
            continue
        ways: tuple[tuple[str, Change], ...] = (
            ("is-missing", becoming(GONE)),
            ("is-null", becoming(None)),
            ("is-a-list", lambda seen: [seen]),
        )
        for ending, change in ways:
            breaks = {"OP-001"} | ({"ERR-005"} if meaning == "field" else {"COR-003"} if meaning == "correlationId" else set[str]())
            yield derived(
                kebab("error", meaning, ending),
                "*",
                breaks,
                of_errors(editing(pointer, change)),
            )
    plain: tuple[tuple[str, str, set[str], Change], ...] = (
        ("field", "names-another-parameter", {"ERR-005"}, lambda _: "undeclaredParameter"),
        ("message", "is-empty", {"OP-001"}, lambda _: ""),
        (
            "message",
            "shows-a-stack-trace",
            {"ERR-008"},
            lambda _: 'Traceback (most recent call last):\n  File "/srv/app/main.py", line 7, in answer',
        ),
        (
            "message",
            "shows-a-query",
            {"ERR-008"},
            lambda _: 'relation "facts" does not exist: SELECT event_id FROM facts WHERE tenant_id = $1',
        ),
        ("correlationId", "is-of-another-exchange", {"COR-003"}, lambda _: "another-exchange-0001"),
        ("code", "is-in-lower-case", {"OP-001", "ERR-001"}, lambda seen: str(seen).lower()),
    )
    for meaning, ending, breaks, change in plain:
        if meaning in taxonomy.envelope:
            yield derived(
                kebab("error", meaning, ending),
                "*",
                breaks,
                of_errors(editing(taxonomy.envelope[meaning], change)),
            )


def _correlation(taxonomy: Taxonomy) -> Iterator[HttpMutant]:
    header = taxonomy.correlation.get("header")
    if not header:
        return

    def constant(exchange: Exchange, contract: Contract, state: State) -> Response:
        return with_header(exchange.answer, header, "constant-0001")

    def ignored(exchange: Exchange, contract: Contract, state: State) -> Response:
        if exchange.request.header(header) is None:
            return exchange.answer
        state["count"] = state.get("count", 0) + 1
        return with_header(exchange.answer, header, f"own-identifier-{state['count']}")

    def echoed(exchange: Exchange, contract: Contract, state: State) -> Response:
        given = exchange.request.header(header)
        return exchange.answer if given is None else with_header(exchange.answer, header, given)

    def shouted(exchange: Exchange, contract: Contract, state: State) -> Response:
        given = exchange.request.header(header)
        if given is None or exchange.answer.header(header) != given:
            return exchange.answer
        return with_header(exchange.answer, header, given.swapcase())

    def missing(exchange: Exchange, contract: Contract, state: State) -> Response:
        return with_header(exchange.answer, header, None)

    def missing_in_errors(exchange: Exchange, contract: Contract, state: State) -> Response:
        return exchange.answer if exchange.answer.status < 400 else with_header(exchange.answer, header, None)

    def invalid(exchange: Exchange, contract: Contract, state: State) -> Response:
        return with_header(exchange.answer, header, "!")

    for name, breaks, change in (
        ("every-answer-has-one-correlation", {"COR-002", "COR-004"}, constant),
        ("the-correlation-of-the-client-is-replaced", {"COR-002"}, ignored),
        ("any-correlation-of-the-client-is-echoed", {"COR-005"}, echoed),
        ("the-correlation-of-the-client-changes-its-case", {"COR-002"}, shouted),
        ("answers-have-no-correlation", {"COR-001"}, missing),
        ("errors-have-no-correlation", {"COR-001"}, missing_in_errors),
        ("answers-have-an-invalid-correlation", {"COR-001"}, invalid),
    ):
        yield derived(name, "*", breaks, change)


def _headers(contract: Contract, taxonomy: Taxonomy) -> Iterator[HttpMutant]:
    """Each header that an error status declares: left out, and with a value that its schema refuses."""
    known: dict[tuple[str, str], str | None] = {}
    for operation in contract.operations:
        for status, response in operation.responses.items():
            if status.isdecimal() and int(status) >= 400:
                known.update({(status, name): refused_text(header) for name, header in response.headers.items() if header.required})
    for (status, name), wrong in sorted(known.items()):
        yield derived(kebab("error", status, name, "is-missing"), "*", {"OP-004"}, _declared(status, name, None))
        if wrong is not None:
            yield derived(kebab("error", status, name, "breaks-its-schema"), "*", {"OP-004"}, _declared(status, name, wrong))


def _declared(status: str, name: str, value: str | None) -> HttpChange:
    """Sets a header where the operation declares it for the status."""

    def fire(exchange: Exchange, contract: Contract, state: State) -> Response:
        answer = exchange.answer
        operation = next((item for item in contract.operations if item.id == exchange.subject), None)
        response = operation.responses.get(status) if operation else None
        if str(answer.status) != status or response is None or name not in response.headers:
            return answer
        return with_header(answer, name, value)

    return fire


def _whole(contract: Contract, taxonomy: Taxonomy) -> Iterator[HttpMutant]:
    """What befalls every error alike."""
    whole: tuple[tuple[str, set[str], AnswerChange], ...] = (
        ("errors-may-be-stored", {"ERR-006"}, heading("cache-control", "private, max-age=60")),
        ("errors-have-another-media-type", {"OP-003"}, heading("content-type", "text/html; charset=utf-8")),
        ("errors-have-no-body", {"OP-001"}, saying("")),
        ("errors-are-an-empty-object", {"OP-001"}, saying("{}")),
        ("errors-are-plain-text", {"OP-001"}, saying("error")),
        ("errors-are-a-teapot", {"ERR-001", "OP-002"}, answering(418)),
        ("errors-have-a-success-status", {"OP-001", "OP-006", "ERR-001"}, answering(200)),
    )
    for name, breaks, change in whole:
        yield derived(name, "*", breaks, of_errors(change))
    for operation in contract.operations:
        yield derived(kebab(operation.id, "refuses-nothing"), operation.id, {"OP-006", "COD-001"}, _accepts(None))


def _accepts(code: str | None) -> HttpChange:
    """Answers with the last success of the operation, else with the example of the contract, where an error was due."""

    def fire(exchange: Exchange, contract: Contract, state: State) -> Response:
        answer = exchange.answer
        if answer.status == 200:
            state[exchange.subject] = answer
            return answer
        found = error_code(answer, contract)
        if found is None or (code is not None and found != code) or (code is None and answer.status >= 500):
            return answer
        return state.get(exchange.subject) or _example(exchange.subject, contract) or answer

    return fire


def _example(subject: str, contract: Contract) -> Response | None:
    """The success that the contract itself gives as an example of an operation."""
    operation = next((item for item in contract.operations if item.id == subject), None)
    response = operation.responses.get("200") if operation else None
    if response is None:
        return None
    headers = [(name.lower(), header.schema.get("examples", [])) for name, header in response.headers.items()]
    for media, schema in response.content.items():
        known = pointers.follow(schema, str(schema["$ref"])) if "$ref" in schema else schema
        for example in known.get("examples", []):
            values = tuple((name, str(samples[0])) for name, samples in headers if samples)
            return Response(200, (("content-type", media), *values), orjson.dumps(example).decode())
    return None


def _code(code: ErrorCode, contract: Contract, taxonomy: Taxonomy) -> Iterator[HttpMutant]:
    """What can be wrong with one code."""
    envelope, name = taxonomy.envelope, kebab(code.code)

    def of(change: AnswerChange) -> HttpChange:
        return of_code(code.code, change)

    other_status = next(status for status in (400, 403, 404, 500, 503) if status != code.status)
    yield derived(
        kebab(name, "has-another-status"),
        "*",
        {"ERR-001", "OP-001"},
        of(answering(other_status)),
    )
    if "status" in envelope:
        yield derived(
            kebab(name, "states-another-status"),
            "*",
            {"ERR-001", "OP-001"},
            of(editing(envelope["status"], becoming(other_status))),
        )
    if "category" in envelope:
        others = [category for category in taxonomy.categories if category != code.category]
        beside = sorted({other.category for other in taxonomy.codes.values() if other.status == code.status} - {code.category})
        category = next(iter([*beside, *others]), "undeclared")
        yield derived(
            kebab(name, "has-another-category"),
            "*",
            {"ERR-002"},
            of(editing(envelope["category"], becoming(category))),
        )
    if "retryable" in envelope and code.retryable is not None:
        yield derived(
            kebab(name, "says-the-contrary-of-whether-to-retry"),
            "*",
            {"ERR-003"},
            of(editing(envelope["retryable"], lambda seen: not seen)),
        )
    for header in code.headers:
        yield derived(kebab(name, "comes-without", header), "*", {"ERR-004"}, of(heading(header, None)))
        if header == "Retry-After":
            for ending, value in (("comes-back-at-once", "0"), ("comes-back-at-some-time", "Wed, 21 Oct 2026 07:28:00 GMT")):
                yield derived(
                    kebab(name, ending),
                    "*",
                    {"FLT-004", "OP-004"},
                    of(heading("retry-after", value)),
                )
    if "code" in envelope:
        beside_codes = [other for other in taxonomy.codes.values() if other.status == code.status and other.code != code.code]
        instead = next((other for other in beside_codes if _declared_anywhere(contract, other.code)), None)
        if instead is not None:
            yield derived(kebab(name, "is-called", instead.code), "*", {"COD-001"}, of(_renamed(envelope, instead)))
        foreign = next((other.code for other in taxonomy.codes.values() if not _declared_anywhere(contract, other.code)), "UNDECLARED_CODE")
        yield derived(kebab(name, "is-called", foreign), "*", {"COD-002"}, of(editing(envelope["code"], becoming(foreign))))
    provoke = code.provoke
    breaks = {"COD-001"} | ({"FLT-001"} if "fault" in provoke else {"OP-006"})
    yield derived(kebab(name, "is-never-answered"), "*", breaks, _accepts(code.code))


def _declared_anywhere(contract: Contract, code: str) -> bool:
    return any(code in operation.error_codes for operation in contract.operations)


def _renamed(envelope: Mapping[str, Any], instead: ErrorCode) -> AnswerChange:
    """Another code of the same status in its place, with the category of that other."""

    def rename(answer: Response) -> Response:
        named = edited(answer, envelope["code"], becoming(instead.code))
        return edited(named, envelope["category"], becoming(instead.category)) if "category" in envelope else named

    return rename
