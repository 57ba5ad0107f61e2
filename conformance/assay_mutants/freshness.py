"""Wrong in how old the numbers of an answer are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_conformance.body_values import at as found_at
from assay_conformance.body_values import instant, number_at, without
from assay_conformance.evidence import Exchange, Response
from assay_conformance.exchange_views import date_of
from assay_conformance.freshness_terms import envelope
from assay_contracts import Contract

from assay_mutants.answering import plain_query, spec_of
from assay_mutants.edits import GONE, edited, moved
from assay_mutants.model import State, http_mutant

DAY = 86_400_000_000


def _fresh(exchange: Exchange, contract: Contract) -> Mapping[str, Any] | None:
    """The annotation where the answer is a whole one."""
    return spec_of(exchange, contract, "x-freshness") if exchange.answer.status == 200 else None


@http_mutant(breaks={"FRE-001"})
def the_source_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nothing says how the numbers were computed."""
    spec = _fresh(exchange, contract)
    return exchange.answer if spec is None else edited(exchange.answer, spec["source"], lambda _: GONE)


@http_mutant(breaks={"FRE-002"})
def the_delta_is_ahead_of_the_answer(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The delta reaches into the future."""
    spec = _fresh(exchange, contract)
    return exchange.answer if spec is None else edited(exchange.answer, spec["deltaAsOf"], moved(DAY))


@http_mutant(breaks={"FRE-003"})
def numbers_change_under_one_freshness(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Each time that a question comes again its first number is one more, though nothing is fresher."""
    spec, window = _fresh(exchange, contract), spec_of(exchange, contract, "x-window")
    pointer = next(iter((window or {}).get("additive", ())), None)
    if spec is None or pointer is None or number_at(exchange.answer.json, pointer) is None:
        return exchange.answer
    key = (exchange.subject, plain_query(exchange, contract))
    state[key] = times = state.get(key, -1) + 1
    return edited(exchange.answer, pointer, lambda seen: seen + times) if times else exchange.answer


@http_mutant(breaks={"FRE-004"})
def the_staleness_is_that_of_the_first_answer(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The staleness is kept with the numbers: here, that of a moment long ago."""
    spec = _fresh(exchange, contract)
    return exchange.answer if spec is None else edited(exchange.answer, spec["stalenessMs"], lambda seen: seen + 60_000)


@http_mutant(breaks={"FRE-005"})
def a_reason_is_given_for_a_whole_answer(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An answer is called partial the other way round."""
    spec = _fresh(exchange, contract)
    if spec is None or "partial" not in spec:
        return exchange.answer
    return edited(exchange.answer, spec["partial"]["at"], lambda seen: not seen)


@http_mutant(breaks={"FRE-006"})
def the_snapshot_is_a_day_old(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Rollups are made once a day."""
    spec = _fresh(exchange, contract)
    return exchange.answer if spec is None else edited(exchange.answer, spec["snapshotAsOf"], moved(-DAY))


@http_mutant(breaks={"FRE-007"})
def the_delta_is_a_day_old(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Facts are counted a day after they were accepted."""
    spec = _fresh(exchange, contract)
    return exchange.answer if spec is None else edited(exchange.answer, spec["deltaAsOf"], moved(-DAY))


@http_mutant(breaks={"FRE-008"})
def a_fact_is_counted_after_the_delta_says_so(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The first answer whose delta lies after the arrival of facts has the numbers of before."""
    spec, key = _fresh(exchange, contract), (exchange.request.path, exchange.request.query)
    if spec is None:
        return exchange.answer
    if exchange.purpose == "numbers before facts are accepted":
        state[key] = exchange.answer
    known: Response | None = state.get(key)
    if exchange.purpose != "numbers after facts were accepted" or known is None or (key, "done") in state:
        return exchange.answer
    arrived = state.setdefault((key, "arrived"), date_of(exchange.answer) or 0) + 1_000_000
    loose = envelope(contract.operation(exchange.subject))
    if without(exchange.answer.json, loose) == without(known.json, loose):
        return exchange.answer
    delta = found_at(exchange.answer.json, spec["deltaAsOf"])
    if (instant(delta) or 0) >= arrived:
        state[key, "done"] = True
    return edited(known, spec["deltaAsOf"], lambda _: delta)
