"""Wrong in how a list is read page by page."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from assay_conformance.body_values import items_at
from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, pointers
from assay_contracts.json_types import is_list

from assay_mutants.answering import careless, code_of, keep_success, spec_of, tenant_of, with_correlation
from assay_mutants.edits import becoming, edited, parsed, with_json
from assay_mutants.model import State, http_mutant


def _page(exchange: Exchange, contract: Contract) -> tuple[Mapping[str, Any] | None, list[Any]]:
    spec = spec_of(exchange, contract, "x-pagination")
    if spec is None or exchange.answer.status != 200:
        return None, []
    found = pointers.follow(exchange.answer.json, spec["items"])
    return (spec, found) if is_list(found) else (None, [])


def _mark(exchange: Exchange, spec: Mapping[str, Any]) -> str | None:
    return exchange.request.parameter(spec[spec["style"]]["parameter"])


def _next(exchange: Exchange, spec: Mapping[str, Any]) -> str | None:
    found = pointers.follow(exchange.answer.json, spec["cursor"]["next"])
    return found if isinstance(found, str) else None


def _with_items(exchange: Exchange, spec: Mapping[str, Any], change: Callable[[list[Any]], list[Any]]) -> Response:
    return edited(exchange.answer, spec["items"], change)


@http_mutant(breaks={"PAG-001"})
def the_last_item_of_a_page_stands_on_the_next_too(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The border of two pages belongs to both."""
    spec, items = _page(exchange, contract)
    if spec is None or not items:
        return exchange.answer
    kept = state.get(_mark(exchange, spec))
    following = _next(exchange, spec)
    if following:
        state[following] = items[-1]
    return (
        exchange.answer
        if kept is None
        else _with_items(exchange, spec, lambda seen: [kept, *seen[:-1]] if len(seen) > 1 else [kept, *seen])
    )


@http_mutant(breaks={"PAG-001"})
def the_second_page_is_the_first_again(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A cursor leads to the page on which it stands."""
    spec, items = _page(exchange, contract)
    if spec is None:
        return exchange.answer
    following = _next(exchange, spec)
    if following and _mark(exchange, spec) is None:
        state[following] = items
    kept = state.get(_mark(exchange, spec))
    return exchange.answer if kept is None else _with_items(exchange, spec, lambda _: kept)


@http_mutant(breaks={"PAG-002"})
def the_first_item_of_every_later_page_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The border of two pages belongs to neither."""
    spec, items = _page(exchange, contract)
    if spec is None or _mark(exchange, spec) is None or len(items) < 2:
        return exchange.answer
    return _with_items(exchange, spec, lambda seen: seen[1:])


@http_mutant(breaks={"PAG-002"})
def a_cursor_counts_in_pages_of_the_size_that_is_sent(exchange: Exchange, contract: Contract, state: State) -> Response:
    """After pages of one size, a larger one skips items."""
    spec, items = _page(exchange, contract)
    if spec is None or spec["style"] != "cursor":
        return exchange.answer
    size, following = exchange.request.parameter(spec["size"]["parameter"]), _next(exchange, spec)
    if following:
        state[following] = size
    before = state.get(_mark(exchange, spec), size)
    return exchange.answer if before == size or len(items) < 2 else _with_items(exchange, spec, lambda seen: seen[1:])


@http_mutant(breaks={"PAG-003"})
def two_page_sizes_lift_the_bound(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Of two sizes one is checked and the other is used."""
    spec = spec_of(exchange, contract, "x-pagination")
    if spec is None:
        return exchange.answer
    _, items = _page(exchange, contract)
    if items:
        keep_success(exchange, contract, state)
    sizes = [value for name, value in exchange.request.query if name == spec["size"]["parameter"]]
    known: Response | None = state.get((exchange.subject,))
    if len(sizes) < 2 or known is None:
        return exchange.answer
    return edited(known, spec["items"], lambda seen: [*seen] * (spec["size"]["maximum"] // len(seen) + 1) if seen else seen)


@http_mutant(breaks={"PAG-002"})
def the_list_ends_early(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The third page of small ones is the last."""
    spec, _ = _page(exchange, contract)
    if spec is None:
        return exchange.answer
    depth = state.get(_mark(exchange, spec), 1)
    following = _next(exchange, spec)
    if following is None:
        return exchange.answer
    state[following] = depth + 1
    if depth < 3:
        return exchange.answer
    answer = edited(exchange.answer, spec["cursor"]["next"], lambda _: None)
    return edited(answer, spec["more"], lambda _: False) if "more" in spec else answer


@http_mutant(breaks={"PAG-003"})
def pages_are_cut_short(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A page that is not the last lacks its last item."""
    spec, items = _page(exchange, contract)
    if spec is None or not items or _next(exchange, spec) is None:
        return exchange.answer
    return _with_items(exchange, spec, lambda seen: seen[:-1])


@http_mutant(breaks={"PAG-003"})
def one_item_too_many_stands_on_a_page(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The item that was read to see whether more follow is given too."""
    spec, items = _page(exchange, contract)
    if spec is None or not items or _next(exchange, spec) is None:
        return exchange.answer
    extra = {**items[-1], spec["identity"]: f"{items[-1][spec['identity']]}x"[-60:]}
    return _with_items(exchange, spec, lambda seen: [*seen, extra])


@http_mutant(breaks={"PAG-004"})
def more_is_said_on_the_last_page(exchange: Exchange, contract: Contract, state: State) -> Response:
    """More follow, always."""
    spec, _ = _page(exchange, contract)
    return exchange.answer if spec is None or "more" not in spec else edited(exchange.answer, spec["more"], lambda _: True)


@http_mutant(breaks={"PAG-004"})
def more_is_denied_before_the_last_page(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nothing follows, ever."""
    spec, _ = _page(exchange, contract)
    return exchange.answer if spec is None or "more" not in spec else edited(exchange.answer, spec["more"], lambda _: False)


@http_mutant(breaks={"PAG-004"})
def the_last_page_has_a_cursor(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The last page has a cursor, and says that nothing follows."""
    spec, _ = _page(exchange, contract)
    if spec is None:
        return exchange.answer
    return edited(exchange.answer, spec["cursor"]["next"], lambda seen: "bGFzdC1wYWdlLWN1cnNvcg" if seen is None else seen)


@http_mutant(breaks={"PAG-004"})
def an_empty_page_follows_the_last(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whether more follow is only found out on a page without items: the last one comes back empty."""
    spec, _ = _page(exchange, contract)
    if spec is None or _mark(exchange, spec) is None or _next(exchange, spec) is not None:
        return exchange.answer
    return _with_items(exchange, spec, lambda _: [])


@http_mutant(breaks={"PAG-005"})
def the_default_page_size_is_another(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Without a page size, half the default is used."""
    spec, items = _page(exchange, contract)
    if spec is None or exchange.request.parameter(spec["size"]["parameter"]) is not None:
        return exchange.answer
    half = spec["size"]["default"] // 2
    answer = _with_items(exchange, spec, lambda seen: seen[:half]) if len(items) > half else exchange.answer
    return edited(answer, spec["size"]["echo"], lambda _: half) if "echo" in spec["size"] else answer


@http_mutant(breaks={"PAG-005"})
def the_page_size_in_use_is_misstated(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The size stated is the number of items."""
    spec, items = _page(exchange, contract)
    if spec is None or "echo" not in spec["size"] or not items:
        return exchange.answer
    return edited(exchange.answer, spec["size"]["echo"], lambda _: len(items))


def _clamped(exchange: Exchange, contract: Contract, state: State, *, above: bool) -> Response:
    keep_success(exchange, contract, state)
    spec = spec_of(exchange, contract, "x-pagination")
    if spec is None or code_of(exchange, contract) != spec["size"].get("invalid"):
        return exchange.answer
    requested = exchange.request.parameter(spec["size"]["parameter"]) or ""
    if not requested.removeprefix("-").isdecimal() or (int(requested) > spec["size"]["maximum"]) is not above:
        return exchange.answer
    return careless(exchange, contract, state)


@http_mutant(breaks={"PAG-006"})
def a_page_size_too_large_is_clamped(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A size above the bound is answered with the largest."""
    return _clamped(exchange, contract, state, above=True)


@http_mutant(breaks={"PAG-006"})
def a_page_size_too_small_is_clamped(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A size below the bound is answered with the smallest."""
    return _clamped(exchange, contract, state, above=False)


def _issue(exchange: Exchange, contract: Contract, state: State) -> tuple[Mapping[str, Any] | None, Any, Any]:
    """Remember for whom each cursor was issued; gives that and what it is now used for, where it is refused."""
    keep_success(exchange, contract, state)
    spec = spec_of(exchange, contract, "x-pagination")
    if spec is None or spec["style"] != "cursor":
        return None, None, None
    order = spec_of(exchange, contract, "x-order") or {}
    narrowing = spec_of(exchange, contract, "x-filter") or {}
    start = f"{narrowing.get('parameter')}["
    here = {
        "tenant": tenant_of(exchange, contract),
        "sort": exchange.request.parameter(order.get("parameter", "sort")) or order.get("default"),
        "filter": tuple(sorted(pair for pair in exchange.request.query if pair[0].startswith(start))),
    }
    if exchange.answer.status == 200:
        following = _next(exchange, spec)
        if following:
            state.setdefault(("issued", following), here)
        return None, None, None
    if code_of(exchange, contract) != spec["cursor"].get("invalid"):
        return None, None, None
    return spec, state.get(("issued", _mark(exchange, spec))), here


@http_mutant(breaks={"PAG-007"})
def a_bad_cursor_starts_from_the_beginning(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A cursor that cannot be read is left aside."""
    spec, issued, _ = _issue(exchange, contract, state)
    return careless(exchange, contract, state) if spec is not None and issued is None else exchange.answer


@http_mutant(breaks={"PAG-014"})
def a_later_page_states_another_time(exchange: Exchange, contract: Contract, state: State) -> Response:
    """What a page behind a cursor states is that of its own moment."""
    spec = spec_of(exchange, contract, "x-pagination")
    cursor: Mapping[str, Any] = dict[str, Any]() if spec is None or spec["style"] != "cursor" else spec["cursor"]
    if not cursor.get("keeps") or not exchange.answer.succeeded or exchange.request.parameter(cursor["parameter"]) is None:
        return exchange.answer
    return edited(exchange.answer, cursor["keeps"][0], lambda seen: [seen])


@http_mutant(breaks={"PAG-015"})
def the_total_counts_the_page(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The total is the number of items beside it."""
    spec = spec_of(exchange, contract, "x-pagination")
    pointer = None if spec is None else spec.get("offset", {}).get("total")
    if spec is None or pointer is None or not exchange.answer.succeeded:
        return exchange.answer
    return edited(exchange.answer, pointer, becoming(len(items_at(exchange.answer, spec["items"]) or ())))


@http_mutant(breaks={"PAG-008"})
def a_moved_cursor_starts_from_the_beginning(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A cursor of another tenant is left aside."""
    spec, issued, here = _issue(exchange, contract, state)
    return careless(exchange, contract, state) if spec is not None and issued and issued["tenant"] != here["tenant"] else exchange.answer


@http_mutant(breaks={"PAG-008"})
def a_cursor_is_not_bound_to_its_order(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A cursor issued for one order is followed in another."""
    spec, issued, here = _issue(exchange, contract, state)
    return careless(exchange, contract, state) if spec is not None and issued and issued["sort"] != here["sort"] else exchange.answer


@http_mutant(breaks={"PAG-008"})
def a_cursor_is_not_bound_to_its_filter(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A cursor issued for one filter is followed under another."""
    spec, issued, here = _issue(exchange, contract, state)
    return careless(exchange, contract, state) if spec is not None and issued and issued["filter"] != here["filter"] else exchange.answer


@http_mutant(breaks={"PAG-009"})
def an_expired_cursor_starts_from_the_beginning(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A cursor that was issued for this very list and is refused now, is followed nevertheless."""
    spec, issued, here = _issue(exchange, contract, state)
    return careless(exchange, contract, state) if spec is not None and issued == here else exchange.answer


@http_mutant(breaks={"PAG-010"})
def the_same_cursor_gives_the_items_in_another_order(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Every page is shuffled anew."""
    spec, items = _page(exchange, contract)
    if spec is None or len(items) < 2:
        return exchange.answer
    dice = state.setdefault("dice", random.Random(7))  # noqa: S311
    return _with_items(exchange, spec, lambda seen: dice.sample(seen, len(seen)))


def _refused_size(exchange: Exchange, contract: Contract, state: State, bound: str) -> Response:
    spec = spec_of(exchange, contract, "x-pagination")
    if spec is None:
        return exchange.answer
    if code_of(exchange, contract) == spec["size"].get("invalid"):
        state["refused"] = exchange.answer
    requested = exchange.request.parameter(spec["size"]["parameter"])
    if exchange.answer.status != 200 or requested != str(spec["size"][bound]) or "refused" not in state:
        return exchange.answer
    return with_correlation(state["refused"], exchange.answer, contract)


@http_mutant(breaks={"PAG-011"})
def the_largest_page_size_is_refused(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The upper bound is excluded."""
    return _refused_size(exchange, contract, state, "maximum")


@http_mutant(breaks={"PAG-011"})
def the_smallest_page_size_is_refused(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The lower bound is excluded."""
    return _refused_size(exchange, contract, state, "minimum")


@http_mutant(breaks={"PAG-012"})
def an_empty_list_says_more(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A page without items says that more follow, and where."""
    spec, items = _page(exchange, contract)
    if spec is None or items or "more" not in spec:
        return exchange.answer
    answer = edited(exchange.answer, spec["more"], lambda _: True)
    return edited(answer, spec["cursor"]["next"], lambda _: "bm90aGluZy1mb2xsb3dz")


@http_mutant(breaks={"PAG-012"})
def an_empty_list_is_not_found(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A list without items does not exist."""
    if exchange.answer.status == 404:
        state["missing"] = exchange.answer
    spec, items = _page(exchange, contract)
    if spec is None or items or _mark(exchange, spec) is not None or "missing" not in state:
        return exchange.answer
    body = parsed(state["missing"])
    return with_correlation(with_json(state["missing"], body), exchange.answer, contract)
