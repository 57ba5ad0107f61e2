"""Wrong in a state, its number, or the changes since another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, pointers

from assay_mutants.answering import spec_of, tenant_of
from assay_mutants.edits import GONE, edited, parsed, with_json
from assay_mutants.model import State, http_mutant


def _snapshot(exchange: Exchange, contract: Contract) -> tuple[Mapping[str, Any] | None, str | None]:
    spec = spec_of(exchange, contract, "x-snapshot")
    if spec is None or exchange.answer.status != 200 or not isinstance(pointers.follow(exchange.answer.json, spec["state"]), list):
        return None, None
    return spec, exchange.request.parameter(spec["after"])


def _put(answer: Response, pointer: str, value: Any) -> Response:
    """The answer with a member of its top level set."""
    body = parsed(answer)
    body[pointers.split(pointer)[-1]] = value
    return with_json(answer, body)


@http_mutant(breaks={"SNP-001"})
def an_entity_stands_in_the_state_twice(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The first entity is listed again at the end."""
    spec, _ = _snapshot(exchange, contract)
    return exchange.answer if spec is None else edited(exchange.answer, spec["state"], lambda seen: [*seen, *seen[:1]])


@http_mutant(breaks={"SNP-002"})
def the_sequence_number_goes_back(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Every other answer comes from a copy that is two changes behind."""
    spec, _ = _snapshot(exchange, contract)
    if spec is None:
        return exchange.answer
    state["n"] = state.get("n", 0) + 1
    return edited(exchange.answer, spec["sequence"], lambda seen: max(0, seen - 2)) if state["n"] % 2 == 0 else exchange.answer


@http_mutant(breaks={"SNP-003"})
def a_change_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The last change is not among the changes."""
    spec, after = _snapshot(exchange, contract)
    return exchange.answer if spec is None or after is None else edited(exchange.answer, spec["changes"], lambda seen: seen[:-1])


@http_mutant(breaks={"SNP-003", "SNP-006"})
def the_state_is_a_change_behind(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The state is that of the answer before, under the number of this one."""
    spec, _ = _snapshot(exchange, contract)
    if spec is None:
        return exchange.answer
    key = tenant_of(exchange, contract)
    kept, state[key] = state.get(key), pointers.follow(exchange.answer.json, spec["state"])
    return exchange.answer if kept is None else edited(exchange.answer, spec["state"], lambda _: kept)


@http_mutant(breaks={"SNP-003"})
def changes_stand_newest_first(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Changes are listed backwards."""
    spec, after = _snapshot(exchange, contract)
    return exchange.answer if spec is None or after is None else edited(exchange.answer, spec["changes"], lambda seen: seen[::-1])


@http_mutant(breaks={"SNP-004"})
def changes_are_given_unasked(exchange: Exchange, contract: Contract, state: State) -> Response:
    """There is always a list of changes."""
    spec, after = _snapshot(exchange, contract)
    return exchange.answer if spec is None or after is not None else _put(exchange.answer, spec["changes"], [])


@http_mutant(breaks={"SNP-004"})
def changes_are_kept_back(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Changes that were asked for are not given, and nothing is said of it."""
    spec, after = _snapshot(exchange, contract)
    return exchange.answer if spec is None or after is None else edited(exchange.answer, spec["changes"], lambda _: GONE)


@http_mutant(breaks={"SNP-004"})
def changes_are_called_truncated_and_given(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Changes are given and called truncated."""
    spec, after = _snapshot(exchange, contract)
    return exchange.answer if spec is None or after is None else _put(exchange.answer, spec["truncated"], True)


@http_mutant(breaks={"SNP-003", "SNP-004"})
def old_changes_are_passed_over(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Only the last few changes are kept, and whoever asks for more is not told."""
    spec, after = _snapshot(exchange, contract)
    return exchange.answer if spec is None or after is None else edited(exchange.answer, spec["changes"], lambda seen: seen[-5:])


@http_mutant(breaks={"SNP-004"})
def recent_changes_are_called_truncated(exchange: Exchange, contract: Contract, state: State) -> Response:
    """No change is kept."""
    spec, after = _snapshot(exchange, contract)
    if spec is None or after is None:
        return exchange.answer
    return _put(edited(exchange.answer, spec["changes"], lambda _: GONE), spec["truncated"], True)


@http_mutant(breaks={"SNP-005"})
def the_last_change_is_given_again(exchange: Exchange, contract: Contract, state: State) -> Response:
    """`after` is read as included."""
    spec, after = _snapshot(exchange, contract)
    if spec is None:
        return exchange.answer
    changes = pointers.follow(exchange.answer.json, spec["changes"])
    tenant = tenant_of(exchange, contract)
    if isinstance(changes, list) and changes:
        state[tenant] = changes[-1]
    if after is None or changes != [] or tenant not in state:
        return exchange.answer
    return _put(exchange.answer, spec["changes"], [state[tenant]])


@http_mutant(breaks={"SNP-006"})
def the_state_changes_without_its_number(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An entity comes and goes under one number."""
    spec, _ = _snapshot(exchange, contract)
    if spec is None:
        return exchange.answer
    state["n"] = state.get("n", 0) + 1
    return edited(exchange.answer, spec["state"], lambda seen: seen[1:]) if state["n"] % 2 else exchange.answer


@http_mutant(breaks={"SNP-007"})
def the_state_names_no_epoch(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nobody can tell its number from one of an earlier numbering."""
    spec, _ = _snapshot(exchange, contract)
    pointer = None if spec is None else spec.get("epoch")
    return exchange.answer if pointer is None else edited(exchange.answer, pointer, lambda _: GONE, "all")
