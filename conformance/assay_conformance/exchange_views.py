"""How checks read exchanges: which of them a clause speaks of, and what an error body says."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from assay_contracts import Contract, ErrorCode, Operation, Taxonomy
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at, shown
from assay_conformance.check import NotConcerned, NotReached, Violation, brief
from assay_conformance.evidence import Evidence, Exchange, Response

ACCEPTED = 202


def answered(exchange: Exchange) -> Response:
    """The answer of an exchange that has one and was not broken on purpose; the clause does not speak of any other."""
    if exchange.expected == "broken" or exchange.response is None:
        raise NotConcerned
    return exchange.response


def answered_itself(exchange: Exchange, contract: Contract) -> Response:
    """The answer of the operation itself; a request of another path or method that was sent for its sake is not answered by it."""
    operation = operation_of(contract, exchange.subject)
    template, path = operation.path.strip("/").split("/"), exchange.request.path.strip("/").split("/")
    same = len(template) == len(path) and all("{" in known or known == part for known, part in zip(template, path, strict=True))
    methods = {operation.method, "HEAD"} if operation.method == "GET" else {operation.method}
    if not same or exchange.request.method not in methods:
        raise NotConcerned
    return answered(exchange)


def answered_in_time(exchange: Exchange) -> Response:
    """The answer of an exchange; one that did not come in time shows nothing, and one that never came is a status of 0."""
    if exchange.slow:
        raise NotReached(f"{exchange.failure}: {exchange.purpose}")
    return exchange.answer


def succeeded(exchange: Exchange) -> Response:
    """The answer, when it is a success."""
    answer = answered(exchange)
    if not answer.succeeded:
        raise NotConcerned
    return answer


def whole(exchange: Exchange, contract: Contract) -> Response:
    """The success that carries what was asked for; one that accepts the work for later where the operation can also do it now does not."""
    answer = succeeded(exchange)
    if answer.status == ACCEPTED and "200" in operation_of(contract, exchange.subject).responses:
        raise NotConcerned
    return answer


def failed(exchange: Exchange) -> Response:
    """The answer, when it is an error."""
    answer = answered(exchange)
    if answer.status < 400:
        raise NotConcerned
    return answer


def success_of(exchange: Exchange, about: str = "") -> Response:
    """The answer of an exchange that a conversation rests on; that it is no success is a violation."""
    if not answered_in_time(exchange).succeeded:
        raise Violation("a success", summarize(exchange), about or exchange.purpose)
    return exchange.answer


def restless(operation: Operation) -> tuple[str, ...]:
    """The pointers of a response to what is no number of it: what its cache calls volatile, and the cursor of the next page."""
    cursor = operation.annotations.get("x-pagination", {}).get("cursor", {})
    return (*operation.volatile, *((cursor["next"],) if "next" in cursor else ()))


def summarize(exchange: Exchange) -> str:
    """Summarize the response of an exchange: its status and the start of its body, or why there is none."""
    if exchange.response is None:
        return f"no response ({exchange.failure})"
    return f"status {exchange.response.status} {brief(exchange.response.body, 160)}"


def annotation(contract: Contract, subject: str, name: str) -> Mapping[str, Any]:
    """The annotation of an operation; a clause of it does not speak of subjects without it."""
    operation = operation_of(contract, subject)
    found = operation.annotations.get(name)
    if not isinstance(found, Mapping):
        raise NotConcerned
    return found  # pyright: ignore[reportUnknownVariableType]


def operation_of(contract: Contract, subject: str) -> Operation:
    """The operation of that id; the clause does not speak of other subjects."""
    for operation in contract.operations:
        if operation.id == subject:
            return operation
    raise NotConcerned


def taxonomy_of(contract: Contract) -> Taxonomy:
    """The taxonomy; its clauses speak of no contract without one."""
    if contract.taxonomy is None:
        raise NotConcerned
    return contract.taxonomy


def date_of(answer: Response) -> int | None:
    """The time of an answer by its `Date`, in microseconds since 1970; None without one (RFC 9110, 6.6.1)."""
    return _http_time(answer.header("date") or "")


def pause_of(answer: Response, header: str) -> float | None:
    """The seconds that a response wants a client to wait (RFC 9110, 10.2.3); None where it says nothing of the kind.

    A date counts from the `Date` of the response; without one it is infinitely late.
    """
    stated = answer.header(header) or ""
    if stated.isdecimal():
        return float(stated)
    until, moment = _http_time(stated), date_of(answer)
    if until is None:
        return None
    return math.inf if moment is None else max(0.0, (until - moment) / 1_000_000)


@lru_cache(maxsize=4096)
def _http_time(text: str) -> int | None:
    """The microseconds since 1970 of an HTTP date; None where it is none."""
    try:
        return int(parsedate_to_datetime(text).timestamp()) * 1_000_000
    except ValueError:
        return None


def code_in(answer: Response, contract: Contract) -> Any:
    """What stands where an error body has its code; MISSING when nothing does.

    In a contract whose envelope has no code the status alone tells it: the first code of that status, whichever of several it is.
    """
    taxonomy = taxonomy_of(contract)
    pointer = taxonomy.envelope.get("code")
    if pointer is not None:
        return at(answer.json, pointer)
    return next((code for code, known in taxonomy.codes.items() if known.status == answer.status), MISSING)


def has_code(answer: Response, contract: Contract, codes: Collection[str]) -> bool:
    """Whether an error answers with one of these codes, as far as the contract tells codes apart."""
    taxonomy = taxonomy_of(contract)
    if "code" in taxonomy.envelope:
        return code_in(answer, contract) in codes
    return any(code in taxonomy.codes and taxonomy.codes[code].status == answer.status for code in codes)


def known_code(answer: Response, contract: Contract) -> ErrorCode:
    """What the taxonomy says of the code of an error."""
    found = code_in(answer, contract)
    known = taxonomy_of(contract).codes
    if not isinstance(found, str) or found not in known:
        raise Violation("an error code of the contract", brief(shown(found)), f"status {answer.status}")
    return known[found]


def envelope_member(answer: Response, contract: Contract, name: str) -> Any:
    """One fact of an error body; the clause does not speak of contracts whose envelope lacks it."""
    pointer = taxonomy_of(contract).envelope.get(name)
    if pointer is None:
        raise NotConcerned
    return at(answer.json, pointer)


def exchanges_of(evidence: Evidence, subject: str) -> Iterable[Exchange]:
    """The exchanges of a subject that were answered and not broken on purpose."""
    return (item for item in evidence.of(Exchange) if item.subject == subject and item.response is not None and item.expected != "broken")


def is_there(value: Any) -> bool:
    """Whether a pointer led to something."""
    return value is not MISSING
