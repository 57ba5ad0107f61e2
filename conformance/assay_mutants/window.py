"""Wrong in which facts a window holds, and in how a series is cut."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from assay_conformance.body_values import duration, instant, written
from assay_conformance.evidence import Exchange, Request, Response
from assay_contracts import Contract, pointers

from assay_mutants.answering import careless, code_of, keep_success, plain_query, spec_of, tenant_of, with_correlation
from assay_mutants.edits import edited, moved, raised, with_json
from assay_mutants.model import State, http_mutant

HOUR = 3_600_000_000


def _window(exchange: Exchange, contract: Contract) -> tuple[Mapping[str, Any] | None, int, int]:
    """The annotation and the window of a success; None where the answer is none."""
    spec = spec_of(exchange, contract, "x-window")
    if spec is None or exchange.answer.status != 200:
        return None, 0, 0
    start, end = (instant(exchange.request.parameter(spec[name])) for name in ("from", "to"))
    return (None, 0, 0) if start is None or end is None else (spec, start, end)


def _scaled(answer: Response, spec: Mapping[str, Any], by: float) -> Response:
    for pointer in spec.get("additive", ()):
        answer = edited(answer, pointer, raised(by))
    return answer


def _moved(request: Request, contract: Contract, *, start: int, end: int) -> Request:
    """The request with its window shifted by so many microseconds."""
    for operation in contract.operations:
        spec = operation.annotations.get("x-window")
        if spec and operation.path == request.path and spec["type"] == "date-time":
            by = {spec["from"]: start, spec["to"]: end}
            query = tuple(
                (name, written(moment + by[name], spec["type"]) if name in by and (moment := instant(value)) is not None else value)
                for name, value in request.query
            )
            return dataclasses.replace(request, query=query)
    return request


def _restated(exchange: Exchange, contract: Contract) -> Response:
    """The answer with the window that was really asked for, and the numbers of the one that was read instead."""
    spec, start, end = _window(exchange, contract)
    if spec is None or "echo" not in spec:
        return exchange.answer
    answer = edited(exchange.answer, spec["echo"]["from"], lambda _: written(start, spec["type"]))
    return edited(answer, spec["echo"]["to"], lambda _: written(end, spec["type"]))


def _end_later(request: Request, contract: Contract, state: State) -> Request:
    return _moved(request, contract, start=0, end=1)


def _both_later(request: Request, contract: Contract, state: State) -> Request:
    return _moved(request, contract, start=1, end=1)


@http_mutant(breaks={"WIN-002", "WIN-001"})
def the_end_is_counted_too(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A fact at the very end of a window counts in it; which instants have facts is learnt from the shortest windows."""
    spec, start, end = _window(exchange, contract)
    if spec is None:
        return exchange.answer
    counted = [pointers.follow(exchange.answer.json, pointer) for pointer in spec.get("additive", ())]
    key = (exchange.subject, tenant_of(exchange, contract))
    if end - start == 1 and any(counted):
        state[(*key, start)] = True
    if (end - start) % 60_000_000 and end % 1_000_000 == 0:
        return _scaled(exchange.answer, spec, 1)
    return _scaled(exchange.answer, spec, 1) if (*key, end) in state else exchange.answer


@http_mutant(breaks={"WIN-002"})
def the_start_is_left_out_and_the_end_counted(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Windows are open at their start and closed at their end; the shortest of them then lack their fact."""
    spec, start, end = _window(exchange, contract)
    if spec is None or end - start != 1:
        return exchange.answer
    counted = sum(pointers.follow(exchange.answer.json, pointer) or 0 for pointer in spec.get("additive", ()))
    if counted and start % 1_000 == 0:
        return _scaled(exchange.answer, spec, -counted)
    return exchange.answer


@http_mutant(breaks={"WIN-002", "WIN-001"}, request=_end_later, live_only=True)
def windows_are_closed_at_both_ends(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The end is read as included."""
    return _restated(exchange, contract)


@http_mutant(breaks={"WIN-002"}, request=_both_later, live_only=True)
def windows_are_open_at_the_start_and_closed_at_the_end(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The end is read as included and the start as excluded."""
    return _restated(exchange, contract)


@http_mutant(breaks={"WIN-001"})
def an_hour_at_the_edge_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Where a window does not end on the hour, some of what lies in its last one is not counted."""
    spec, _, end = _window(exchange, contract)
    return (
        exchange.answer if spec is None or end % HOUR == 0 else edited(exchange.answer, spec["additive"][0], lambda seen: max(0, seen - 2))
    )


@http_mutant(breaks={"WIN-003"})
def the_window_is_rounded(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The window that is stated is rounded to the minute."""
    spec, start, _ = _window(exchange, contract)
    if spec is None or "echo" not in spec:
        return exchange.answer
    return edited(exchange.answer, spec["echo"]["from"], lambda _: written(start // 60_000_000 * 60_000_000, spec["type"]))


@http_mutant(breaks={"WIN-003"})
def the_default_window_is_stated(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The window stated is that of the first answer."""
    spec, _, _ = _window(exchange, contract)
    if spec is None or "echo" not in spec:
        return exchange.answer
    first = state.setdefault("first", pointers.follow(exchange.answer.json, spec["echo"]["to"]))
    return edited(exchange.answer, spec["echo"]["to"], lambda _: first)


def _answered(exchange: Exchange, contract: Contract, state: State, kind: str) -> Response:
    keep_success(exchange, contract, state)
    spec = spec_of(exchange, contract, "x-window")
    if spec is None or code_of(exchange, contract) != spec.get("invalid"):
        return exchange.answer
    start, end = (instant(exchange.request.parameter(spec[name])) for name in ("from", "to"))
    if start is None or end is None:
        return exchange.answer
    found = "empty" if start == end else "reversed" if start > end else "long"
    return careless(exchange, contract, state) if found == kind else exchange.answer


@http_mutant(breaks={"WIN-004"})
def a_reversed_window_is_empty(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Start and end the wrong way round are answered."""
    return _answered(exchange, contract, state, "reversed")


@http_mutant(breaks={"WIN-004"})
def an_empty_window_is_answered(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A window without length is answered."""
    return _answered(exchange, contract, state, "empty")


@http_mutant(breaks={"WIN-004"})
def a_long_window_is_cut(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A window that is too long is answered as far as it goes."""
    return _answered(exchange, contract, state, "long")


SeriesChange: TypeAlias = Callable[[list[Any], Mapping[str, Any]], list[Any]]


def _with_series(exchange: Exchange, contract: Contract, change: SeriesChange) -> Response:
    spec = spec_of(exchange, contract, "x-window")
    if spec is None or "series" not in spec or exchange.answer.status != 200:
        return exchange.answer
    if not isinstance(pointers.follow(exchange.answer.json, spec["series"]["at"]), list):
        return exchange.answer
    return edited(exchange.answer, spec["series"]["at"], lambda seen: change(seen, spec["series"]))


@http_mutant(breaks={"WIN-005"})
def empty_buckets_are_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Only buckets with facts are listed; where all have some, the second is left out."""

    def change(seen: list[Any], series: Mapping[str, Any]) -> list[Any]:
        kept = [item for item in seen if any(pointers.follow(item, member) for member in series["additive"].values())]
        return kept if len(kept) < len(seen) or len(seen) < 2 else [seen[0], *seen[2:]]

    return _with_series(exchange, contract, change)


@http_mutant(breaks={"WIN-005"})
def the_last_bucket_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The step in which a window ends is not listed."""
    return _with_series(exchange, contract, lambda seen, series: seen[:-1])


@http_mutant(breaks={"WIN-005"})
def a_bucket_stands_twice(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The first step is listed twice."""
    return _with_series(exchange, contract, lambda seen, series: [*seen[:1], *seen])


@http_mutant(breaks={"WIN-006"})
def a_bucket_lacks_a_fact(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The fullest bucket counts one less."""

    def change(seen: list[Any], series: Mapping[str, Any]) -> list[Any]:
        member = next(iter(series["additive"].values()))
        counts = [pointers.follow(item, member) for item in seen]
        if counts and max(counts) > 0:
            fullest = counts.index(max(counts))
            return [*seen[:fullest], _with_added(seen[fullest], member, -1), *seen[fullest + 1 :]]
        return seen

    return _with_series(exchange, contract, change)


@http_mutant(breaks={"WIN-006"})
def the_numbers_stand_one_bucket_too_late(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Each bucket has the numbers of the one before, the first those of the last."""

    def change(seen: list[Any], series: Mapping[str, Any]) -> list[Any]:
        starts = [item[series["start"]] for item in seen]
        turned = [*seen[-1:], *seen[:-1]]
        return [{**item, series["start"]: start} for item, start in zip(turned, starts, strict=True)]

    return _with_series(exchange, contract, change)


@http_mutant(breaks={"WIN-006"})
def a_series_is_given_unasked(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A series stands in answers for which none was asked."""
    spec = spec_of(exchange, contract, "x-window")
    if spec is None or "series" not in spec or exchange.answer.status != 200:
        return exchange.answer
    keys = pointers.split(spec["series"]["at"])
    body = exchange.answer.json
    if len(keys) != 1 or not isinstance(body, dict) or keys[0] in body:
        return exchange.answer
    return with_json(exchange.answer, {**body, keys[0]: []})


@http_mutant(breaks={"WIN-007"})
def a_settled_window_drifts(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Each answer to the same question counts one more."""
    spec, _, _ = _window(exchange, contract)
    if spec is None:
        return exchange.answer
    key = (exchange.subject, exchange.request.query)
    state[key] = state.get(key, -1) + 1
    return _scaled(exchange.answer, spec, state[key]) if state[key] else exchange.answer


@http_mutant(breaks={"WIN-007"})
def an_offset_is_not_looked_at(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A time with an offset is read as if it were in UTC, and so other facts are counted."""
    spec, _, _ = _window(exchange, contract)
    edges = [exchange.request.parameter(spec[name]) or "" for name in ("from", "to")] if spec else []
    if spec is None or not any("+" in edge and not edge.endswith("+00:00") for edge in edges):
        return exchange.answer
    return _scaled(exchange.answer, spec, 1)


@http_mutant(breaks={"WIN-008"})
def a_longer_window_has_less(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Windows of more than a day are sampled."""
    spec, start, end = _window(exchange, contract)
    if spec is None or end - start <= 24 * HOUR:
        return exchange.answer
    answer = exchange.answer
    for pointer in spec.get("additive", ()):
        answer = edited(answer, pointer, lambda seen: seen // 10)
    return answer


@http_mutant(breaks={"WIN-009"})
def the_longest_window_is_refused(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The longest window counts as too long."""
    spec = spec_of(exchange, contract, "x-window")
    if spec is not None and code_of(exchange, contract) == spec.get("invalid"):
        state["refused"] = exchange.answer
    spec, start, end = _window(exchange, contract)
    if spec is None or "longest" not in spec or end - start != duration(spec["longest"]) or "refused" not in state:
        return exchange.answer
    return with_correlation(state["refused"], exchange.answer, contract)


@http_mutant(breaks={"WIN-010"})
def late_facts_are_not_counted(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A window that was answered once is answered the same for ever."""
    spec, _, _ = _window(exchange, contract)
    if spec is None:
        return exchange.answer
    key = (
        exchange.subject,
        tenant_of(exchange, contract),
        plain_query(exchange, contract),
        exchange.request.header("accept-schema-version"),
    )
    kept: Response = state.setdefault(key, exchange.answer)
    counted, now = ([pointers.follow(item.json, pointer) for pointer in spec.get("additive", ())] for item in (kept, exchange.answer))
    return exchange.answer if counted == now else with_correlation(kept, exchange.answer, contract)


def _with_added(value: Any, pointer: str, by: int) -> Any:
    """A copy of a bucket with one number changed."""
    changed = copy.deepcopy(value)
    *above, last = pointers.split(pointer)
    pointers.follow(changed, pointers.join(*above))[last] += by
    return changed


@http_mutant(breaks={"WIN-011", "WIN-014"})
def a_rolling_window_ended_an_hour_ago(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Windows that end now are computed once an hour: both their edges are an hour older."""
    spec = spec_of(exchange, contract, "x-window")
    if spec is None or "rolling" not in spec or "echo" not in spec or exchange.answer.status != 200:
        return exchange.answer
    if any(exchange.request.parameter(spec[edge]) is not None for edge in ("from", "to")):
        return exchange.answer
    answer = exchange.answer
    for edge in ("from", "to"):
        answer = edited(answer, spec["echo"][edge], moved(-HOUR))
    return answer


@http_mutant(breaks={"WIN-012"})
def a_start_alone_is_accepted(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A window with one edge reaches to the present, or back to the beginning."""
    keep_success(exchange, contract, state)
    spec = spec_of(exchange, contract, "x-window")
    if spec is None or "rolling" not in spec or code_of(exchange, contract) != spec.get("invalid"):
        return exchange.answer
    given = [exchange.request.parameter(spec[edge]) is not None for edge in ("from", "to")]
    return careless(exchange, contract, state) if sum(given) == 1 else exchange.answer
