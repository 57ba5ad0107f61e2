"""Wrong in what an idempotency key makes of a request that comes again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_mutants.answering import code_of, spec_of
from assay_mutants.edits import becoming, edit, edited, parsed, raised, with_json, with_status
from assay_mutants.model import State, http_mutant

CONFLICT = 409


def _key(exchange: Exchange, contract: Contract) -> str | None:
    """The idempotency key of a request."""
    spec = spec_of(exchange, contract, "x-idempotency")
    return exchange.request.header(spec["header"]) if spec else None


def _first(exchange: Exchange, contract: Contract, state: State) -> Exchange | None:
    """The first success under the key of a request, of any subject; None for the first itself."""
    key = _key(exchange, contract)
    if key is None:
        return None
    known: Exchange | None = state.get(("first", key))
    if known is None and exchange.answer.succeeded:
        state["first", key] = exchange
    return known


def _items(exchange: Exchange, contract: Contract) -> Mapping[str, str] | None:
    spec = spec_of(exchange, contract, "x-idempotency")
    return spec["items"] if spec and "items" in spec and exchange.answer.succeeded else None


@http_mutant(breaks={"IDE-001", "IDE-007", "IDE-008"})
def a_replay_is_a_new_request(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The key is not looked at: what comes again is done again."""
    first = _first(exchange, contract, state)
    if first is None or not exchange.answer.succeeded or exchange.request.credential != first.request.credential:
        return exchange.answer
    items = _items(exchange, contract)
    if items is not None:
        return _with_counts(exchange.answer, items, accepted=0)
    return _altered(exchange.answer)


@http_mutant(breaks={"IDE-002"})
def a_key_with_another_body_is_accepted(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A key gives its first result whatever the body."""
    first, spec = _first(exchange, contract, state), spec_of(exchange, contract, "x-idempotency")
    conflict = first is not None and spec is not None and code_of(exchange, contract) == spec["conflict"]
    return first.answer if first is not None and conflict else exchange.answer


@http_mutant(breaks={"IDE-003"})
def a_replay_counts_once_more(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A repetition is answered with the first result, and done again all the same."""
    if _first(exchange, contract, state) is not None and exchange.answer.succeeded:
        state["times"] = state.get("times", 0) + 1
    times = state.get("times", 0)
    if exchange.request.method != "GET" or not times or not exchange.answer.succeeded:
        return exchange.answer
    return _altered(exchange.answer, times)


@http_mutant(breaks={"IDE-004", "IDE-010"})
def a_key_is_everybodys(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A key that somebody used is used up for everybody."""
    first = _first(exchange, contract, state)
    other = first is not None and first.request.credential != exchange.request.credential
    return with_status(exchange.answer, CONFLICT) if other and exchange.answer.succeeded else exchange.answer


@http_mutant(breaks={"IDE-005"})
def items_are_accepted_twice(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An item that is known is taken for a new one."""
    items = _items(exchange, contract)
    return exchange.answer if items is None else _with_counts(exchange.answer, items, duplicate=0)


@http_mutant(breaks={"IDE-006"})
def an_item_of_a_batch_is_not_counted(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The counts of a batch are one too few."""
    items = _items(exchange, contract)
    if items is None:
        return exchange.answer
    name = "accepted" if pointers.follow(exchange.answer.json, items["accepted"]) else "duplicate"
    return edited(exchange.answer, items[name], raised(-1))


@http_mutant(breaks={"IDE-007"})
def an_equal_body_is_another_request(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Bodies are compared byte for byte."""
    first = _first(exchange, contract, state)
    if first is None or not exchange.answer.succeeded or exchange.request.body == first.request.body:
        return exchange.answer
    return with_status(exchange.answer, CONFLICT)


@http_mutant(breaks={"IDE-009"})
def a_refused_request_uses_its_key_up(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A key whose first request was wrong is good for nothing more."""
    key = _key(exchange, contract)
    if key is None:
        return exchange.answer
    if not exchange.answer.succeeded:
        state["refused", key] = True
        return exchange.answer
    return with_status(exchange.answer, CONFLICT) if ("refused", key) in state else exchange.answer


def _with_counts(answer: Response, items: Mapping[str, str], *, accepted: int | None = None, duplicate: int | None = None) -> Response:
    """The answer to a batch with one of its counts, and all the other items counted as the other."""
    body = parsed(answer)
    one, two = (pointers.follow(body, items[name]) for name in ("accepted", "duplicate"))
    if not isinstance(one, int) or not isinstance(two, int):
        return answer
    counts = (accepted, one + two) if accepted is not None else (one + two, duplicate)
    changed = edit(body, items["accepted"], becoming(counts[0]))
    return with_json(answer, body) if edit(body, items["duplicate"], becoming(counts[1])) or changed else answer


def _altered(answer: Response, by: int = 1) -> Response:
    """The answer with another value in the first place that has a number, else a string."""
    body: Any = parsed(answer)
    places = list(_leaves(body, ""))
    chosen = next((place for place, value in places if isinstance(value, int | float)), next((place for place, _ in places), None))
    if chosen is None:
        return answer
    edit(body, chosen, lambda seen: seen + by if isinstance(seen, int | float) else f"{seen}{by}")
    return with_json(answer, orjson.loads(orjson.dumps(body)))


def _leaves(value: Any, place: str) -> list[tuple[str, Any]]:
    if is_mapping(value):
        return [leaf for name, part in value.items() for leaf in _leaves(part, place + pointers.join(name))]
    if is_list(value):
        return [leaf for index, part in enumerate(value) for leaf in _leaves(part, f"{place}/{index}")]
    return [(place, value)] if place and isinstance(value, int | float | str) and not isinstance(value, bool) else []
