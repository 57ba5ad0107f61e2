"""How a derived mutant is put together: a name, the clauses that it breaks, and the answers that it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from assay_conformance.evidence import Exchange, Response
from assay_conformance.exchange_views import code_in
from assay_contracts import Contract, pointers

from assay_mutants.edits import AnswerChange
from assay_mutants.model import HttpChange, HttpMutant, State

AskedChange: TypeAlias = Callable[[Response, Exchange, State], Response]
"""What happens to an answer in the light of what was asked, and of what was answered before."""


def derived(id: str, subject: str, breaks: Iterable[str], change: HttpChange) -> HttpMutant:
    """A derived mutant."""
    return HttpMutant(id, subject, frozenset(breaks), change, None, "derived")


def of_success(change: AnswerChange) -> HttpChange:
    """Changes the answers with a 2XX."""

    def fire(exchange: Exchange, contract: Contract, state: State) -> Response:
        answer = exchange.answer
        return change(answer) if answer.succeeded else answer

    return fire


def of_asked_success(change: AskedChange) -> HttpChange:
    """Changes the answers with a 2XX, knowing the request and what the mutant remembers."""

    def fire(exchange: Exchange, contract: Contract, state: State) -> Response:
        answer = exchange.answer
        return change(answer, exchange, state) if answer.succeeded else answer

    return fire


def of_status(status: int, change: AnswerChange) -> HttpChange:
    """Changes the answers with one status."""

    def fire(exchange: Exchange, contract: Contract, state: State) -> Response:
        answer = exchange.answer
        return change(answer) if answer.status == status else answer

    return fire


def of_code(code: str, change: AnswerChange) -> HttpChange:
    """Changes the errors that carry one code of the taxonomy."""

    def fire(exchange: Exchange, contract: Contract, state: State) -> Response:
        answer = exchange.answer
        return change(answer) if error_code(answer, contract) == code else answer

    return fire


def of_errors(change: AnswerChange) -> HttpChange:
    """Changes every error of the taxonomy."""

    def fire(exchange: Exchange, contract: Contract, state: State) -> Response:
        answer = exchange.answer
        return change(answer) if error_code(answer, contract) is not None else answer

    return fire


def error_code(answer: Response, contract: Contract) -> str | None:
    """The code of an error, None where the answer is no error of the taxonomy."""
    if contract.taxonomy is None or answer.status < 400:
        return None
    code: Any = code_in(answer, contract)
    return code if isinstance(code, str) else None


def number_at(value: Any, pointer: str) -> float | None:
    """The number that a pointer leads to, if it leads to one."""
    number = pointers.follow(value, pointer)
    return number if isinstance(number, int | float) and not isinstance(number, bool) else None


def annotation(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An annotation of an operation, empty where it has none."""
    return dict(source.get(name) or {})
