"""Wrong in what a filter leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, pointers

from assay_mutants.answering import careless, code_of, keep_success, spec_of, tenant_of, with_correlation
from assay_mutants.edits import Change, edited, raised
from assay_mutants.model import State, http_mutant


def _chosen(exchange: Exchange, spec: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    start = spec["parameter"] + "["
    return tuple((name[len(start) : -1], value) for name, value in exchange.request.query if name.startswith(start))


def _rest(exchange: Exchange, spec: Mapping[str, Any], dropped: tuple[str, ...]) -> tuple[Any, ...]:
    """The question without some fields of its filter."""
    names = {f"{spec['parameter']}[{name}]" for name in dropped}
    return tuple(sorted(pair for pair in exchange.request.query if pair[0] not in names))


def _answer_without(exchange: Exchange, contract: Contract, state: State, dropped: tuple[str, ...]) -> Response:
    """The answer that was given to the same question without some fields; its own where that was never asked."""
    spec = spec_of(exchange, contract, "x-filter")
    if spec is None or exchange.answer.status != 200:
        return exchange.answer
    state.setdefault((exchange.subject, _rest(exchange, spec, ())), exchange.answer)
    if not set(dropped) & {name for name, _ in _chosen(exchange, spec)}:
        return exchange.answer
    found: Response | None = state.get((exchange.subject, _rest(exchange, spec, dropped)))
    return exchange.answer if found is None or found.body == exchange.answer.body else with_correlation(found, exchange.answer, contract)


@http_mutant(breaks={"FIL-001", "FIL-002"})
def a_filter_is_ignored(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A single filter is not looked at."""
    spec = spec_of(exchange, contract, "x-filter")
    chosen = _chosen(exchange, spec) if spec else ()
    return _answer_without(exchange, contract, state, tuple(name for name, _ in chosen) if len(chosen) == 1 else ())


@http_mutant(breaks={"FIL-001", "FIL-004"})
def a_second_filter_is_ignored(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Of two filters only the first is looked at."""
    spec = spec_of(exchange, contract, "x-filter")
    chosen = _chosen(exchange, spec) if spec else ()
    return _answer_without(exchange, contract, state, (chosen[1][0],) if len(chosen) > 1 else ())


@http_mutant(breaks={"FIL-002", "FIL-006"})
def a_value_is_counted_with_another(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The last value of each field selects nothing: its facts are lost."""
    spec = spec_of(exchange, contract, "x-filter")
    if spec is None or exchange.answer.status != 200:
        return exchange.answer
    answer = exchange.answer
    for name, value in _chosen(exchange, spec):
        field = spec["fields"].get(name, {})
        if value == field.get("values", [None])[-1] or value == field.get("values", [None])[0]:
            if "items" in spec:
                answer = edited(answer, spec["items"], lambda seen: seen[1:])
            for pointer in field.get("partitions", ()) if field.get("partitions") != "items" else ():
                answer = edited(answer, pointer, lambda seen: max(0, seen - 1))
    return answer


@http_mutant(breaks={"FIL-003"})
def an_unknown_filter_value_is_ignored(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A value that is not known selects everything."""
    return _unknown(exchange, contract, state, field=False)


@http_mutant(breaks={"FIL-003"})
def an_unknown_filter_field_is_ignored(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A field that is not known is left aside."""
    return _unknown(exchange, contract, state, field=True)


def _unknown(exchange: Exchange, contract: Contract, state: State, *, field: bool) -> Response:
    keep_success(exchange, contract, state)
    spec = spec_of(exchange, contract, "x-filter")
    if spec is None or code_of(exchange, contract) != spec.get("invalid"):
        return exchange.answer
    strange = any(name not in spec["fields"] for name, _ in _chosen(exchange, spec))
    return careless(exchange, contract, state) if strange is field else exchange.answer


@http_mutant(breaks={"FIL-004"})
def two_filters_give_what_either_allows(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Two filters together are joined by `or`: more is given than either allows."""
    spec = spec_of(exchange, contract, "x-filter")
    if spec is None or exchange.answer.status != 200:
        return exchange.answer
    chosen = _chosen(exchange, spec)
    key = (exchange.subject, tenant_of(exchange, contract))
    if len(chosen) == 1:
        state.setdefault((*key, *chosen), exchange.answer)
    if len(chosen) < 2:
        return exchange.answer
    answer = exchange.answer
    for one in chosen:
        other: Response | None = state.get((*key, one))
        if other is None:
            continue
        if "items" in spec:
            more = pointers.follow(other.json, spec["items"])
            answer = edited(answer, spec["items"], _joined(more))
        field = spec["fields"].get(one[0], {})
        for pointer in field.get("narrows", field.get("partitions", ())) if "items" not in spec else ():
            by = pointers.follow(other.json, pointer)
            answer = edited(answer, pointer, raised(by if isinstance(by, int) else 0))
    return answer


@http_mutant(breaks={"FIL-005"})
def a_filter_raises_a_number(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A filter multiplies what it should narrow: a join gone wrong."""
    spec = spec_of(exchange, contract, "x-filter")
    if spec is None or exchange.answer.status != 200:
        return exchange.answer
    answer = exchange.answer
    for name, _ in _chosen(exchange, spec):
        field = spec["fields"].get(name, {})
        numbers = [*field.get("narrows", ()), *(field.get("partitions", ()) if field.get("partitions") != "items" else ())]
        for pointer in numbers:
            answer = edited(answer, pointer, lambda seen: seen * 20)
    return answer


@http_mutant(breaks={"FIL-005"})
def the_filter_of_one_field_is_ignored(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A field that only narrows is not looked at."""
    spec = spec_of(exchange, contract, "x-filter")
    if spec is None:
        return exchange.answer
    return _answer_without(exchange, contract, state, tuple(name for name, field in spec["fields"].items() if "narrows" in field))


def _joined(more: list[Any]) -> Change:
    """The change that adds to a list what it lacks of another."""
    return lambda seen: [*seen, *(item for item in more if item not in seen)]
